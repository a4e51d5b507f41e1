#pragma once

#include <string>
#include <unordered_map>

#include "onnx-ml.pb.h"

namespace podium::convert {

/// The element type of each value of the top graph, followed from the inputs and constants through the nodes; models need not declare
/// those in between.
class ElementTypes {
 public:
  explicit ElementTypes(const ::onnx::GraphProto& graph);
  /// As TensorProto.DataType numbers it; UNDEFINED where it is not known.
  [[nodiscard]] int of(const std::string& value) const;
  [[nodiscard]] bool is_float32(const std::string& value) const;

 private:
  std::unordered_map<std::string, int> types_;
};

}  // namespace podium::convert
