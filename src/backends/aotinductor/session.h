#pragma once

#include <ATen/core/Tensor.h>
#include <torch/csrc/inductor/aoti_package/model_package_loader.h>

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/api/backend.h"

namespace podium::aotinductor {

/// How a cell's inputs are put into the order of the compiled call: `order[k]` is the place among LoadRequest::inputs of the call's
/// argument k.
using ArgumentOrder = std::vector<std::size_t>;

/// A package's model, loaded once for all requests.
class LoadedPackage {
 public:
  using Loader = torch::inductor::AOTIModelPackageLoader;
  /// `folder` is where the package was unpacked to.
  LoadedPackage(std::unique_ptr<Loader> loader, std::filesystem::path folder);
  LoadedPackage(const LoadedPackage&) = delete;
  LoadedPackage& operator=(const LoadedPackage&) = delete;
  ~LoadedPackage();
  [[nodiscard]] Loader& loader() noexcept { return *loader_; }

 private:
  std::unique_ptr<Loader> loader_;
  std::filesystem::path folder_;
};

/// One request on a compiled model. Inputs are read where the caller has them; outputs are PyTorch's own tensors, kept until the next run.
class AotSession final : public backend::Session {
 public:
  AotSession(std::shared_ptr<LoadedPackage> loaded, const backend::LoadRequest& request, ArgumentOrder order,
             std::vector<std::string> output_names);

  [[nodiscard]] Result<std::span<const TensorView>> run(std::span<const TensorView> inputs) override;
  [[nodiscard]] Result<Audit> audit() override;
  [[nodiscard]] Result<std::unique_ptr<backend::Session>> another() override;

 private:
  [[nodiscard]] Result<std::span<const TensorView>> view_outputs();

  std::shared_ptr<LoadedPackage> loaded_;
  backend::LoadRequest request_;
  std::filesystem::path package_;
  Precision precision_;
  std::vector<backend::InputSpec> input_specs_;
  ArgumentOrder order_;
  std::vector<std::string> output_names_;
  std::vector<at::Tensor> outputs_;
  std::vector<TensorView> views_;
};

}  // namespace podium::aotinductor
