#include "output_files.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "podium/error.h"
#include "podium/names.h"

namespace cli {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& flag, const std::string& file, const std::string& why, const std::string& remedy) {
  throw podium::Exception({podium::ErrorCode::wrong_use, fmt::format("{} {}: {}", flag, podium::printable(file), why), remedy});
}

/// 0, or the errno of making, filling and syncing a file in `folder`; it is gone when this returns.
int try_to_write_in(const fs::path& folder) {
  std::string name = (folder / ".podium-XXXXXX").string();
  const int descriptor = ::mkstemp(name.data());
  if (descriptor < 0) return errno;
  ::unlink(name.c_str());
  static constexpr std::array<char, 65536> zeros{};  // what a small results file takes
  const ssize_t written = ::write(descriptor, zeros.data(), zeros.size());
  int error = written < 0 ? errno : written < static_cast<ssize_t>(zeros.size()) ? ENOSPC : 0;
  if (error == 0 && ::fsync(descriptor) != 0) error = errno;
  ::close(descriptor);
  return error;
}

void check_folder(const std::string& flag, const std::string& file) {
  const fs::path parent = fs::path(file).parent_path();
  const fs::path folder = parent.empty() ? "." : parent;
  if (!fs::is_directory(folder)) {
    refuse(flag, file, fmt::format("there is no folder {}", podium::printable(folder.string())),
           fmt::format("mkdir -p {}", podium::printable(folder.string())));
  }
  const int error = try_to_write_in(folder);
  if (error == 0) return;
  const std::string reason = std::generic_category().message(error);
  if (error != ENOSPC && error != EDQUOT)
    refuse(flag, file, "cannot be written: " + reason, "give a file in a folder that is yours to write");
  throw podium::Exception({podium::ErrorCode::io, fmt::format("{} {}: cannot be written: {}", flag, podium::printable(file), reason),
                           "free some space there, or give a file on another disk"});
}

void check_file(const std::string& flag, const std::string& file) {
  std::error_code none;
  const fs::file_status status = fs::status(file, none);
  if (fs::is_directory(status)) refuse(flag, file, "is a folder", fmt::format("give a file name, as in {} results", flag));
  if (fs::exists(status) && ::access(file.c_str(), W_OK) != 0) {
    refuse(flag, file, "cannot be written: " + std::generic_category().message(errno), "give a file that is yours to write");
  }
  if (fs::is_regular_file(status) || !fs::exists(status)) return check_folder(flag, file);
  // A device or a pipe takes a table; but a journal is kept beside the results file, and that must not be in /dev.
  if (flag == "--json") refuse(flag, file, "is no regular file", "give a file name, as in --json results.json");
}

bool is_same(const std::string& a, const std::string& b) {
  std::error_code none;
  return fs::weakly_canonical(fs::absolute(a, none), none) == fs::weakly_canonical(fs::absolute(b, none), none);
}

}  // namespace

void check_output_files(const std::string& input, const std::vector<std::pair<std::string, std::string>>& files,
                        const std::string& what_input_is) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto& [flag, file] = files[i];
    if (file.empty()) continue;
    if (is_same(file, input)) refuse(flag, file, what_input_is + ", and would be overwritten", "give another file name");
    for (std::size_t j = 0; j < i; ++j) {
      if (!files[j].second.empty() && is_same(file, files[j].second))
        refuse(flag, file, "is the file of " + files[j].first + " too", "give each its own file name");
    }
    check_file(flag, file);
  }
}

void check_inputs_are_kept(const std::vector<std::pair<std::string, std::string>>& inputs,
                           const std::vector<std::pair<std::string, std::string>>& files) {
  for (const auto& [input_flag, input] : inputs) {
    std::error_code none;
    if (input.empty() || !fs::exists(input, none)) continue;  // a function of Python's, or a word that is no file
    for (const auto& [flag, file] : files) {
      if (!file.empty() && is_same(file, input))
        refuse(flag, file, fmt::format("is what {} reads, and would be overwritten", input_flag), "give another file name");
    }
  }
}

}  // namespace cli
