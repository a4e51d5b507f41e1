#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/result.h"
#include "onnx-ml.pb.h"

namespace podium::convert {

/// A conversion that can leave some of its layers as they are in the float model: what a search for sensitive layers tries.
class PartialConversion {
 public:
  virtual ~PartialConversion() = default;
  PartialConversion() = default;
  PartialConversion(const PartialConversion&) = delete;
  PartialConversion& operator=(const PartialConversion&) = delete;

  /// Names of the nodes whose conversion can be taken back one by one, in the order of the graph; others may go with them.
  [[nodiscard]] virtual const std::vector<std::string>& layers() const = 0;
  /// The model converted but for those layers, in a form that the engine which runs the calibration data runs.
  [[nodiscard]] virtual Result<::onnx::ModelProto> without(const std::set<std::string>& wide) = 0;
  /// Likewise, those layers alone converted, nothing else for their sake.
  [[nodiscard]] virtual Result<::onnx::ModelProto> only(const std::set<std::string>& layers) = 0;
};

}  // namespace podium::convert
