#include "backends/tensorrt/engine_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <vector>

#include "backends/api/request_check.h"
#include "backends/api/shape_ranges.h"
#include "core/files.h"
#include "core/sha256.h"
#include "core/tensor_view.h"
#include "core/text.h"

namespace podium::tensorrt {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t key_digits = 32;
constexpr std::size_t largest_engine = std::size_t{16} << 30;
/// Options that an engine is run with; all others are built into it.
constexpr std::array<std::string_view, 2> options_of_running{"cuda-graph", "engine-cache"};
/// Options that are built into int8 engines alone.
constexpr std::array<std::string_view, 2> options_of_int8{"int8", "beside-int8"};

bool is_built_in(std::string_view option, Precision precision) {
  const auto is_one_of = [&](const auto& options) { return std::find(options.begin(), options.end(), option) != options.end(); };
  return !is_one_of(options_of_running) && (precision == Precision::int8_static || !is_one_of(options_of_int8));
}

std::string short_hash(const std::vector<std::string>& parts) {
  return sha256_of_text(join(parts, "\n")).substr(0, key_digits);
}

std::vector<std::string> machine_parts(const EngineOrigin& origin) {
  return {origin.gpu.name, fmt::format("sm {}.{}", origin.gpu.capability_major, origin.gpu.capability_minor),
          "TensorRT " + origin.tensorrt};
}

std::string key_of(const backend::LoadRequest& request, const EngineOrigin& origin) {
  std::vector<std::string> parts = machine_parts(origin);
  if (backend::flag(request.options, "version-compatible")) parts.back() = "TensorRT of its version or later";
  parts.push_back(origin.model_sha256);
  parts.emplace_back(to_string(request.precision));
  for (const auto& [name, value] : request.options) {
    if (is_built_in(name, request.precision)) parts.push_back(fmt::format("{}={}", name, to_string(value)));
  }
  const auto ranges = backend::parse_shape_ranges(backend::text(request.options, backend::shapes_option));
  for (const backend::InputSpec& input : request.inputs) {
    const bool ranges_over_shapes = ranges && backend::range_of(*ranges, input.name) != nullptr;  // which are an option
    parts.push_back(
        fmt::format("{} {} {}", input.name, to_string(input.type), ranges_over_shapes ? "in its range" : to_string(input.shape)));
  }
  return short_hash(parts);
}

}  // namespace

EngineCache::EngineCache(const backend::LoadRequest& request, const EngineOrigin& origin)
    : folder_(backend::flag(request.options, "engine-cache") ? request.cache : fs::path()),
      key_(key_of(request, origin)),
      timings_key_(short_hash(machine_parts(origin))) {}

fs::path EngineCache::engine_file() const {
  return folder_ / fmt::format("tensorrt-{}.engine", key_);
}

fs::path EngineCache::timings_file() const {
  return folder_ / fmt::format("tensorrt-{}.timings", timings_key_);
}

std::optional<std::string> EngineCache::engine() const {
  std::error_code error;
  if (folder_.empty() || !fs::exists(engine_file(), error)) return std::nullopt;
  auto read = read_text_file(engine_file(), largest_engine);
  fs::last_write_time(engine_file(), fs::file_time_type::clock::now(), error);  // tells an artefact which one is its own
  return read ? std::optional(std::move(*read)) : std::nullopt;                 // one that cannot be read is built again
}

Result<void> EngineCache::keep_engine(std::string_view plan) const {
  return folder_.empty() ? Result<void>() : write_file_atomically(engine_file(), plan);
}

std::string EngineCache::timings() const {
  std::error_code error;
  if (folder_.empty() || !fs::exists(timings_file(), error)) return {};
  return read_text_file(timings_file(), largest_engine).value_or(std::string());
}

Result<void> EngineCache::keep_timings(std::string_view timings) const {
  return folder_.empty() ? Result<void>() : write_file_atomically(timings_file(), timings);
}

}  // namespace podium::tensorrt
