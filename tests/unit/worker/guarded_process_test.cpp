#include "worker/guarded_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/resource.h>

#include <array>
#include <csignal>

#include "../temporary_folder.h"
#include "core/unique_fd.h"
#include "living.h"
#include "machine/priority.h"

namespace podium::worker {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

Command shell(const std::string& script) {
  return {{"sh", "-c", script}, {}, {}, {}};
}

ExitStatus run_to_end(const Command& command) {
  auto process = GuardedProcess::start(command);
  EXPECT_TRUE(process) << process.error().message;
  const auto exit = process->wait(std::chrono::seconds(30));
  EXPECT_TRUE(exit);
  return exit.value_or(ExitStatus{});
}

TEST(GuardedProcess, TellsTheExitCode) {
  const ExitStatus exit = run_to_end(shell("exit 7"));
  EXPECT_EQ(exit.code, 7);
  EXPECT_FALSE(exit.signal);
  EXPECT_FALSE(exit.kernel_out_of_memory);
}

TEST(GuardedProcess, TellsTheSignal) {
  EXPECT_EQ(run_to_end(shell("kill -SEGV $$")).signal, SIGSEGV);
}

TEST(GuardedProcess, ProgramThatDoesNotExistIsAnErrorThatNamesIt) {
  const auto process = GuardedProcess::start({{"no-such-program-anywhere"}, {}, {}, {}});
  ASSERT_FALSE(process);
  EXPECT_EQ(process.error().code, ErrorCode::unavailable);
  EXPECT_THAT(process.error().message, HasSubstr("no-such-program-anywhere"));
}

TEST(GuardedProcess, GoesBeforeOtherProgramsAsFarAsTheSystemLetsIt) {
  const test::TemporaryFolder folder;
  Command command = shell("echo nice $(nice); cat /proc/self/autogroup 2>/dev/null || true");
  command.log = folder.path() / "log";
  command.high_priority = true;
  EXPECT_EQ(run_to_end(command).code, 0);
  const std::string nice = fmt::format("nice {}\n", machine::reachable_nice());
  EXPECT_THAT(test::slurp(command.log), HasSubstr(nice));
  if (std::filesystem::exists("/proc/self/autogroup") && ::getpriority(PRIO_PROCESS, 0) != machine::reachable_nice()) {
    EXPECT_THAT(test::slurp(command.log), EndsWith(nice)) << "its session goes before others too";
  }
}

TEST(GuardedProcess, SharesTheCpusWithOtherProgramsUnlessItIsToGoBeforeThem) {
  const test::TemporaryFolder folder;
  Command command = shell("nice");
  command.log = folder.path() / "log";
  EXPECT_EQ(run_to_end(command).code, 0);
  EXPECT_EQ(test::slurp(command.log), fmt::format("{}\n", ::getpriority(PRIO_PROCESS, 0)));
}

TEST(GuardedProcess, GivesTheNamedDescriptorsAndNoOther) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);  // not close-on-exec: it must be closed all the same
  const UniqueFd in(pipe[0]), out(pipe[1]);
  const test::TemporaryFolder folder;
  Command command = shell("ls /proc/self/fd; echo hello >&9");
  command.descriptors = {{out.get(), 9}};
  command.log = folder.path() / "log";
  EXPECT_EQ(run_to_end(command).code, 0);
  std::array<char, 16> text{};
  EXPECT_EQ(::read(in.get(), text.data(), text.size()), 6);
  EXPECT_STREQ(text.data(), "hello\n");
  EXPECT_EQ(test::slurp(command.log), "0\n1\n2\n3\n9\n");  // 3 is the folder that ls reads
}

TEST(GuardedProcess, GuardKeepsNoneOfTheProgramsDescriptors) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  const UniqueFd in(pipe[0]);
  UniqueFd out(pipe[1]);
  Command command = shell("exec 9>&-; sleep 1000");
  command.descriptors = {{out.get(), 9}};
  auto process = GuardedProcess::start(command);
  ASSERT_TRUE(process);
  out.reset();
  pollfd event{in.get(), POLLIN, 0};
  ASSERT_EQ(::poll(&event, 1, 30'000), 1) << "somebody else holds the other end";
  EXPECT_TRUE(event.revents & POLLHUP);
  EXPECT_FALSE(process->poll_exit());
}

TEST(GuardedProcess, DescriptorsMayTradePlaces) {
  std::array<int, 2> first{}, second{};
  ASSERT_EQ(::pipe2(first.data(), O_CLOEXEC), 0);
  ASSERT_EQ(::pipe2(second.data(), O_CLOEXEC), 0);
  const UniqueFd first_in(first[0]), first_out(first[1]), second_in(second[0]), second_out(second[1]);
  Command command = shell("echo one >&" + std::to_string(second_out.get()) + "; echo two >&" + std::to_string(first_out.get()));
  command.descriptors = {{first_out.get(), second_out.get()}, {second_out.get(), first_out.get()}};
  EXPECT_EQ(run_to_end(command).code, 0);
  std::array<char, 4> text{};
  EXPECT_EQ(::read(first_in.get(), text.data(), 3), 3);
  EXPECT_STREQ(text.data(), "one");
}

TEST(GuardedProcess, AddsToTheEnvironment) {
  Command command = shell("test \"$PODIUM_TEST_VALUE\" = 'a b' && test -n \"$PATH\"");
  command.environment = {{"PODIUM_TEST_VALUE", "a b"}};
  EXPECT_EQ(run_to_end(command).code, 0);
}

TEST(GuardedProcess, LeadsAGroupOutsideOurSession) {
  auto process = GuardedProcess::start(shell("sleep 1000"));
  ASSERT_TRUE(process);
  EXPECT_EQ(::getpgid(process->pid()), process->pid());
  EXPECT_NE(::getsid(process->pid()), ::getsid(0));
}

TEST(GuardedProcess, EndsItsBackgroundChildrenWithIt) {
  const test::TemporaryFolder folder;
  auto process =
      GuardedProcess::start(shell("setsid sleep 1000 & sleep 1000 & kill -STOP $!; echo x > " + (folder.path() / "ready").string() +
                                  "; read line < " + (folder.path() / "never").string() + " || sleep 1000"));
  ASSERT_TRUE(process);
  ASSERT_TRUE(test::eventually([&] { return std::filesystem::exists(folder.path() / "ready"); }));
  const auto family = descendants_of(process->pid(), read_processes());
  EXPECT_GE(family.size(), 3U);
  ASSERT_EQ(::kill(process->pid(), SIGTERM), 0);
  const auto exit = process->wait(std::chrono::seconds(30));
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->signal, SIGTERM);
  EXPECT_TRUE(test::living(family).empty());
}

TEST(GuardedProcess, KillReturnsWhenAllAreGone) {
  auto process = GuardedProcess::start(shell("setsid sh -c 'sleep 1000 & sleep 1000' & wait"));
  ASSERT_TRUE(process);
  ASSERT_TRUE(test::eventually([&] { return descendants_of(process->pid(), read_processes()).size() >= 3; }));
  const auto family = descendants_of(process->pid(), read_processes());
  EXPECT_EQ(process->kill().signal, SIGKILL);
  EXPECT_TRUE(test::living(family).empty());
}

TEST(GuardedProcess, OrphansOfADaemonizingProgramAreFound) {
  auto process = GuardedProcess::start(shell("(setsid sh -c 'setsid sleep 1000 & exec sleep 1000' &) ; sleep 1000"));
  ASSERT_TRUE(process);
  const auto guard = [&] {  // the program's parent; orphans become its children
    for (const ProcessEntry& entry : read_processes()) {
      if (entry.pid == process->pid()) return entry.parent;
    }
    return pid_t{-1};
  }();
  ASSERT_TRUE(test::eventually([&] { return descendants_of(guard, read_processes()).size() >= 4; }));
  const auto family = descendants_of(guard, read_processes());
  process->kill();
  EXPECT_TRUE(test::living(family).empty());
}

TEST(GuardedProcess, MemoryCountsDescendants) {
  auto process = GuardedProcess::start(shell("sleep 1000 & sleep 1000"));
  ASSERT_TRUE(process);
  ASSERT_TRUE(test::eventually([&] { return process->memory_bytes() > 0; }));
  EXPECT_GE(process->resident_bytes(), process->memory_bytes());
  process->kill();
  EXPECT_EQ(process->memory_bytes(), 0);
}

TEST(GuardedProcess, SurvivesTheDeathOfItsGuard) {
  auto process = GuardedProcess::start(shell("sleep 1000 & sleep 1000"));
  ASSERT_TRUE(process);
  ASSERT_TRUE(test::eventually([&] { return !descendants_of(process->pid(), read_processes()).empty(); }));
  auto family = descendants_of(process->pid(), read_processes());
  family.push_back({process->pid(), 0, 'S'});
  pid_t guard = -1;
  for (const ProcessEntry& entry : read_processes()) {
    if (entry.pid == process->pid()) guard = entry.parent;
  }
  ASSERT_EQ(::kill(guard, SIGKILL), 0);
  const std::vector<ProcessEntry> program{{process->pid(), 0, 'S'}};
  EXPECT_TRUE(test::eventually([&] { return test::living(program).empty(); }));  // by itself: we have not looked yet
  const auto exit = process->wait(std::chrono::seconds(30));
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->signal, SIGKILL);
  EXPECT_TRUE(test::eventually([&] { return test::living(family).empty(); }));
}

TEST(GuardedProcess, GuardThatIsToldToEndTakesAllWithIt) {
  auto process = GuardedProcess::start(shell("setsid sleep 1000 & sleep 1000"));
  ASSERT_TRUE(process);
  ASSERT_TRUE(test::eventually([&] { return !descendants_of(process->pid(), read_processes()).empty(); }));
  auto family = descendants_of(process->pid(), read_processes());
  family.push_back({process->pid(), 0, 'S'});
  for (const ProcessEntry& entry : read_processes()) {
    if (entry.pid != process->pid()) continue;
    ASSERT_EQ(::kill(entry.parent, SIGTERM), 0);
  }
  const auto exit = process->wait(std::chrono::seconds(30));
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->signal, SIGKILL);
  EXPECT_TRUE(test::living(family).empty());
}

}  // namespace
}  // namespace podium::worker
