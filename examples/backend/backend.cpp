#include "backends/api/backend.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backends/api/request_check.h"
#include "linear_layer.h"

namespace linear {
namespace {

namespace backend = podium::backend;
using podium::Result;
using podium::TensorView;

const std::vector<std::string> devices{"cpu"};

class LinearSession final : public backend::Session {
 public:
  LinearSession(const backend::LoadRequest& request, Layer layer) : inputs_(request.inputs), layer_(std::move(layer)) {
    const std::int64_t batch = inputs_.front().shape.front();
    values_.resize(static_cast<std::size_t>(batch * layer_.columns));
    outputs_.push_back({layer_.output, podium::DataType::float32, {batch, layer_.columns}, reinterpret_cast<std::byte*>(values_.data())});
  }

  /// Timed: nothing is allocated here, and nothing is copied that the engine does not need.
  Result<std::span<const TensorView>> run(std::span<const TensorView> inputs) override {
    if (auto checked = backend::check_run_inputs(inputs_, inputs); !checked) return tl::unexpected(checked.error());
    layer_.compute(reinterpret_cast<const float*>(inputs.front().data), inputs_.front().shape.front(), values_.data());
    return outputs_;
  }

  /// What really ran, by name and arithmetic. An engine that can fall back to something else must say so here.
  Result<podium::Audit> audit() override {
    podium::Audit audit;
    audit.providers = {{"Linear", 1}};
    audit.compute_types = {{"float32", 1}};
    audit.fallback_share = 0.0;
    return audit;
  }

 private:
  std::vector<backend::InputSpec> inputs_;
  Layer layer_;
  std::vector<float> values_;
  std::vector<TensorView> outputs_;
};

class LinearBackend final : public backend::Backend {
 public:
  backend::Descriptor descriptor() const override {
    backend::Descriptor descriptor;
    descriptor.name = "linear";
    descriptor.engine = "Linear";
    descriptor.summary = "One MatMul in plain C++: how a backend of your own is made";
    descriptor.model_format = "onnx";
    descriptor.precisions = {podium::Precision::fp32};
    descriptor.remedy = "build it and install it beside Podium";
    descriptor.bundled_in_default_runs = false;
    return descriptor;
  }

  backend::Probe probe() override { return {true, "1.0", devices, {}, {}}; }

  /// What this engine cannot run is ErrorCode::unsupported with a sentence: an expected result, not a fault.
  Result<std::unique_ptr<backend::Session>> load(const backend::LoadRequest& request) override {
    if (auto checked = backend::check_model_file(request); !checked) return tl::unexpected(checked.error());
    if (auto checked = backend::check_device(request.device, devices, "Linear"); !checked) return tl::unexpected(checked.error());
    Result<Layer> layer = read_layer(request.model);
    if (!layer) return tl::unexpected(layer.error());
    const bool fits =
        request.inputs.size() == 1 && request.inputs.front().shape.size() == 2 && request.inputs.front().shape[1] == layer->rows;
    if (!fits) return podium::fail(podium::ErrorCode::unsupported, "this engine takes one input, of two axes");
    return std::make_unique<LinearSession>(request, std::move(*layer));
  }
};

}  // namespace
}  // namespace linear

PODIUM_BACKEND_MODULE(linear::LinearBackend)
