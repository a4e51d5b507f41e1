#include "machine/measuring_lock.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <system_error>

#include "core/text.h"

namespace podium::machine {

namespace fs = std::filesystem;

namespace {

constexpr int poll_milliseconds = 100;
constexpr std::size_t longest_owner = 1024;
constexpr const char* folder_remedy = "set PODIUM_LOCK_DIR to a folder that can be written";

tl::unexpected<Error> cannot_open(const fs::path& file, const std::string& why) {
  return fail(ErrorCode::io, fmt::format("cannot open the lock file '{}': {}", printable(file.string()), why), folder_remedy);
}

std::string reason(int error) {
  return std::generic_category().message(error);
}

/// An existing file is opened without O_CREAT: in a folder that all may write, the kernel refuses O_CREAT on another user's file.
/// One that may not be written can be locked all the same.
UniqueFd open_or_create(const fs::path& file) {
  constexpr int attempts = 10;  // another run may create or an administrator remove the file between our two steps
  for (int i = 0; i < attempts; ++i) {
    for (const int mode : {O_RDWR, O_RDONLY}) {
      if (UniqueFd fd(::open(file.c_str(), mode | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)); fd) return fd;
      if (errno != EACCES) break;
    }
    if (errno != ENOENT) return {};
    if (UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666)); fd) {
      ::fchmod(fd.get(), 0666);  // whatever the umask: the next user writes its name here
      return fd;
    }
    if (errno != EEXIST) return {};
  }
  return {};
}

Result<UniqueFd> open_lock(const fs::path& file) {
  UniqueFd fd = open_or_create(file);
  if (!fd) return cannot_open(file, errno == ELOOP ? "it is a symbolic link, which could lead anywhere" : reason(errno));
  struct stat facts {};
  if (::fstat(fd.get(), &facts) != 0) return cannot_open(file, reason(errno));
  // Who holds the lock writes into the file, so it must be nothing but that.
  if (!S_ISREG(facts.st_mode)) return cannot_open(file, "it is not a plain file");
  if (facts.st_nlink > 1) return cannot_open(file, "it has another name (hard link), so it could be anybody's file");
  return fd;
}

/// Whether the file under this name is still the one that is open: else another run would lock another file.
bool is_still_named(const fs::path& file, int fd) {
  struct stat named {};
  struct stat open {};
  return ::lstat(file.c_str(), &named) == 0 && ::fstat(fd, &open) == 0 && named.st_ino == open.st_ino && named.st_dev == open.st_dev;
}

std::string user_name() {
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> buffer{};
  if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return entry.pw_name;
  return fmt::format("user {}", ::getuid());
}

void write_owner(int fd, const std::vector<std::string>& command) {
  std::string owner = fmt::format("process {} of {} since {:%Y-%m-%d %H:%M:%S} UTC: {}", ::getpid(), user_name(),
                                  fmt::gmtime(std::time(nullptr)), join(command, " "));
  owner.resize(std::min(owner.size(), longest_owner));
  // Only a help for whoever waits: where it cannot be written the lock holds all the same.
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, owner.data(), owner.size(), 0) < 0) return;
}

std::string read_owner(int fd) {
  std::array<char, longest_owner> buffer{};
  const ssize_t count = ::pread(fd, buffer.data(), buffer.size(), 0);
  if (count <= 0) return "a process that has not left its name";
  return printable(std::string(buffer.data(), static_cast<std::size_t>(count)));
}

std::string file_name(const LockRequest& request) {
  std::string name = request.identity.empty() ? request.device : request.identity;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '-');
  return fmt::format("podium-{}.lock", name);
}

/// "cuda:0 (GPU-8932f937)": the other run may know it by another number.
std::string told_device(const LockRequest& request) {
  const bool is_one_name = request.identity.empty() || request.identity == request.device;
  return is_one_name ? request.device : fmt::format("{} ({})", request.device, printable(request.identity));
}

}  // namespace

fs::path lock_folder() {
  if (const char* chosen = std::getenv("PODIUM_LOCK_DIR"); chosen != nullptr && *chosen != '\0') return chosen;
  if (::access("/run/lock", W_OK | X_OK) == 0) return "/run/lock";
  std::error_code error;
  const fs::path temporary = fs::temp_directory_path(error);
  return error ? fs::path("/tmp") : temporary;
}

Result<MeasuringLock> MeasuringLock::acquire(const LockRequest& request, const CancelToken& cancel,
                                             const std::function<void(const std::string&)>& on_wait) {
  const fs::path file = request.folder / file_name(request);
  std::string told;
  while (true) {
    Result<UniqueFd> fd = open_lock(file);
    if (!fd) return tl::unexpected(fd.error());
    if (::flock(fd->get(), LOCK_EX | LOCK_NB) == 0) {
      if (!is_still_named(file, fd->get())) continue;
      write_owner(fd->get(), request.command);
      return MeasuringLock(std::move(*fd));
    }
    if (errno != EWOULDBLOCK && errno != EINTR) return cannot_open(file, reason(errno));
    const std::string owner = read_owner(fd->get());
    if (request.no_wait) {
      return fail(ErrorCode::unavailable, fmt::format("another run measures on {} just now: {}", told_device(request), owner),
                  "leave out --no-wait to wait for it");
    }
    if (on_wait && owner != told) on_wait(owner);
    told = owner;
    pollfd event{cancel.descriptor(), POLLIN, 0};
    if (::poll(&event, 1, poll_milliseconds) > 0 || cancel.requested())
      return fail(ErrorCode::cancelled, fmt::format("stopped while waiting for another run: {}", owner));
  }
}

}  // namespace podium::machine
