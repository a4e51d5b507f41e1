#include "machine/measuring_lock.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <optional>

#include "../temporary_folder.h"

namespace {

using namespace podium::machine;
using podium::CancelToken;
using podium::ErrorCode;
using podium::test::slurp;
using podium::test::TemporaryFolder;

LockRequest request_in(const TemporaryFolder& folder, bool no_wait = false) {
  return {folder.path(), "cpu", {"podium", "bench", "first.onnx"}, no_wait};
}

/// A process of its own that holds the lock until it is killed.
class Holder {
 public:
  explicit Holder(const TemporaryFolder& folder) {
    int ready[2];
    if (::pipe(ready) != 0) return;
    pid_ = ::fork();
    if (pid_ == 0) {
      const auto lock = MeasuringLock::acquire(request_in(folder), CancelToken{});
      const char held = lock ? 'y' : 'n';
      if (::write(ready[1], &held, 1) != 1) ::_exit(1);
      while (true) ::pause();
    }
    char held = 'n';
    holds_ = ::read(ready[0], &held, 1) == 1 && held == 'y';
    ::close(ready[0]);
    ::close(ready[1]);
  }
  ~Holder() { kill(); }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  [[nodiscard]] bool holds() const { return holds_; }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  bool holds_ = false;
};

TEST(MeasuringLock, IsWaitedForAndSaysWhose) {
  const TemporaryFolder folder;
  Holder holder(folder);
  ASSERT_TRUE(holder.holds());
  const std::string pid = std::to_string(holder.pid());
  int told = 0;
  const auto lock = MeasuringLock::acquire(request_in(folder), CancelToken{}, [&](const std::string& owner) {
    ++told;
    EXPECT_NE(owner.find("process " + pid), std::string::npos) << owner;
    EXPECT_NE(owner.find("podium bench first.onnx"), std::string::npos) << owner;
    holder.kill();  // by SIGKILL, so it could release nothing itself
  });
  EXPECT_TRUE(lock);
  EXPECT_EQ(told, 1);
}

TEST(MeasuringLock, IsRefusedUnderNoWait) {
  const TemporaryFolder folder;
  const Holder holder(folder);
  const auto lock = MeasuringLock::acquire(request_in(folder, true), CancelToken{});
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code, ErrorCode::unavailable);
  EXPECT_NE(lock.error().message.find(std::to_string(holder.pid())), std::string::npos);
  EXPECT_NE(lock.error().remedy.find("--no-wait"), std::string::npos);
}

TEST(MeasuringLock, WaitingEndsWhenTheUserAsks) {
  const TemporaryFolder folder;
  const Holder holder(folder);
  const CancelToken cancel;
  const auto lock = MeasuringLock::acquire(request_in(folder), cancel, [&](const std::string&) { cancel.request(); });
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code, ErrorCode::cancelled);
}

TEST(MeasuringLock, IsFreeAgainWhenItsOwnerLetsGoAndOthersMayWriteIt) {
  const TemporaryFolder folder;
  const mode_t before = ::umask(077);
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(MeasuringLock::acquire(request_in(folder, true), CancelToken{}));
  ::umask(before);
  struct stat facts {};
  ASSERT_EQ(::stat((folder.path() / "podium-cpu.lock").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0666U);
}

TEST(MeasuringLock, OfAnotherDeviceIsAnother) {
  const TemporaryFolder folder;
  const Holder holder(folder);
  LockRequest other = request_in(folder, true);
  other.device = "gpu:0/../x";
  EXPECT_TRUE(MeasuringLock::acquire(other, CancelToken{}));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "podium-gpu-0----x.lock"));
}

TEST(MeasuringLock, IsOfWhatADeviceIsAndNotOfItsNumber) {
  const TemporaryFolder folder;
  LockRequest first{folder.path(), "cuda:0", {"podium", "bench", "first.onnx"}, true, "GPU-bbbb-1"};
  const auto held = MeasuringLock::acquire(first, CancelToken{});
  ASSERT_TRUE(held);
  LockRequest same = first;
  same.device = "cuda:1";
  const auto refused = MeasuringLock::acquire(same, CancelToken{});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("cuda:1 (GPU-bbbb-1)"), std::string::npos) << refused.error().message;
  EXPECT_NE(refused.error().message.find("first.onnx"), std::string::npos) << refused.error().message;
  LockRequest other = first;
  other.identity = "GPU-aaaa-0";
  EXPECT_TRUE(MeasuringLock::acquire(other, CancelToken{})) << "another GPU, though this process calls it cuda:0 too";
}

TEST(MeasuringLock, FollowsNoLinkAndWritesToNobodysFile) {
  for (const bool is_symbolic : {true, false}) {
    const TemporaryFolder folder;
    const auto victim = folder.write("victim", "precious");
    const auto name = folder.path() / "podium-cpu.lock";
    is_symbolic ? std::filesystem::create_symlink(victim, name) : std::filesystem::create_hard_link(victim, name);
    const auto lock = MeasuringLock::acquire(request_in(folder), CancelToken{});
    ASSERT_FALSE(lock);
    EXPECT_NE(lock.error().remedy.find("PODIUM_LOCK_DIR"), std::string::npos);
    EXPECT_EQ(slurp(victim), "precious");
  }
}

TEST(MeasuringLock, SaysWhatToDoWhereItsFolderIsMissing) {
  const TemporaryFolder folder;
  LockRequest request = request_in(folder);
  request.folder = folder.path() / "not there";
  const auto lock = MeasuringLock::acquire(request, CancelToken{});
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code, ErrorCode::io);
}

}  // namespace
