#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "convert/activations.h"

namespace podium::convert::test {

/// A tensor of the evaluator: every type is held as float.
struct Tensor {
  Shape shape;
  std::vector<float> values;
};

/// An engine for tests: runs models of a few operators on batches that lie in memory. Plain loops, so that it can be read.
class Evaluator : public ActivationSource {
 public:
  /// One map of the model's inputs for each batch.
  explicit Evaluator(std::vector<std::map<std::string, Tensor>> batches) : batches_(std::move(batches)) {}

  [[nodiscard]] std::int64_t batches() const override { return static_cast<std::int64_t>(batches_.size()); }
  [[nodiscard]] Result<void> run(const ::onnx::ModelProto& model, const OnActivations& sink) override;
  /// The outputs for one batch.
  [[nodiscard]] Result<std::vector<Tensor>> outputs(const ::onnx::ModelProto& model, std::size_t batch) const;

  std::int64_t runs = 0;         ///< of models
  std::int64_t batches_run = 0;  ///< over all of them

 private:
  std::vector<std::map<std::string, Tensor>> batches_;
};

}  // namespace podium::convert::test
