#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "../temporary_folder.h"
#include "core/unique_fd.h"
#include "living.h"

namespace podium::worker {
namespace {

/// A supervisor in the middle of a call to a worker that has children in sessions of their own and a thread that spins.
class RunningSupervisor {
 public:
  RunningSupervisor() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // the guard comes to us then, to be waited for
    std::array<int, 2> output{};
    if (::pipe2(output.data(), O_CLOEXEC) != 0) return;
    const UniqueFd in(output[0]);
    UniqueFd out(output[1]);
    const std::string model = folder_.write("model.onnx", "").string();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(out.get(), STDOUT_FILENO);
      ::execl(PODIUM_TEST_SUPERVISOR, PODIUM_TEST_SUPERVISOR, model.c_str(), nullptr);
      ::_exit(127);
    }
    out.reset();
    std::array<char, 7> said{};
    ready_ = ::read(in.get(), said.data(), said.size()) == static_cast<ssize_t>(said.size());
    family_ = descendants_of(pid_, read_processes());
  }
  ~RunningSupervisor() {
    end_by(SIGKILL);
    if (!family_.empty()) ::waitpid(family_.front().pid, nullptr, 0);
    ::prctl(PR_SET_CHILD_SUBREAPER, 0);
  }
  RunningSupervisor(const RunningSupervisor&) = delete;
  RunningSupervisor& operator=(const RunningSupervisor&) = delete;

  void end_by(int signal) {
    if (pid_ <= 0) return;
    ::kill(pid_, signal);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  [[nodiscard]] bool ready() const { return ready_; }
  [[nodiscard]] const std::vector<ProcessEntry>& family() const { return family_; }

 private:
  test::TemporaryFolder folder_;
  pid_t pid_ = -1;
  bool ready_ = false;
  std::vector<ProcessEntry> family_;
};

class SupervisorEndedBy : public ::testing::TestWithParam<int> {};

TEST_P(SupervisorEndedBy, LeavesNoOrphan) {
  RunningSupervisor supervisor;
  ASSERT_TRUE(supervisor.ready());
  ASSERT_EQ(supervisor.family().size(), 5U);  // guard, worker and its three children
  supervisor.end_by(GetParam());
  EXPECT_TRUE(test::eventually([&supervisor] { return test::living(supervisor.family()).empty(); }));
}

TEST_P(SupervisorEndedBy, LeavesNoOrphanWhenTheWorkerIsStopped) {
  RunningSupervisor supervisor;
  ASSERT_TRUE(supervisor.ready());
  for (const ProcessEntry& process : supervisor.family()) {
    if (process.parent != supervisor.family().front().parent) ::kill(process.pid, SIGSTOP);  // all but the guard
  }
  supervisor.end_by(GetParam());
  EXPECT_TRUE(test::eventually([&supervisor] { return test::living(supervisor.family()).empty(); }));
}

INSTANTIATE_TEST_SUITE_P(Orphans, SupervisorEndedBy, ::testing::Values(SIGKILL, SIGTERM, SIGSEGV),
                         [](const auto& test) { return std::string("SIG") + ::sigabbrev_np(test.param); });

}  // namespace
}  // namespace podium::worker
