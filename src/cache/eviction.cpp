#include "cache/eviction.h"

#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "cache/entry_place.h"
#include "cache/file_lock.h"

namespace podium::cache {

namespace fs = std::filesystem;

namespace {

struct StoredEntry {
  EntryPlace place;
  fs::file_time_type last_use;
  std::int64_t bytes = 0;
};

/// Space that a folder takes on the disk; files that vanish meanwhile count nothing.
std::int64_t bytes_on_disk(const fs::path& folder) {
  std::int64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, fs::directory_options::skip_permission_denied, error), end; !error && it != end;
       it.increment(error)) {
    struct stat status {};
    constexpr std::int64_t block_bytes = 512;  // the unit of st_blocks, whatever the file system's own
    if (::lstat(it->path().c_str(), &status) == 0) bytes += std::int64_t{status.st_blocks} * block_bytes;
  }
  return bytes;
}

std::vector<EntryPlace> places_below(const fs::path& root) {
  std::vector<EntryPlace> places;
  std::error_code error;
  for (const fs::directory_entry& kind : fs::directory_iterator(root, error)) {
    std::set<std::string> keys;
    for (const fs::directory_entry& item : fs::directory_iterator(kind.path(), error)) keys.insert(item.path().stem());
    for (const std::string& key : keys) places.push_back(place_of(kind.path(), key));
  }
  return places;
}

void remove_leftovers(const EntryPlace& place) {
  std::error_code error;
  if (!fs::exists(place.making, error) && !fs::exists(place.evicted, error)) return;
  // Whoever still works on them holds the lock.
  const std::optional<FileLock> lock = FileLock::try_exclusive(place.lock);
  if (!lock) return;
  fs::remove_all(place.making, error);
  fs::remove_all(place.evicted, error);
  if (!fs::exists(place.folder, error)) fs::remove(place.lock, error);
}

/// True where the entry is gone.
bool evict(const EntryPlace& place) {
  const std::optional<FileLock> lock = FileLock::try_exclusive(place.lock);
  if (!lock) return false;
  std::error_code error;
  fs::remove_all(place.evicted, error);
  // Renamed first: a crash in the middle of removing must not leave half an entry that looks whole.
  fs::rename(place.folder, place.evicted, error);
  if (error) return false;
  fs::remove_all(place.evicted, error);
  fs::remove(place.lock, error);
  return true;
}

}  // namespace

void clean_up(const fs::path& root, std::int64_t limit_bytes) {
  std::vector<StoredEntry> entries;
  std::int64_t total = 0;
  for (const EntryPlace& place : places_below(root)) {
    remove_leftovers(place);
    std::error_code error;
    if (!fs::is_directory(place.folder, error)) continue;
    fs::file_time_type last_use = fs::last_write_time(place.lock, error);
    if (error) last_use = fs::last_write_time(place.folder, error);
    entries.push_back({place, last_use, bytes_on_disk(place.folder)});
    total += entries.back().bytes;
  }
  std::sort(entries.begin(), entries.end(), [](const StoredEntry& a, const StoredEntry& b) { return a.last_use < b.last_use; });
  for (const StoredEntry& entry : entries) {
    if (total <= limit_bytes) return;
    if (evict(entry.place)) total -= entry.bytes;
  }
}

}  // namespace podium::cache
