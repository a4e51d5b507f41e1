#include "import/made_file.h"

#include <fmt/format.h>

#include <chrono>

#include "core/files.h"
#include "core/json.h"
#include "core/sha256.h"

namespace podium::import {
namespace {

namespace fs = std::filesystem;

constexpr const char* figures_file = "figures.json";

Result<void> make_with_figures(const FileToMake& file, const fs::path& folder) {
  const auto start = std::chrono::steady_clock::now();
  if (auto made = file.make(folder); !made) return made;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const auto sha256 = sha256_of_path(folder / file.name);
  if (!sha256) return tl::unexpected(sha256.error());
  const nlohmann::json figures{{"sha256", *sha256}, {"bytes", bytes_of(folder)}, {"build_s", took.count()}};
  return write_file_atomically(folder / figures_file, dump_json(figures));
}

}  // namespace

std::int64_t bytes_of(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    const auto size = fs::file_size(path, error);
    return error ? 0 : static_cast<std::int64_t>(size);
  }
  std::int64_t total = 0;
  for (fs::recursive_directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->is_regular_file(error)) total += static_cast<std::int64_t>(entry->file_size(error));
  }
  return total;
}

Result<Variant> make_or_find(cache::Cache& cache, const FileToMake& file, const CancelToken& cancel) {
  const auto entry = cache.get(
      file.kind, file.key_parts, [&](const fs::path& folder) { return make_with_figures(file, folder); }, &cancel);
  if (!entry) return tl::unexpected(entry.error());
  const auto text = read_text_file(entry->folder() / figures_file);
  if (!text) return tl::unexpected(text.error());
  const auto figures = parse_json(*text, "the figures of a cached model file");
  if (!figures) return tl::unexpected(figures.error());
  Variant variant{entry->folder() / file.name, {}, 0, {}, entry->was_there(), *entry};
  variant.sha256 = figures->value("sha256", std::string());
  variant.bytes = figures->value("bytes", std::int64_t{0});
  variant.build_s = figures->value("build_s", 0.0);
  return variant;
}

Result<Variant> existing_file(const fs::path& file, const std::string& sha256) {
  std::error_code error;
  const fs::path absolute = fs::absolute(file, error);
  if (error || !fs::exists(absolute, error))
    return fail(ErrorCode::bad_input, fmt::format("'{}' is gone", file.string()), "put the model's file back");
  return Variant{absolute, sha256, bytes_of(absolute), {}, false, {}};
}

}  // namespace podium::import
