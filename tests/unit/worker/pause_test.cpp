#include <gmock/gmock.h>

#include <fstream>
#include <thread>

#include "fake_worker.h"
#include "living.h"

namespace podium::worker {
namespace {

using test::FakeCell;
using test::number;

/// Clock ticks of processor time that a process has used: fields 14 and 15 of /proc/PID/stat.
std::int64_t processor_ticks(pid_t pid) {
  const std::string text = test::slurp("/proc/" + std::to_string(pid) + "/stat");
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  std::int64_t user = 0, system = 0;
  fields >> user >> system;
  return user + system;
}

char state_of(pid_t pid) {
  for (const ProcessEntry& process : read_processes()) {
    if (process.pid == pid) return process.state;
  }
  return '?';
}

bool burns(pid_t pid) {
  const std::int64_t before = processor_ticks(pid);
  return test::eventually([&] { return processor_ticks(pid) > before + 2; });
}

TEST(Pause, WorkerThatWaitsBurnsNothing) {
  FakeCell cell;
  ASSERT_TRUE(cell.load({{"spinning-threads", number(1)}}));
  const pid_t pid = cell.worker->pid();
  ASSERT_TRUE(burns(pid));
  cell.worker->pause();
  ASSERT_TRUE(test::eventually([pid] { return state_of(pid) == 'T'; }));
  const std::int64_t stopped = processor_ticks(pid);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(processor_ticks(pid), stopped);
  cell.worker->resume();
  EXPECT_TRUE(burns(pid));
}

TEST(Pause, AnyCallResumes) {
  FakeCell cell;
  ASSERT_TRUE(cell.load({}));
  cell.worker->pause();
  ASSERT_TRUE(test::eventually([&cell] { return state_of(cell.worker->pid()) == 'T'; }));
  EXPECT_TRUE(cell.worker->measure(test::short_block()));
  EXPECT_NE(state_of(cell.worker->pid()), 'T');
}

}  // namespace
}  // namespace podium::worker
