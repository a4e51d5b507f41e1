#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "backends/api/backend.h"
#include "backends/tensorrt/driver.h"
#include "core/result.h"

namespace podium::tensorrt {

/// What an engine is good for, and with nothing else.
struct EngineOrigin {
  cuda::GpuFacts gpu;
  std::string tensorrt;  ///< version
  std::string model_sha256;
};

/// Built engines, and what the builder measured for them, in a folder of the cell's cache. Without a folder nothing is kept.
class EngineCache {
 public:
  EngineCache(const backend::LoadRequest& request, const EngineOrigin& origin);

  /// Another request or origin makes another key, but for options that only change how an engine is run.
  [[nodiscard]] const std::string& key() const noexcept { return key_; }
  [[nodiscard]] std::optional<std::string> engine() const;
  [[nodiscard]] Result<void> keep_engine(std::string_view plan) const;
  /// Timings of kernels: good for every model on the same kind of GPU with the same TensorRT.
  [[nodiscard]] std::string timings() const;
  [[nodiscard]] Result<void> keep_timings(std::string_view timings) const;

 private:
  [[nodiscard]] std::filesystem::path engine_file() const;
  [[nodiscard]] std::filesystem::path timings_file() const;

  std::filesystem::path folder_;
  std::string key_;
  std::string timings_key_;
};

}  // namespace podium::tensorrt
