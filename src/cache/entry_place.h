#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"

namespace podium::cache {

/// Where an entry lies: ROOT/KIND/KEY, with KEY.lock beside it, KEY.making while it is made and KEY.evicted while it is removed.
struct EntryPlace {
  std::filesystem::path folder;
  std::filesystem::path lock;
  std::filesystem::path making;
  std::filesystem::path evicted;
};

[[nodiscard]] EntryPlace place_of(const std::filesystem::path& kind_folder, const std::string& key);
/// Hash of all parts, such that no other split of the same text gives the same key.
[[nodiscard]] std::string key_of(const std::vector<std::string>& parts);
/// "cannot VERB 'PATH' in Podium's cache: REASON", with what mends it.
[[nodiscard]] tl::unexpected<Error> storage_error(const char* verb, const std::filesystem::path& path, int error_number);
/// Writes every file below to the disk, so that a finished entry is whole after a power cut too.
[[nodiscard]] Result<void> sync_folder(const std::filesystem::path& folder);

}  // namespace podium::cache
