#include <gmock/gmock.h>

#include <thread>

#include "../temporary_folder.h"
#include "worker/guarded_process.h"

namespace podium::worker {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Command shell(const std::string& script) {
  return {{"sh", "-c", script}, {}, {}, {}};
}

TEST(RunGuarded, HandsOnEachLineOfBothStreams) {
  std::vector<std::string> lines;
  const auto result = run_guarded(shell("echo one; echo two >&2; printf 'three\\r\\nno newline'"), {}, CancelToken(),
                                  [&lines](const std::string& line) { lines.push_back(line); });
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(lines, (std::vector<std::string>{"one", "two", "three", "no newline"}));
}

TEST(RunGuarded, KeepsWhatWasPrintedInTheLog) {
  const test::TemporaryFolder folder;
  Command command = shell("echo kept");
  command.log = folder.path() / "log";
  ASSERT_TRUE(run_guarded(command, {}, CancelToken()));
  EXPECT_EQ(test::slurp(command.log), "kept\n");
}

TEST(RunGuarded, FailureCarriesTheLastLines) {
  const auto result = run_guarded(shell("for i in $(seq 100); do echo line $i; done; exit 3"), {}, CancelToken());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::failed);
  EXPECT_THAT(result.error().message, HasSubstr("exited with status 3"));
  EXPECT_THAT(result.error().message, HasSubstr("line 100"));
  EXPECT_THAT(result.error().message, Not(HasSubstr("line 80\n")));
}

TEST(RunGuarded, SignalIsNamed) {
  const auto result = run_guarded(shell("kill -ABRT $$"), {}, CancelToken());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::failed);
  EXPECT_THAT(result.error().message, HasSubstr("SIGABRT"));
}

TEST(RunGuarded, OverTimeIsATimeout) {
  const auto result = run_guarded(shell("echo started; sleep 1000"), {std::chrono::milliseconds(300), 0}, CancelToken());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::timeout);
  EXPECT_THAT(result.error().remedy, HasSubstr("--load-timeout"));
}

TEST(RunGuarded, PrintingWithoutEndDoesNotHideTheTimeout) {
  const auto result = run_guarded({{"yes"}, {}, {}, {}}, {std::chrono::milliseconds(300), 0}, CancelToken());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::timeout);
}

TEST(RunGuarded, OverTheMemoryLimitIsOutOfMemory) {
  const auto result = run_guarded(shell("head -c 300000000 /dev/zero | tail"), {std::chrono::seconds(60), 50'000'000}, CancelToken());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::out_of_memory) << result.error().message;
}

TEST(RunGuarded, CancelEndsIt) {
  const CancelToken cancel;
  const auto result = run_guarded(shell("echo ready; sleep 1000"), {}, cancel, [&cancel](const std::string&) { cancel.request(); });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace podium::worker
