#include "cache/entry_place.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "core/sha256.h"
#include "core/text.h"
#include "core/unique_fd.h"

namespace podium::cache {

namespace fs = std::filesystem;

EntryPlace place_of(const fs::path& kind_folder, const std::string& key) {
  const fs::path folder = kind_folder / key;
  return {folder, kind_folder / (key + ".lock"), kind_folder / (key + ".making"), kind_folder / (key + ".evicted")};
}

std::string key_of(const std::vector<std::string>& parts) {
  Sha256 digest;
  for (const std::string& part : parts) digest.update(sha256_of_text(part));
  return digest.hex_digest();
}

tl::unexpected<Error> storage_error(const char* verb, const fs::path& path, int error_number) {
  const bool full = error_number == ENOSPC || error_number == EDQUOT;
  return fail(
      ErrorCode::io,
      fmt::format("cannot {} '{}' in Podium's cache: {}", verb, printable(path.string()), std::generic_category().message(error_number)),
      full ? "free some space on that disk, or set XDG_CACHE_HOME to a folder on another one"
           : "set XDG_CACHE_HOME to a folder that you may write to");
}

Result<void> sync_folder(const fs::path& folder) {
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->is_symlink() || !(it->is_regular_file() || it->is_directory())) continue;
    const UniqueFd fd(::open(it->path().c_str(), O_RDONLY | O_CLOEXEC));
    // EINVAL: a file system that cannot sync such a thing.
    if (!fd || (::fsync(fd.get()) != 0 && errno != EINVAL)) return storage_error("write", it->path(), errno);
  }
  if (error) return storage_error("read", folder, error.value());
  return {};
}

}  // namespace podium::cache
