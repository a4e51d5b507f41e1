#include "backends/tensorrt/library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string_view>
#include <system_error>
#include <utility>

#include "backends/api/request_check.h"
#include "backends/tensorrt/version.h"
#include "core/text.h"

namespace podium::tensorrt {
namespace {

namespace fs = std::filesystem;

constexpr const char* folder_variable = "PODIUM_TENSORRT_LIBRARIES";
constexpr std::string_view kept_errors = "; ";
constexpr std::size_t most_kept = 4000;

std::string remedy() {
  return fmt::format("install TensorRT {}, or set {} to the folder of libnvinfer.so.{}", version::major, folder_variable, version::major);
}

fs::path folder() {
  const char* given = std::getenv(folder_variable);
  return given != nullptr && *given != '\0' ? given : PODIUM_TENSORRT_LIBRARY_DIR;
}

/// The library's file in the folder, under a name with more digits where that is all there is; else the bare name.
std::string file_of(const std::string& name) {
  const fs::path in = folder();
  std::error_code error;
  if (in.empty()) return name;
  if (fs::exists(in / name, error)) return (in / name).string();
  for (const fs::directory_entry& entry : fs::directory_iterator(in, error)) {
    const std::string file = entry.path().filename().string();
    if (file.starts_with(name + ".")) return entry.path().string();
  }
  return name;
}

Result<void*> open_one(const std::string& name) {
  // Symbols are found when they are first called: the parser needs cuDNN and cuBLAS by name for operators that most models lack.
  void* library = ::dlopen(file_of(name).c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (library != nullptr) return library;
  const char* reason = ::dlerror();
  return fail(ErrorCode::unavailable,
              fmt::format("TensorRT's library cannot be opened: {}", printable(reason == nullptr ? "no reason given" : reason)), remedy());
}

std::string numbered(const char* name) {
  return fmt::format("{}.so.{}", name, version::major);
}

/// What the libraries load by name themselves, or need: found among those open already, wherever the loader would look.
void open_what_they_need(std::initializer_list<const char*> names) {
  if (folder().empty()) return;
  for (const char* name : names) {
    const std::string file = file_of(fmt::format("{}.so", name));
    if (file.find('/') != std::string::npos) (void)::dlopen(file.c_str(), RTLD_LAZY | RTLD_LOCAL);
  }
}

template <typename Function>
Result<void> find(void* library, Function& function, const char* name) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  if (function != nullptr) return {};
  return fail(ErrorCode::unavailable, fmt::format("TensorRT's library has no {}", name), remedy());
}

Result<void*> open_parser() {
  open_what_they_need({"libcublasLt", "libcublas", "libcudnn"});
  // Operators that TensorRT has no layers for; a model with none of them runs without.
  if (const auto plugins = open_one(numbered("libnvinfer_plugin")); plugins) {
    bool (*register_all)(void*, const char*) = nullptr;
    if (find(*plugins, register_all, "initLibNvInferPlugins")) (void)register_all(nullptr, "");
  }
  return open_one(numbered("libnvonnxparser"));
}

}  // namespace

void Log::log(Severity severity, char const* message) noexcept {
  if (severity > Severity::kWARNING) return;
  try {
    const std::lock_guard lock(mutex_);
    std::cerr << "TensorRT: " << message << '\n';
    if (severity > Severity::kERROR || errors_.size() > most_kept) return;
    if (!errors_.empty()) errors_ += kept_errors;
    errors_ += message;
  } catch (...) {  // a message that cannot be kept must not end the process
  }
}

std::string Log::take_errors() {
  const std::lock_guard lock(mutex_);
  return backend::engine_message(std::exchange(errors_, {}));
}

Result<const Library*> Library::open() {
  static const Result<Library> library = open_anew();
  if (!library) return tl::unexpected(library.error());
  return &*library;
}

Result<Library> Library::open_anew() {
  const auto opened = open_one(numbered("libnvinfer"));
  if (!opened) return tl::unexpected(opened.error());
  Library library;
  int (*number)() = nullptr;
  for (const Result<void>& found :
       {find(*opened, library.create_builder_, "createInferBuilder_INTERNAL"),
        find(*opened, library.create_runtime_, "createInferRuntime_INTERNAL"), find(*opened, number, "getInferLibVersion")}) {
    if (!found) return tl::unexpected(found.error());
  }
  library.version_ = version::name_of(number());
  return library;
}

std::unique_ptr<nvinfer1::IBuilder> Library::builder(Log& log) const {
  return std::unique_ptr<nvinfer1::IBuilder>(static_cast<nvinfer1::IBuilder*>(create_builder_(&log, NV_TENSORRT_VERSION)));
}

std::unique_ptr<nvinfer1::IRuntime> Library::runtime(Log& log) const {
  return std::unique_ptr<nvinfer1::IRuntime>(static_cast<nvinfer1::IRuntime*>(create_runtime_(&log, NV_TENSORRT_VERSION)));
}

Result<std::unique_ptr<nvonnxparser::IParser>> Library::parser(nvinfer1::INetworkDefinition& network, Log& log) const {
  static const Result<void*> library = open_parser();
  if (!library) return tl::unexpected(library.error());
  void* (*create)(void*, void*, int) = nullptr;
  if (auto found = find(*library, create, "createNvOnnxParser_INTERNAL"); !found) return tl::unexpected(found.error());
  std::unique_ptr<nvonnxparser::IParser> parser(static_cast<nvonnxparser::IParser*>(create(&network, &log, NV_ONNX_PARSER_VERSION)));
  if (parser == nullptr) return fail(ErrorCode::failed, fmt::format("TensorRT made no parser: {}", log.take_errors()));
  return parser;
}

}  // namespace podium::tensorrt
