#include "backends/onnxruntime/providers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <optional>
#include <string_view>

#include "backends/api/request_check.h"
#include "backends/onnxruntime/cuda_libraries.h"
#include "backends/onnxruntime/library.h"
#include "core/device.h"
#include "core/text.h"

namespace podium::onnxruntime {
namespace {

using backend::flag;
using backend::text;

constexpr std::string_view provider_suffix = "ExecutionProvider";
constexpr const char* of_the_device = "auto";
constexpr const char* install_cuda =
    "pip install onnxruntime-gpu in place of onnxruntime, or set PODIUM_ONNXRUNTIME_LIBRARY to the libonnxruntime.so of that package";
constexpr const char* cuda_libraries_remedy =
    "pip install torch, which brings CUDA's libraries, or set PODIUM_CUDA_LIBRARIES to the folders that hold them";

std::string in_lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

/// "XnnpackExecutionProvider" → "xnnpack".
std::string short_name(const std::string& listed) {
  const std::string stem = listed.ends_with(provider_suffix) ? listed.substr(0, listed.size() - provider_suffix.size()) : listed;
  return in_lower_case(stem);
}

/// The provider as the library lists it, asked for by its short or its full name; nothing where the library has none such.
std::optional<std::string> listed_provider(const std::string& asked) {
  for (const std::string& listed : Ort::GetAvailableProviders()) {
    if (asked == listed || in_lower_case(asked) == short_name(listed)) return listed;
  }
  return std::nullopt;
}

/// Names under which ONNX Runtime appends providers; where it is not listed here, the name is that of the list without its ending.
std::string appended_name(const std::string& listed) {
  static const std::map<std::string, std::string> unlike{{"XnnpackExecutionProvider", "XNNPACK"}, {"AzureExecutionProvider", "AZURE"}};
  const auto found = unlike.find(listed);
  return found != unlike.end() ? found->second : listed.substr(0, listed.rfind(provider_suffix));
}

Error no_such_provider(const std::string& asked) {
  std::vector<std::string> usable{"cpu"};
  for (const std::string& listed : Ort::GetAvailableProviders()) {
    if (listed != cpu_provider) usable.push_back(short_name(listed));
  }
  return {ErrorCode::unsupported,
          fmt::format("this build of ONNX Runtime has no execution provider '{}'; it has: {}", printable(asked), join(usable, ", ")),
          "--set onnxruntime.provider=auto"};
}

Error not_started(const std::string& listed, const Ort::Exception& exception, std::string remedy) {
  return {ErrorCode::unsupported,
          fmt::format("ONNX Runtime lists the execution provider '{}' and does not start it: {}", printable(listed),
                      backend::engine_message(exception.what())),
          std::move(remedy)};
}

struct ReleaseCudaOptions {
  void operator()(OrtCUDAProviderOptionsV2* options) const noexcept { Ort::GetApi().ReleaseCUDAProviderOptions(options); }
};

void append_cuda(Ort::SessionOptions& options, const backend::LoadRequest& request, cuda::Stream stream) {
  OrtCUDAProviderOptionsV2* raw = nullptr;
  Ort::ThrowOnError(Ort::GetApi().CreateCUDAProviderOptions(&raw));
  const std::unique_ptr<OrtCUDAProviderOptionsV2, ReleaseCudaOptions> made(raw);
  std::vector<const char*> keys;
  std::vector<const char*> values;
  const std::map<std::string, std::string> wanted = cuda_options(request);
  for (const auto& [key, value] : wanted) {
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  Ort::ThrowOnError(Ort::GetApi().UpdateCUDAProviderOptions(made.get(), keys.data(), values.data(), keys.size()));
  if (stream != nullptr) Ort::ThrowOnError(Ort::GetApi().UpdateCUDAProviderOptionsWithValue(made.get(), "user_compute_stream", stream));
  options.AppendExecutionProvider_CUDA_V2(*made);
}

Result<void> check_cuda_options(const backend::LoadRequest& request) {
  for (const char* option : {"cuda-graph", "nhwc", "fuse-conv-bias"}) {
    if (!flag(request.options, option)) continue;
    return fail(ErrorCode::unsupported, fmt::format("{} is for the CUDA provider, which this cell does not use", option),
                "use --device cuda:0");
  }
  if (text(request.options, "conv-search") == "exhaustive") return {};
  return fail(ErrorCode::unsupported, "conv-search is for the CUDA provider, which this cell does not use", "use --device cuda:0");
}

}  // namespace

std::vector<std::string> devices_here() {
  std::vector<std::string> devices{"cpu"};
  const int gpus = listed_provider(cuda_provider) ? cuda::gpus() : 0;
  for (int index = 0; index < gpus; ++index) devices.push_back(Device{"cuda", index}.name());
  return devices;
}

bool is_on_cuda(const backend::LoadRequest& request) {
  const Result<std::string> provider = asked_provider(request);
  return provider && *provider == cuda_provider;
}

Result<std::string> asked_provider(const backend::LoadRequest& request) {
  const bool on_cpu = request.device == "cpu";
  const std::string& asked = text(request.options, "provider");
  if (asked == of_the_device && on_cpu) return cpu_provider;
  const std::optional<std::string> listed = listed_provider(asked == of_the_device ? cuda_provider : asked);
  if (!listed && asked == of_the_device) {
    return fail(ErrorCode::unavailable,
                fmt::format("this build of ONNX Runtime has no CUDA provider, so it does not run on '{}'", request.device), install_cuda);
  }
  if (!listed) return tl::unexpected(no_such_provider(asked));
  if (on_cpu && *listed == cuda_provider)
    return fail(ErrorCode::unsupported, "the CUDA provider computes on a GPU, and this cell is to run on the CPU", "use --device cuda:0");
  if (!on_cpu && *listed == cpu_provider)
    return fail(ErrorCode::unsupported, fmt::format("the CPU provider does not compute on '{}'", request.device), "use --device cpu");
  return *listed;
}

std::map<std::string, std::string> cuda_options(const backend::LoadRequest& request) {
  static const std::map<std::string, std::string> searches{
      {"exhaustive", "EXHAUSTIVE"}, {"heuristic", "HEURISTIC"}, {"default", "DEFAULT"}};
  const auto as_digit = [](bool on) { return std::string(on ? "1" : "0"); };
  const auto device = parse_device(request.device);
  // By itself it takes TF32, and fp32 would be none. Without use_tf32 it wants plans without tensor cores of cuDNN, in half precision too.
  const bool uses_tensor_cores = request.precision != Precision::fp32;
  return {{"device_id", std::to_string(device ? device->index : 0)},
          {"cudnn_conv_algo_search", searches.at(text(request.options, "conv-search"))},
          {"enable_cuda_graph", as_digit(flag(request.options, "cuda-graph"))},
          {"fuse_conv_bias", as_digit(flag(request.options, "fuse-conv-bias"))},
          {"prefer_nhwc", as_digit(flag(request.options, "nhwc"))},
          {"use_tf32", as_digit(uses_tensor_cores)}};
}

Result<void> append_provider(Ort::SessionOptions& options, const backend::LoadRequest& request, cuda::Stream stream) {
  const Result<std::string> listed = asked_provider(request);
  if (!listed) return tl::unexpected(listed.error());
  if (*listed != cuda_provider) {
    if (auto checked = check_cuda_options(request); !checked) return checked;
  }
  if (*listed == cpu_provider) return {};
  const bool on_cuda = *listed == cuda_provider;
  try {
    if (on_cuda) {
      cuda::open_libraries(library_path());
      append_cuda(options, request, stream);
    } else {
      options.AppendExecutionProvider(appended_name(*listed));
    }
  } catch (const Ort::Exception& exception) {
    return tl::unexpected(not_started(*listed, exception, on_cuda ? cuda_libraries_remedy : "--set onnxruntime.provider=auto"));
  }
  return {};
}

}  // namespace podium::onnxruntime
