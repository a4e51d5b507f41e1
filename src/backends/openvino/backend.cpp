#include "backends/api/backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <openvino/openvino.hpp>
#include <string>
#include <utility>
#include <vector>

#include "backends/api/library_place.h"
#include "backends/api/request_check.h"
#include "backends/openvino/audit.h"
#include "backends/openvino/failure.h"
#include "backends/openvino/options.h"
#include "backends/openvino/quantization.h"
#include "backends/openvino/reader.h"
#include "backends/openvino/session.h"
#include "core/text.h"

namespace podium::openvino {
namespace {

constexpr const char* device = "CPU";

const char* why_not(Precision precision) {
  if (precision == Precision::bf16) return "the processor has no bf16 instructions that it uses";
  if (precision == Precision::fp16)
    return "the processor has no float16 instructions that it uses (AVX512-FP16, AMX-FP16), so that it would compute in float32";
  if (precision == Precision::int8_dynamic) return "it multiplies int8 weights by float activations, in float";
  return "Podium has no converted model for it";
}

class OpenVinoBackend final : public backend::Backend {
 public:
  [[nodiscard]] backend::Descriptor descriptor() const override {
    backend::Descriptor descriptor;
    descriptor.name = "openvino";
    descriptor.engine = "OpenVINO";
    descriptor.summary = "OpenVINO's CPU plugin, reading ONNX with its own front end";
    descriptor.model_format = "onnx";
    descriptor.precisions = {Precision::fp32, Precision::bf16, Precision::fp16, Precision::int8_static};
    descriptor.narrows_by_itself = {Precision::bf16, Precision::fp16};
    descriptor.refusals = {{Precision::int8_dynamic, why_not(Precision::int8_dynamic)}};
    descriptor.remedy = "pip install openvino";
    descriptor.options = option_specs();
    descriptor.worth_trying = option_trials();
    descriptor.quantization = quantization_profiles();
    return descriptor;
  }

  [[nodiscard]] backend::Probe probe() override {
    backend::Probe found;
    const auto version = guarded(ErrorCode::unavailable, "looking for its CPU plugin", [&] {
      static_cast<void>(core().get_property(device, ov::device::full_name));
      return std::string(ov::get_openvino_version().buildNumber);
    });
    found.available = version.has_value();
    if (version) {
      found.version = version->substr(0, version->find('-'));
      found.devices = {"cpu"};
      found.place = backend::library_of(reinterpret_cast<const void*>(&ov::get_openvino_version));
    } else {
      found.reason = version.error().message;
    }
    return found;
  }

  [[nodiscard]] Result<std::unique_ptr<backend::Session>> load(const backend::LoadRequest& request) override {
    if (auto checked = check(request); !checked) return tl::unexpected(std::move(checked.error()));
    const auto model = read_model(request, backend::flag(request.options, "fixed-shapes"));
    if (!model) return tl::unexpected(model.error());
    const bool quantized = is_quantized(**model);  // before compiling, which changes it
    const auto compiled = guarded(ErrorCode::unsupported, "compiling the model",
                                  [&] { return core().compile_model(*model, device, compile_properties(request)); });
    if (!compiled) return tl::unexpected(compiled.error());
    if (auto checked = check_outputs(*compiled); !checked) return tl::unexpected(std::move(checked.error()));
    return guarded(ErrorCode::failed, "making a request",
                   [&]() -> std::unique_ptr<backend::Session> { return std::make_unique<OpenVinoSession>(*compiled, request, quantized); });
  }

 private:
  [[nodiscard]] Result<void> check(const backend::LoadRequest& request) {
    static const std::vector<std::string> devices{"cpu"};
    if (auto checked = backend::check_device(request.device, devices, "OpenVINO"); !checked) return checked;
    const auto can = guarded(ErrorCode::unavailable, "looking for its CPU plugin",
                             [&] { return core().get_property(device, ov::device::capabilities); });
    if (!can) return tl::unexpected(can.error());
    std::vector<Precision> precisions{Precision::fp32, Precision::int8_static};
    const auto has = [&](const char* capability) { return std::find(can->begin(), can->end(), capability) != can->end(); };
    const bool has_bf16 = has(ov::device::capability::BF16);
    if (has_bf16) precisions.push_back(Precision::bf16);
    if (has(ov::device::capability::FP16)) precisions.push_back(Precision::fp16);
    if (!has_bf16 && backend::text(request.options, "precision-policy") == "bf16") {
      return fail(ErrorCode::unsupported, "precision-policy=bf16: the processor has no bf16 instructions that OpenVINO uses",
                  "--set openvino.precision-policy=as-asked");
    }
    if (auto checked = backend::check_precision(request.precision, precisions, "OpenVINO", why_not(request.precision)); !checked)
      return checked;
    return backend::check_model_file(request);
  }

  /// Made when first asked for: describing the backend must not start the engine.
  [[nodiscard]] ov::Core& core() {
    if (!core_) core_ = std::make_unique<ov::Core>();
    return *core_;
  }

  std::unique_ptr<ov::Core> core_;
};

}  // namespace
}  // namespace podium::openvino

PODIUM_BACKEND_MODULE(podium::openvino::OpenVinoBackend)
