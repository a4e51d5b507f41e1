#include "backends/api/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "core/files.h"
#include "core/text.h"

namespace podium::backend {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t description_limit = std::size_t{1} << 20;

Result<Registered> read_entry(const fs::path& file) {
  Result<std::string> text = read_text_file(file, description_limit);
  if (!text) return tl::unexpected(text.error());
  Result<Registered> entry = parse_descriptor(*text);
  if (!entry) {
    return fail(ErrorCode::bad_input, fmt::format("'{}': {}", printable(file.string()), entry.error().message),
                "build or install Podium again");
  }
  if (entry->launch == Launch::module) entry->module = file.parent_path() / fmt::format("podium-backend-{}.so", entry->descriptor.name);
  return entry;
}

}  // namespace

Result<std::vector<Registered>> read_registry(const fs::path& folder) {
  std::error_code error;
  std::vector<Registered> entries;
  fs::directory_iterator files(folder, error);
  if (error) {
    return fail(ErrorCode::unavailable,
                fmt::format("cannot read the folder of backends '{}': {}", printable(folder.string()), error.message()),
                "install Podium again, or set PODIUM_HOME to the folder that holds its programs");
  }
  for (; files != fs::directory_iterator(); files.increment(error)) {
    if (files->path().extension() != ".json") continue;
    Result<Registered> entry = read_entry(files->path());
    if (!entry) return tl::unexpected(entry.error());
    entries.push_back(std::move(*entry));
  }
  std::sort(entries.begin(), entries.end(), [](const Registered& a, const Registered& b) { return a.descriptor.name < b.descriptor.name; });
  return entries;
}

Descriptor on_device_kind(Descriptor descriptor, const std::string& kind) {
  const auto is_for_others = [&](const std::vector<std::string>& kinds) {
    return !kinds.empty() && std::find(kinds.begin(), kinds.end(), kind) == kinds.end();
  };
  std::erase_if(descriptor.precisions, [&](Precision precision) {
    const auto limit = descriptor.only_on.find(precision);
    return limit != descriptor.only_on.end() && is_for_others(limit->second);
  });
  std::erase_if(descriptor.worth_trying, [&](const OptionTrial& trial) { return is_for_others(trial.device_kinds); });
  return descriptor;
}

}  // namespace podium::backend
