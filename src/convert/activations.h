#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "onnx-ml.pb.h"
#include "podium/types.h"

namespace podium::convert {

/// One value of a model, as an engine computed it for one batch. The memory is valid during the call that hands it over.
struct Activation {
  std::string name;
  Shape shape;
  std::span<const float> values;
};

/// Called for each batch in order; an error of it ends the run.
using OnActivations = std::function<Result<void>(std::int64_t batch, std::span<const Activation> values)>;

/// Runs models on the calibration inputs. The converter has no engine; who calls it lends one. The same model on the same batch gives the
/// same values.
class ActivationSource {
 public:
  virtual ~ActivationSource() = default;
  ActivationSource() = default;
  ActivationSource(const ActivationSource&) = delete;
  ActivationSource& operator=(const ActivationSource&) = delete;

  [[nodiscard]] virtual std::int64_t batches() const = 0;
  /// Runs `model` on batches 0 … batches()-1 and hands over its graph outputs, in their order, all of them as float. Memory does not grow
  /// with the number of batches.
  [[nodiscard]] virtual Result<void> run(const ::onnx::ModelProto& model, const OnActivations& sink) = 0;
};

/// A copy of `model` whose outputs are `values`, in that order; each a float value of the top graph. Weights are copied too.
[[nodiscard]] Result<::onnx::ModelProto> with_outputs(const ::onnx::ModelProto& model, std::span<const std::string> values);

}  // namespace podium::convert
