#include <gmock/gmock.h>

#include "fake_worker.h"

/// Workers that break the protocol: the supervisor says so, ends them and lives on.
namespace podium::worker {
namespace {

using test::FakeCell;
using ::testing::HasSubstr;
using ::testing::Not;

Outcome<Worker> start(FakeCell& cell, const char* manner) {
  return cell.start({{PODIUM_TEST_ROGUE_WORKER, manner}, {}});
}

struct Manner {
  const char* name;
  const char* failure_class;
  const char* message;
};

class RogueWorker : public ::testing::TestWithParam<Manner> {};

TEST_P(RogueWorker, IsFoundOut) {
  FakeCell cell;
  auto worker = start(cell, GetParam().name);
  ASSERT_TRUE(worker) << worker.error().error.message;
  const auto audit = worker->audit();
  ASSERT_FALSE(audit);
  EXPECT_EQ(audit.error().error.code, ErrorCode::failed);
  EXPECT_EQ(audit.error().failure.failure_class, GetParam().failure_class);
  EXPECT_THAT(audit.error().error.message, HasSubstr(GetParam().message));
  EXPECT_FALSE(worker->probe());
}

INSTANTIATE_TEST_SUITE_P(Protocol, RogueWorker,
                         ::testing::Values(Manner{"half-a-frame", "lost", "exited with status 0"},
                                           Manner{"half-a-length", "lost", "exited"}, Manner{"oversize", "error", "longer than"},
                                           Manner{"no-json", "error", "is not JSON"},
                                           Manner{"not-an-object", "error", "neither yes nor no"},
                                           Manner{"missing-fields", "error", "damaged"},
                                           Manner{"many-lines", "lost", "exited with status 4"}),
                         [](const auto& test) {
                           std::string name = test.param.name;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(RogueWorker, ThatNamesMemoryOutsideTheArenaIsFoundOut) {
  FakeCell cell;
  auto worker = start(cell, "outside-the-arena");
  ASSERT_TRUE(worker);
  const auto answers = worker->answers(1);
  ASSERT_FALSE(answers);
  EXPECT_THAT(answers.error().error.message, HasSubstr("4000 bytes at 64 of a memory of 0 bytes"));
}

TEST(RogueWorker, ThatLendsMemoryOutsideTheArenaIsFoundOut) {
  FakeCell cell;
  auto worker = start(cell, "outside-the-arena");
  ASSERT_TRUE(worker);
  const auto answer = worker->answer(0);
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().error.message, HasSubstr("4000 bytes at 64 of a memory of 0 bytes"));
}

TEST(RogueWorker, ThatClaimsAnImpossibleShapeIsFoundOut) {
  FakeCell cell;
  auto worker = start(cell, "impossible-shape");
  ASSERT_TRUE(worker);
  const auto answers = worker->answers(1);
  ASSERT_FALSE(answers);
  EXPECT_THAT(answers.error().error.message, HasSubstr("cannot have 0 bytes"));
}

TEST(RogueWorker, ThatClaimsMoreSamplesThanAskedIsFoundOut) {
  FakeCell cell;
  auto worker = start(cell, "too-many-samples");
  ASSERT_TRUE(worker);
  EXPECT_FALSE(worker->measure(test::short_block()));
}

TEST(RogueWorker, ThatClosesItsSocketAndStaysIsLost) {
  FakeCell cell({std::chrono::seconds(2), std::chrono::seconds(2), 0});
  auto worker = start(cell, "closes-and-stays");
  ASSERT_TRUE(worker);
  const auto audit = worker->audit();
  ASSERT_FALSE(audit);
}

TEST(RogueWorker, WhoseLastWordIsAnAnswerIsHeard) {
  FakeCell cell;
  auto worker = start(cell, "answers-and-exits");
  ASSERT_TRUE(worker);
  const auto audit = worker->audit();
  ASSERT_TRUE(audit) << audit.error().error.message;
  EXPECT_EQ(audit->providers.at("rogue"), 1);
  EXPECT_FALSE(worker->audit());
}

TEST(RogueWorker, CannotItselfSayThatMemoryRanOut) {
  FakeCell cell;
  auto worker = start(cell, "says-out-of-memory");
  ASSERT_TRUE(worker);
  const auto audit = worker->audit();
  ASSERT_FALSE(audit);
  EXPECT_EQ(audit.error().error.code, ErrorCode::failed);
  EXPECT_EQ(audit.error().failure.failure_class, "error");
}

TEST(RogueWorker, OfAnotherProtocolIsRefusedAtTheStart) {
  FakeCell cell;
  const auto worker = start(cell, "other-version");
  ASSERT_FALSE(worker);
  EXPECT_THAT(worker.error().error.message, HasSubstr("another version"));
}

TEST(RogueWorker, LastTwentyLinesAreKeptAndCannotDriveATerminal) {
  FakeCell cell;
  auto worker = start(cell, "many-lines");
  ASSERT_TRUE(worker);
  const auto audit = worker->audit();
  ASSERT_FALSE(audit);
  const std::string& tail = audit.error().failure.log_tail;
  EXPECT_THAT(tail, HasSubstr("line 99"));
  EXPECT_THAT(tail, HasSubstr("line 80"));
  EXPECT_THAT(tail, Not(HasSubstr("line 79")));
  EXPECT_THAT(tail, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace podium::worker
