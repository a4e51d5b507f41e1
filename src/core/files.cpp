#include "core/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <system_error>

#include "core/text.h"
#include "core/unique_fd.h"

namespace podium {

namespace fs = std::filesystem;

namespace {

std::string reason(int error) {
  return std::generic_category().message(error);
}

tl::unexpected<Error> cannot_read(const fs::path& file, const std::string& why, ErrorCode code) {
  return fail(code, fmt::format("cannot read '{}': {}", printable(file.string()), why), "check the path and its permissions");
}

tl::unexpected<Error> cannot_write(const fs::path& file, int error) {
  const std::string remedy =
      error == ENOSPC || error == EDQUOT ? "free some space, or write to another disk" : "write to a folder that exists and is writable";
  return fail(ErrorCode::io, fmt::format("cannot write '{}': {}", printable(file.string()), reason(error)), remedy);
}

/// 0, or the errno of the write that was refused.
int write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

using Produce = std::function<Result<void>(const ByteSink&)>;

Result<void> produce_into(int fd, const fs::path& file, const Produce& produce) {
  return produce([fd, &file](std::string_view bytes) -> Result<void> {
    if (const int error = write_all(fd, bytes); error != 0) return cannot_write(file, error);
    return {};
  });
}

/// A device or a pipe cannot be renamed over: replacing /dev/null by a file would break the machine.
Result<void> write_in_place(const fs::path& file, const Produce& produce) {
  const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return cannot_write(file, errno);
  return produce_into(fd.get(), file, produce);
}

/// Removes a temporary file that did not get its final name.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& target) {
    static std::atomic<unsigned> counter = 0;
    path_ = target;
    path_.replace_filename(fmt::format(".{}.{}-{}.tmp", target.filename().string(), ::getpid(), counter++));
    fd_.reset(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!fd_) refused_ = errno;
  }
  ~TemporaryFile() {
    if (fd_) ::unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  /// `file`: as the caller named it, for errors.
  Result<void> write_and_rename(const Produce& produce, const fs::path& target, const fs::path& file) {
    if (refused_ != 0) return cannot_write(file, refused_);
    if (Result<void> written = produce_into(fd_.get(), file, produce); !written) return written;
    if (::fsync(fd_.get()) != 0 || ::rename(path_.c_str(), target.c_str()) != 0) return cannot_write(file, errno);
    fd_.reset();
    return {};
  }

 private:
  fs::path path_;
  UniqueFd fd_;
  int refused_ = 0;  // errno of the open that failed
};

}  // namespace

Result<std::string> read_text_file(const fs::path& file, std::size_t limit) {
  // O_NONBLOCK: opening a pipe that nobody writes to must not hang.
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return cannot_read(file, reason(errno), errno == ENOENT || errno == ENOTDIR ? ErrorCode::bad_input : ErrorCode::io);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return cannot_read(file, reason(errno), ErrorCode::io);
  if (!S_ISREG(status.st_mode)) return cannot_read(file, "it is not a regular file", ErrorCode::bad_input);
  std::string content;
  constexpr std::size_t chunk = std::size_t{1} << 16;  // files of /proc tell no size, so read to the end
  content.reserve(static_cast<std::size_t>(status.st_size) <= limit ? static_cast<std::size_t>(status.st_size) + chunk : chunk);
  while (true) {
    const std::size_t before = content.size();
    content.resize(before + chunk);
    const ssize_t count = ::read(fd.get(), content.data() + before, chunk);
    if (count < 0 && errno != EINTR) return cannot_read(file, reason(errno), ErrorCode::io);
    content.resize(before + static_cast<std::size_t>(count < 0 ? 0 : count));
    if (content.size() > limit)
      return cannot_read(file, fmt::format("it is larger than {}", human_bytes(static_cast<double>(limit))), ErrorCode::bad_input);
    if (count == 0) return content;
  }
}

Result<void> stream_file_atomically(const fs::path& file, const Produce& produce) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (fs::is_directory(status)) return cannot_write(file, EISDIR);
  if (fs::exists(status) && !fs::is_regular_file(status)) return write_in_place(file, produce);
  const fs::path target = fs::is_symlink(fs::symlink_status(file, error)) ? fs::weakly_canonical(file, error) : file;
  TemporaryFile temporary(target);
  if (Result<void> written = temporary.write_and_rename(produce, target, file); !written) return written;
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  const UniqueFd folder_fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Some file systems cannot sync a folder (EINVAL); the file itself is safe by then.
  if (folder_fd && ::fsync(folder_fd.get()) != 0 && errno != EINVAL) return cannot_write(file, errno);
  return {};
}

Result<void> write_file_atomically(const fs::path& file, std::string_view content) {
  return stream_file_atomically(file, [content](const ByteSink& sink) { return sink(content); });
}

}  // namespace podium
