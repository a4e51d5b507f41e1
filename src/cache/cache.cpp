#include "cache/cache.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "cache/entry_place.h"
#include "cache/eviction.h"
#include "cache/file_lock.h"

namespace podium::cache {

namespace fs = std::filesystem;

struct Entry::State {
  fs::path folder;
  FileLock lock;
  bool was_there = false;
};

const fs::path& Entry::folder() const noexcept {
  static const fs::path nowhere;
  return state_ ? state_->folder : nowhere;
}

bool Entry::was_there() const noexcept {
  return state_ && state_->was_there;
}

namespace {

constexpr std::int64_t default_limit_bytes = std::int64_t{20} << 30;

/// The value of an environment variable; empty where it is not set.
std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

Result<std::int64_t> limit_from_environment() {
  const std::string_view text = variable("PODIUM_CACHE_LIMIT");
  if (text.empty()) return default_limit_bytes;
  std::int64_t bytes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (error != std::errc() || end != text.data() + text.size() || bytes < 0) {
    return fail(ErrorCode::wrong_use, fmt::format("PODIUM_CACHE_LIMIT is '{}', which is no number of bytes", text),
                "set it to a whole number, such as 5000000000 for 5 GB");
  }
  return bytes;
}

Result<fs::path> root_from_environment() {
  // The XDG standard says that a relative path is to be ignored.
  if (const fs::path cache_home = variable("XDG_CACHE_HOME"); cache_home.is_absolute()) return cache_home / "podium";
  if (const fs::path home = variable("HOME"); home.is_absolute()) return home / ".cache" / "podium";
  return fail(ErrorCode::io, "there is no place for Podium's cache: neither XDG_CACHE_HOME nor HOME is set",
              "set XDG_CACHE_HOME to a folder that you may write to");
}

Result<void> make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return storage_error("make", folder, error.value());
  return {};
}

/// Removes the folder in which an entry is made, unless it got its final name.
class MakingFolder {
 public:
  explicit MakingFolder(fs::path path) : path_(std::move(path)) { remove(); }
  ~MakingFolder() { remove(); }
  MakingFolder(const MakingFolder&) = delete;
  MakingFolder& operator=(const MakingFolder&) = delete;

 private:
  void remove() const noexcept {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  fs::path path_;
};

/// Makes the entry; the caller holds its lock exclusively.
Result<void> make_entry(const EntryPlace& place, const std::function<Result<void>(const fs::path&)>& make) {
  const MakingFolder making(place.making);
  if (Result<void> made = make_folder(place.making); !made) return made;
  if (Result<void> made = make(place.making); !made) return made;
  if (Result<void> synced = sync_folder(place.making); !synced) return synced;
  std::error_code error;
  fs::rename(place.making, place.folder, error);
  if (error) return storage_error("finish", place.folder, error.value());
  return {};
}

bool is_there(const EntryPlace& place) {
  std::error_code error;
  return fs::is_directory(place.folder, error);
}

/// Apart from finished entries of the same kind.
EntryPlace place_of_working_folder(const fs::path& kind_folder, const std::vector<std::string>& key_parts) {
  std::vector<std::string> parts{"working folder"};
  parts.insert(parts.end(), key_parts.begin(), key_parts.end());
  return place_of(kind_folder, key_of(parts));
}

/// An entry that is there, and the shared lock that keeps it so.
struct Held {
  FileLock lock;
  bool was_there = false;
};

Result<std::optional<Held>> find(const EntryPlace& place, const CancelToken* cancel) {
  Result<FileLock> lock = FileLock::acquire(place.lock, LockMode::shared, cancel);
  if (!lock) return tl::unexpected(lock.error());
  if (!is_there(place)) return std::nullopt;
  return Held{std::move(*lock), true};
}

/// Nothing where another run evicts the entry before it is held.
Result<std::optional<Held>> make_or_find(const EntryPlace& place, const std::function<Result<void>(const fs::path&)>& make,
                                         const CancelToken* cancel) {
  Result<FileLock> lock = FileLock::acquire(place.lock, LockMode::exclusive, cancel);
  if (!lock) return tl::unexpected(lock.error());
  const bool was_there = is_there(place);
  if (!was_there) {
    if (Result<void> made = make_entry(place, make); !made) return tl::unexpected(made.error());
  }
  if (Result<void> shared = lock->downgrade(); !shared) return tl::unexpected(shared.error());
  if (!is_there(place)) return std::nullopt;
  return Held{std::move(*lock), was_there};
}

}  // namespace

Cache::Cache(fs::path root, std::int64_t limit_bytes) : root_(std::move(root)), limit_bytes_(limit_bytes) {}

Result<Cache> Cache::open() {
  const Result<std::int64_t> limit = limit_from_environment();
  if (!limit) return tl::unexpected(limit.error());
  const Result<fs::path> root = root_from_environment();
  if (!root) return tl::unexpected(root.error());
  return open(*root, *limit);
}

Result<Cache> Cache::open(const fs::path& root, std::int64_t limit_bytes) {
  std::error_code error;
  const fs::path absolute = fs::absolute(root, error);
  if (error) return storage_error("find", root, error.value());
  const bool is_new = !fs::exists(absolute, error);
  if (Result<void> made = make_folder(absolute); !made) return tl::unexpected(made.error());
  // Compiled packages in it are code that we run later, so nobody else may write there.
  if (is_new) fs::permissions(absolute, fs::perms::owner_all, error);
  // Told here, in one sentence, and not by whichever stage happens to write first.
  if (::access(absolute.c_str(), W_OK | X_OK) != 0) return storage_error("write to", absolute, errno);
  clean_up(absolute, limit_bytes);
  return Cache(absolute, limit_bytes);
}

Result<Entry> Cache::get(const std::string& kind, const std::vector<std::string>& key_parts,
                         const std::function<Result<void>(const fs::path& folder)>& make, const CancelToken* cancel) {
  if (Result<void> made = make_folder(root_ / kind); !made) return tl::unexpected(made.error());
  const EntryPlace place = place_of(root_ / kind, key_of(key_parts));
  constexpr int attempts = 10;  // another run may evict an entry before we hold it, but not time and again
  for (int i = 0; i < attempts; ++i) {
    Result<std::optional<Held>> held = find(place, cancel);
    if (held && !held->has_value()) held = make_or_find(place, make, cancel);
    if (!held) return tl::unexpected(held.error());
    if (!held->has_value()) continue;
    const bool was_there = (*held)->was_there;
    Entry entry;
    entry.state_ = std::make_shared<Entry::State>(Entry::State{place.folder, std::move((*held)->lock), was_there});
    entry.state_->lock.touch();
    if (!was_there) clean_up(root_, limit_bytes_);
    return entry;
  }
  return fail(ErrorCode::io, fmt::format("'{}' vanishes from Podium's cache as soon as it is made", place.folder.string()),
              "raise PODIUM_CACHE_LIMIT, and do not empty the cache while Podium runs");
}

Result<Entry> Cache::working_folder(const std::string& kind, const std::vector<std::string>& key_parts) {
  const EntryPlace place = place_of_working_folder(root_ / kind, key_parts);
  if (Result<void> made = make_folder(root_ / kind); !made) return tl::unexpected(made.error());
  Result<FileLock> lock = FileLock::acquire(place.lock, LockMode::shared, nullptr);
  if (!lock) return tl::unexpected(lock.error());
  const bool was_there = is_there(place);
  if (Result<void> made = make_folder(place.folder); !made) return tl::unexpected(made.error());
  lock->touch();
  Entry entry;
  entry.state_ = std::make_shared<Entry::State>(Entry::State{place.folder, std::move(*lock), was_there});
  return entry;
}

std::optional<fs::path> Cache::existing_working_folder(const std::string& kind, const std::vector<std::string>& key_parts) const {
  const EntryPlace place = place_of_working_folder(root_ / kind, key_parts);
  return is_there(place) ? std::optional(place.folder) : std::nullopt;
}

}  // namespace podium::cache
