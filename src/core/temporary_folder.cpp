#include "core/temporary_folder.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace podium {

Result<TemporaryFolder> TemporaryFolder::create(const std::filesystem::path& parent, const std::string& prefix) {
  std::error_code error;
  const std::filesystem::path base = parent.empty() ? std::filesystem::temp_directory_path(error) : parent;
  std::filesystem::create_directories(base, error);
  std::string pattern = (base / (prefix + "-XXXXXX")).string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    return fail(ErrorCode::io, fmt::format("no folder can be made in '{}': {}", base.string(), std::strerror(errno)),
                "make room there, or set TMPDIR to a folder that can be written");
  }
  return TemporaryFolder(pattern);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace podium
