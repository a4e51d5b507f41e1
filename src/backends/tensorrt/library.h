#pragma once

#include <NvInfer.h>
#include <NvOnnxParser.h>

#include <memory>
#include <mutex>
#include <string>

#include "backends/api/library_place.h"
#include "core/result.h"

namespace podium::tensorrt {

/// What TensorRT says: errors are kept for the sentence of an Error, warnings go to the worker's log.
class Log final : public nvinfer1::ILogger {
 public:
  void log(Severity severity, char const* message) noexcept override;
  /// The errors since the last call, as one line; empty where there are none.
  [[nodiscard]] std::string take_errors();

 private:
  std::mutex mutex_;
  std::string errors_;
};

/// TensorRT's libraries, opened by name once for the process and never closed: Podium is built with its headers alone.
class Library {
 public:
  /// From the folder $PODIUM_TENSORRT_LIBRARIES, else from the one that was there when Podium was built, else as the loader finds them.
  [[nodiscard]] static Result<const Library*> open();

  [[nodiscard]] const std::string& version() const noexcept { return version_; }
  [[nodiscard]] std::string place() const { return backend::library_of(reinterpret_cast<const void*>(create_builder_)); }
  [[nodiscard]] std::unique_ptr<nvinfer1::IBuilder> builder(Log& log) const;
  [[nodiscard]] std::unique_ptr<nvinfer1::IRuntime> runtime(Log& log) const;
  /// Opens the parser's library, which needs more than the rest.
  [[nodiscard]] Result<std::unique_ptr<nvonnxparser::IParser>> parser(nvinfer1::INetworkDefinition& network, Log& log) const;

 private:
  [[nodiscard]] static Result<Library> open_anew();

  std::string version_;
  void* (*create_builder_)(void*, int) = nullptr;
  void* (*create_runtime_)(void*, int) = nullptr;
};

}  // namespace podium::tensorrt
