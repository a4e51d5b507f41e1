#include "backends/onnxruntime/library.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <onnxruntime_cxx_api.h>

#include <cstdlib>

namespace podium::onnxruntime {
namespace {

constexpr const char* library_variable = "PODIUM_ONNXRUNTIME_LIBRARY";
constexpr const char* remedy = "run scripts/setup, or set PODIUM_ONNXRUNTIME_LIBRARY to the path of libonnxruntime.so";

}  // namespace

std::string library_path() {
  const char* given = std::getenv(library_variable);
  return given != nullptr && *given != '\0' ? given : PODIUM_ONNXRUNTIME_DEFAULT_LIBRARY;
}

Result<std::string> open_library() {
  // Never closed: the library's threads and thread-local destructors outlive any session.
  void* handle = ::dlopen(library_path().c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    return fail(ErrorCode::unavailable, fmt::format("ONNX Runtime's library cannot be opened: {}", ::dlerror()), remedy);
  }
  using GetApiBase = const OrtApiBase* (*)();
  const auto get_api_base = reinterpret_cast<GetApiBase>(::dlsym(handle, "OrtGetApiBase"));
  if (get_api_base == nullptr) {
    return fail(ErrorCode::unavailable, fmt::format("'{}' is not ONNX Runtime: it has no OrtGetApiBase", library_path()), remedy);
  }
  const OrtApiBase* base = get_api_base();
  const std::string version = base->GetVersionString();
  // A newer library serves the table of an older header; an older library has no such table.
  const OrtApi* api = base->GetApi(ORT_API_VERSION);
  if (api == nullptr) {
    return fail(ErrorCode::unavailable,
                fmt::format("ONNX Runtime {} in '{}' is too old: 1.{} or newer is needed", version, library_path(), ORT_API_VERSION),
                remedy);
  }
  Ort::InitApi(api);
  return version;
}

}  // namespace podium::onnxruntime
