#include "backends/api/backend.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backends/api/request_check.h"
#include "backends/tensorrt/engine.h"
#include "backends/tensorrt/options.h"
#include "backends/tensorrt/quantization.h"

namespace podium::tensorrt {
namespace {

constexpr const char* engine_name = "TensorRT";

std::vector<Precision> precisions(const BuiltFor& built) {
  std::vector<Precision> known{Precision::fp32, Precision::tf32};
  if (built.computes_bf16) known.push_back(Precision::bf16);
  known.push_back(Precision::fp16);
  known.push_back(Precision::int8_static);
  return known;
}

std::map<Precision, std::string> refusals(const BuiltFor& built) {
  std::map<Precision, std::string> reasons{{Precision::int8_dynamic, "it has no kernels that quantize activations while they run"}};
  if (!built.computes_bf16) reasons.emplace(Precision::bf16, "it does so from version 10 on");
  return reasons;
}

class TensorRtBackend final : public backend::Backend {
 public:
  [[nodiscard]] backend::Descriptor descriptor() const override {
    const BuiltFor built = built_for();
    backend::Descriptor descriptor;
    descriptor.name = "tensorrt";
    descriptor.engine = engine_name;
    descriptor.summary = "NVIDIA's compiler for its GPUs, reading ONNX with its own parser";
    descriptor.model_format = "onnx";
    descriptor.precisions = precisions(built);
    if (built.chooses_types) descriptor.narrows_by_itself = {Precision::bf16, Precision::fp16};
    descriptor.refusals = refusals(built);
    descriptor.remedy = "install NVIDIA's TensorRT, or name the folder of its libraries with PODIUM_TENSORRT_LIBRARIES";
    descriptor.options = option_specs();
    descriptor.worth_trying = option_trials(built.chooses_types);
    descriptor.builds_slowly = true;
    descriptor.quantization = quantization_profiles(built.newest_opset);
    descriptor.device_kinds = {"cuda"};
    descriptor.newest_opset = built.newest_opset;
    return descriptor;
  }

  [[nodiscard]] backend::Probe probe() override { return probe_engine(); }

  [[nodiscard]] Result<std::unique_ptr<backend::Session>> load(const backend::LoadRequest& request) override {
    const backend::Probe found = probe_engine();
    if (!found.available) return fail(ErrorCode::unavailable, found.reason, found.remedy);
    if (auto checked = backend::check_device(request.device, found.devices, engine_name); !checked)
      return tl::unexpected(std::move(checked.error()));
    const BuiltFor built = built_for();
    const std::map<Precision, std::string> reasons = refusals(built);
    const auto reason = reasons.find(request.precision);
    if (auto checked = backend::check_precision(request.precision, precisions(built), engine_name,
                                                reason == reasons.end() ? "it has no such kernels" : reason->second);
        !checked)
      return tl::unexpected(std::move(checked.error()));
    if (auto checked = backend::check_model_file(request); !checked) return tl::unexpected(std::move(checked.error()));
    return load_engine(request);
  }
};

}  // namespace
}  // namespace podium::tensorrt

PODIUM_BACKEND_MODULE(podium::tensorrt::TensorRtBackend)
