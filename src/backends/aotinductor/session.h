#pragma once

#include <ATen/core/Tensor.h>
#include <torch/csrc/inductor/aoti_package/model_package_loader.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/api/backend.h"

namespace podium::aotinductor {

/// How a cell's inputs are put into the order of the compiled call: `order[k]` is the place among LoadRequest::inputs of the call's
/// argument k.
using ArgumentOrder = std::vector<std::size_t>;

/// A compiled model. Inputs are read where the caller has them; outputs are PyTorch's own tensors, kept until the next run.
class AotSession final : public backend::Session {
 public:
  /// `folder` is where the package was unpacked to.
  AotSession(std::unique_ptr<torch::inductor::AOTIModelPackageLoader> loader, std::filesystem::path folder,
             const backend::LoadRequest& request, ArgumentOrder order, std::vector<std::string> output_names);
  ~AotSession() override;

  [[nodiscard]] Result<std::span<const TensorView>> run(std::span<const TensorView> inputs) override;
  [[nodiscard]] Result<Audit> audit() override;

 private:
  [[nodiscard]] Result<std::span<const TensorView>> view_outputs();

  std::unique_ptr<torch::inductor::AOTIModelPackageLoader> loader_;
  std::filesystem::path folder_;
  std::filesystem::path package_;
  Precision precision_;
  std::vector<backend::InputSpec> input_specs_;
  ArgumentOrder order_;
  std::vector<std::string> output_names_;
  std::vector<at::Tensor> outputs_;
  std::vector<TensorView> views_;
};

}  // namespace podium::aotinductor
