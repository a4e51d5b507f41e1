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
#include "backends/onnxruntime/cuda_session.h"
#include "backends/onnxruntime/library.h"
#include "backends/onnxruntime/options.h"
#include "backends/onnxruntime/providers.h"
#include "backends/onnxruntime/quantization.h"
#include "backends/onnxruntime/session.h"
#include "backends/onnxruntime/signature.h"
#include "core/device.h"
#include "core/text.h"

namespace podium::onnxruntime {
namespace {

constexpr Precision precisions[] = {Precision::fp32, Precision::tf32, Precision::fp16, Precision::int8_dynamic, Precision::int8_static};
#if defined(__aarch64__)
constexpr bool cpu_has_fp16 = true;
#else
constexpr bool cpu_has_fp16 = false;
#endif
constexpr const char* in_disguise = "its CPU kernels of that type are for other processors; here it would compute in float32 between Casts";

/// What is had on one kind of device only. Where the CPU has float16, the audit sees what really ran.
std::map<Precision, std::vector<std::string>> only_on() {
  std::map<Precision, std::vector<std::string>> limits{
      {Precision::tf32, {"cuda"}}, {Precision::int8_dynamic, {"cpu"}}, {Precision::int8_static, {"cpu"}}};
  if (!cpu_has_fp16) limits.emplace(Precision::fp16, std::vector<std::string>{"cuda"});
  return limits;
}

/// What it lacks, so that nobody takes float32 for it.
std::map<Precision, std::string> refusals() {
  std::map<Precision, std::string> reasons{
      {Precision::tf32, "TF32 is an arithmetic of NVIDIA's GPUs"},
      {Precision::bf16, "its providers have no bfloat16 kernels for convolutions and matrix products"},
      {Precision::int8_dynamic, "its CUDA provider has no int8 kernels, and would compute in float between conversions"},
      {Precision::int8_static, "its CUDA provider has no int8 kernels, and would compute in float between conversions"}};
  if (!cpu_has_fp16) reasons.emplace(Precision::fp16, in_disguise);
  return reasons;
}

bool has(Precision precision, const std::string& device) {
  const auto limits = only_on();
  const auto limit = limits.find(precision);
  const auto& kinds = limit == limits.end() ? std::vector<std::string>{} : limit->second;
  const std::string kind = device.substr(0, device.find(':'));
  const bool known = std::find(std::begin(precisions), std::end(precisions), precision) != std::end(precisions);
  return known && (kinds.empty() || std::find(kinds.begin(), kinds.end(), kind) != kinds.end());
}

class OrtBackend final : public backend::Backend {
 public:
  [[nodiscard]] backend::Descriptor descriptor() const override {
    return {.name = "onnxruntime",
            .engine = "ONNX Runtime",
            .summary = "ONNX Runtime's own kernels for CPUs and, through its CUDA provider, for GPUs; through its C++ API",
            .model_format = "onnx",
            .precisions = {std::begin(precisions), std::end(precisions)},
            .only_on = only_on(),
            .refusals = refusals(),
            .baseline_for = {"onnx"},
            .remedy = "pip install onnxruntime",
            .options = option_specs(),
            .worth_trying = option_trials(),
            .quantization = quantization_profiles(),
            .device_kinds = {"cpu", "cuda"}};
  }

  [[nodiscard]] backend::Probe probe() override {
    const Result<std::string> version = open_library();
    backend::Probe found;
    found.available = version.has_value();
    if (version) {
      found.version = *version;
      found.devices = devices_here();
      found.place = library_path();
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
    if (const auto provider = asked_provider(request); !provider) return tl::unexpected(provider.error());
    if (auto checked = backend::check_device(request.device, devices_here(), "ONNX Runtime"); !checked) return checked;
    if (!has(request.precision, request.device)) {
      const std::map<Precision, std::string> reasons = refusals();
      const auto reason = reasons.find(request.precision);
      const std::string why = reason == reasons.end() ? "it has no such kernels" : reason->second;
      return backend::check_precision(request.precision, {}, "ONNX Runtime", why);
    }
    return backend::check_model_file(request);
  }

  [[nodiscard]] Result<std::unique_ptr<backend::Session>> load_checked(const backend::LoadRequest& request) {
    OnCuda on;
    if (is_on_cuda(request)) {
      auto gpu = cuda::Gpu::open(parse_device(request.device).value_or(Device{}).index);
      if (!gpu) return tl::unexpected(gpu.error());
      // Requests in flight at once would wait for each other in one stream, so each then has one of the engine's.
      on = {std::move(*gpu), request.requests == 1, backend::flag(request.options, "cuda-graph")};
    }
    const Result<Ort::SessionOptions> options = all_options(request, on.has_stream ? on.gpu->stream() : nullptr);
    if (!options) return tl::unexpected(options.error());
    auto session = std::make_shared<Ort::Session>(*env(), request.model.c_str(), *options);
    const Result<Signature> signature = read_signature(*session);
    if (!signature) return tl::unexpected(signature.error());
    if (auto checked = backend::check_declared_inputs(signature->inputs, request.inputs); !checked)
      return tl::unexpected(std::move(checked.error()));
    auto auditor = make_auditor(request);
    if (!auditor) return tl::unexpected(auditor.error());
    if (on.gpu != nullptr)
      return std::make_unique<CudaSession>(std::move(session), signature->outputs, request.inputs, std::move(on), std::move(*auditor));
    return std::make_unique<OrtSession>(std::move(session), signature->outputs, request.inputs, std::move(*auditor));
  }

  /// A graph is replayed without the events of its nodes, so what runs is looked at without one, and without the stream of a session that
  /// may be gone by then. Holding the environment, the auditor keeps it alive for as long as the session lives.
  [[nodiscard]] Result<OrtSession::Auditor> make_auditor(backend::LoadRequest request) {
    request.options["cuda-graph"] = false;
    Result<Ort::SessionOptions> options = all_options(request, nullptr);
    if (!options) return tl::unexpected(options.error());
    const Result<std::string> provider = asked_provider(request);
    if (!provider) return tl::unexpected(provider.error());
    const auto shared = std::make_shared<Ort::SessionOptions>(std::move(*options));
    return [env = env(), request, shared, provider = *provider] { return audit_by_profile(*env, request, shared->Clone(), provider); };
  }

  [[nodiscard]] Result<Ort::SessionOptions> all_options(const backend::LoadRequest& request, cuda::Stream stream) {
    static_cast<void>(env());  // a provider that is loaded while options are made writes to the environment's log
    Result<Ort::SessionOptions> options = session_options(request, stream);
    if (!options || !backend::flag(request.options, "fixed-shapes")) return options;
    if (auto fixed = fix_shapes(*options, request); !fixed) return tl::unexpected(std::move(fixed.error()));
    return options;
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
