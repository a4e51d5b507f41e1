#include <fmt/format.h>
#include <onnxruntime_cxx_api.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backends/api/backend.h"
#include "backends/api/request_check.h"
#include "backends/onnxruntime/audit.h"
#include "backends/onnxruntime/library.h"
#include "backends/onnxruntime/options.h"
#include "backends/onnxruntime/quantization.h"
#include "backends/onnxruntime/session.h"
#include "backends/onnxruntime/signature.h"
#include "core/text.h"

namespace podium::onnxruntime {
namespace {

#if defined(__aarch64__)
constexpr Precision precisions[] = {Precision::fp32, Precision::fp16, Precision::int8_dynamic, Precision::int8_static};
#else
constexpr Precision precisions[] = {Precision::fp32, Precision::int8_dynamic, Precision::int8_static};
#endif
constexpr const char* in_disguise = "its CPU kernels of that type are for other processors; here it would compute in float32 between Casts";

/// What it lacks on this processor, so that nobody takes float32 for it. Where float16 is in `precisions`, the audit sees what really ran.
std::map<Precision, std::string> refusals() {
  std::map<Precision, std::string> reasons{
      {Precision::bf16, "its CPU provider has no bfloat16 kernels for convolutions and matrix products"}};
  if (std::find(std::begin(precisions), std::end(precisions), Precision::fp16) == std::end(precisions))
    reasons.emplace(Precision::fp16, in_disguise);
  return reasons;
}

class OrtBackend final : public backend::Backend {
 public:
  [[nodiscard]] backend::Descriptor descriptor() const override {
    return {.name = "onnxruntime",
            .engine = "ONNX Runtime",
            .summary = "ONNX Runtime's own CPU kernels, through its C++ API",
            .model_format = "onnx",
            .precisions = {std::begin(precisions), std::end(precisions)},
            .refusals = refusals(),
            .baseline_for = {"onnx"},
            .remedy = "pip install onnxruntime",
            .options = option_specs(),
            .worth_trying = option_trials(),
            .quantization = quantization_profiles()};
  }

  [[nodiscard]] backend::Probe probe() override {
    const Result<std::string> version = open_library();
    backend::Probe found;
    found.available = version.has_value();
    if (version) {
      found.version = *version;
      found.devices = {"cpu"};
    } else {
      found.reason = version.error().message;
      found.remedy = version.error().remedy;
    }
    return found;
  }

  [[nodiscard]] Result<std::unique_ptr<backend::Session>> load(const backend::LoadRequest& request) override {
    if (auto opened = open_library(); !opened) return tl::unexpected(std::move(opened.error()));
    if (auto checked = check(request); !checked) return tl::unexpected(std::move(checked.error()));
    try {
      return load_checked(request);
    } catch (const Ort::Exception& exception) {
      return tl::unexpected(to_error(exception, fmt::format("loading '{}'", printable(request.model.string()))));
    } catch (const std::bad_alloc&) {
      return fail(ErrorCode::out_of_memory, "no memory is left to load the model");
    }
  }

 private:
  [[nodiscard]] static Result<void> check(const backend::LoadRequest& request) {
    static const std::vector<std::string> devices{"cpu"};
    if (auto checked = backend::check_device(request.device, devices, "ONNX Runtime"); !checked) return checked;
    const std::map<Precision, std::string> reasons = refusals();
    const auto reason = reasons.find(request.precision);
    const std::string why = reason == reasons.end() ? "it has no such kernels" : reason->second;
    if (auto checked = backend::check_precision(request.precision, precisions, "ONNX Runtime", why); !checked) return checked;
    return backend::check_model_file(request);
  }

  [[nodiscard]] Result<std::unique_ptr<backend::Session>> load_checked(const backend::LoadRequest& request) {
    Result<Ort::SessionOptions> options = session_options(request);
    if (!options) return tl::unexpected(std::move(options.error()));
    if (backend::flag(request.options, "fixed-shapes")) {
      if (auto fixed = fix_shapes(*options, request); !fixed) return tl::unexpected(std::move(fixed.error()));
    }
    Ort::Session session(*env(), request.model.c_str(), *options);
    const Result<Signature> signature = read_signature(session);
    if (!signature) return tl::unexpected(signature.error());
    if (auto checked = backend::check_declared_inputs(signature->inputs, request.inputs); !checked)
      return tl::unexpected(std::move(checked.error()));
    const auto shared_options = std::make_shared<Ort::SessionOptions>(std::move(*options));
    // Holding the environment, the auditor keeps it alive for as long as the session lives.
    auto auditor = [env = env(), request, shared_options] {
      return audit_by_profile(*env, request, shared_options->Clone(), provider_name(request.options));
    };
    return std::make_unique<OrtSession>(std::move(session), *signature, request.inputs, std::move(auditor));
  }

  /// Names of free axes stand in the model only: it is read once without any optimization to learn them.
  [[nodiscard]] Result<void> fix_shapes(Ort::SessionOptions& options, const backend::LoadRequest& request) {
    Ort::SessionOptions plain;
    plain.SetGraphOptimizationLevel(ORT_DISABLE_ALL).SetIntraOpNumThreads(1);
    const Result<Signature> signature = read_signature(Ort::Session(*env(), request.model.c_str(), plain));
    if (!signature) return tl::unexpected(signature.error());
    if (auto checked = backend::check_declared_inputs(signature->inputs, request.inputs); !checked) return checked;
    for (const auto& [name, size] : free_axis_sizes(signature->inputs, request.inputs)) {
      Ort::ThrowOnError(Ort::GetApi().AddFreeDimensionOverrideByName(options, name.c_str(), size));
    }
    return {};
  }

  /// Made at the first load: without the library there is nothing to make it with.
  [[nodiscard]] const std::shared_ptr<Ort::Env>& env() {
    if (!env_) {
      env_ = std::make_shared<Ort::Env>(ORT_LOGGING_LEVEL_ERROR, "podium");
      env_->DisableTelemetryEvents();
    }
    return env_;
  }

  std::shared_ptr<Ort::Env> env_;
};

}  // namespace
}  // namespace podium::onnxruntime

PODIUM_BACKEND_MODULE(podium::onnxruntime::OrtBackend)
