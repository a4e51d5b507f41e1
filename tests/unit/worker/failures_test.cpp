#include <gmock/gmock.h>

#include <csignal>
#include <thread>

#include "fake_worker.h"
#include "living.h"
#include "worker/failure.h"

namespace podium::worker {
namespace {

using test::FakeCell;
using test::number;
using test::text;
using ::testing::HasSubstr;

enum class Where { load, answers, measure };

const char* name_of(Where where) {
  constexpr const char* names[] = {"load", "answers", "measure"};
  return names[static_cast<int>(where)];
}

/// Goes through a cell's life until something fails.
WorkerError first_failure(FakeCell& cell, const OptionValues& options) {
  if (const auto loaded = cell.load(options); !loaded) return loaded.error();
  if (const auto answers = cell.worker->answers(2); !answers) return answers.error();
  if (const auto block = cell.worker->measure(test::short_block()); !block) return block.error();
  ADD_FAILURE() << "nothing failed";
  return {};
}

/// Every later call says the same.
void expect_gone(FakeCell& cell, const WorkerError& error) {
  const auto later = cell.worker->audit();
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().error.message, error.error.message);
  const std::vector<ProcessEntry> itself{{cell.worker->pid(), 0, 'S'}};
  EXPECT_TRUE(test::eventually([&itself] { return test::living(itself).empty(); }));
}

class FailureAt : public ::testing::TestWithParam<Where> {
 protected:
  [[nodiscard]] OptionValue here() const { return text(name_of(GetParam())); }
};
INSTANTIATE_TEST_SUITE_P(Worker, FailureAt, ::testing::Values(Where::load, Where::answers, Where::measure),
                         [](const auto& test) { return std::string(name_of(test.param)); });

TEST_P(FailureAt, CrashIsToldWithItsSignalAndTheLastWords) {
  FakeCell cell;
  const WorkerError error = first_failure(cell, {{"crash-at", here()}});
  EXPECT_EQ(error.error.code, ErrorCode::failed);
  EXPECT_EQ(error.failure.failure_class, "crash");
  EXPECT_EQ(error.failure.signal, SIGSEGV);
  EXPECT_THAT(error.error.message, HasSubstr("SIGSEGV"));
  EXPECT_THAT(error.failure.log_tail, HasSubstr(std::string("fake: crashing at ") + name_of(GetParam())));
  expect_gone(cell, error);
}

TEST_P(FailureAt, HangIsATimeout) {
  FakeCell cell({std::chrono::seconds(1), std::chrono::milliseconds(500), 0});
  const WorkerError error = first_failure(cell, {{"hang-at", here()}});
  EXPECT_EQ(error.error.code, ErrorCode::timeout);
  EXPECT_EQ(error.failure.failure_class, "timeout");
  EXPECT_THAT(error.error.remedy, HasSubstr("-timeout"));
  expect_gone(cell, error);
}

TEST_P(FailureAt, EatenMemoryIsOutOfMemory) {
  FakeCell cell({std::chrono::seconds(60), std::chrono::seconds(60), std::int64_t{600} << 20});
  const WorkerError error = first_failure(cell, {{"eat-memory-at", here()}, {"eat-memory-mb", number(6000)}});
  EXPECT_EQ(error.error.code, ErrorCode::out_of_memory) << error.error.message;
  EXPECT_EQ(error.failure.failure_class, "out_of_memory");
  EXPECT_THAT(error.error.remedy, HasSubstr("--memory-limit"));
  EXPECT_GT(cell.worker->peak_memory_bytes(), std::int64_t{600} << 20);
  EXPECT_GT(cell.worker->peak_private_memory_bytes(), std::int64_t{600} << 20);
  expect_gone(cell, error);
}

TEST_P(FailureAt, RefusalIsUnsupportedAndTheWorkerGoesOn) {
  FakeCell cell;
  const WorkerError error = first_failure(cell, {{"refuse-at", here()}});
  EXPECT_EQ(error.error.code, ErrorCode::unsupported);
  EXPECT_EQ(error.failure.failure_class, "unsupported");
  EXPECT_TRUE(cell.worker->load(cell.request({})));
  EXPECT_TRUE(cell.worker->measure(test::short_block()));
}

TEST_P(FailureAt, ErrorIsAnErrorAndTheWorkerGoesOn) {
  FakeCell cell;
  const WorkerError error = first_failure(cell, {{"error-at", here()}});
  EXPECT_EQ(error.error.code, ErrorCode::failed);
  EXPECT_EQ(error.failure.failure_class, "error");
  EXPECT_THAT(error.error.message, HasSubstr(std::string("told to fail at ") + name_of(GetParam())));
  EXPECT_TRUE(cell.worker->load(cell.request({})));
}

TEST_P(FailureAt, ExceptionOfTheEngineIsAnErrorWithItsText) {
  FakeCell cell;
  const WorkerError error = first_failure(cell, {{"throw-at", here()}});
  EXPECT_EQ(error.failure.failure_class, "error");
  EXPECT_THAT(error.error.message, HasSubstr(std::string("told to throw at ") + name_of(GetParam())));
  EXPECT_TRUE(cell.worker->load(cell.request({})));
}

TEST_P(FailureAt, CancelIsPromptWhateverTheWorkerDoes) {
  FakeCell cell;
  std::thread user([&cell] {
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    cell.cancel.request();
  });
  const auto start = std::chrono::steady_clock::now();
  const WorkerError error = first_failure(cell, {{"hang-at", here()}, {"spinning-threads", number(1)}});
  const auto took = std::chrono::steady_clock::now() - start;
  user.join();
  EXPECT_EQ(error.error.code, ErrorCode::cancelled);
  EXPECT_LT(took, std::chrono::seconds(10));  // the time-outs are minutes away
  expect_gone(cell, error);
}

TEST(Failure, ExitWithoutAnAnswerIsLost) {
  FakeCell cell;
  const WorkerError error = first_failure(cell, {{"crash-at", text("measure")}, {"signal", text("none")}});
  EXPECT_EQ(error.failure.failure_class, "lost");
  EXPECT_FALSE(error.failure.signal);
  EXPECT_THAT(error.error.message, HasSubstr("exited with status 3"));
}

TEST(Failure, KillThatIsNotTheKernelsIsACrashAndNoWantOfMemory) {
  FakeCell cell;
  const WorkerError error = first_failure(cell, {{"crash-at", text("answers")}, {"signal", text("kill")}});
  EXPECT_EQ(error.error.code, ErrorCode::failed);
  EXPECT_EQ(error.failure.failure_class, "crash");
  EXPECT_EQ(error.failure.signal, SIGKILL);
}

TEST(Failure, KillByTheKernelIsOutOfMemory) {
  const WorkerError error = failure_of_exit({0, SIGKILL, true}, "loading the model", "last words");
  EXPECT_EQ(error.error.code, ErrorCode::out_of_memory);
  EXPECT_EQ(error.failure.failure_class, "out_of_memory");
  EXPECT_EQ(error.failure.log_tail, "last words");
}

TEST(Failure, WantOfADevicesMemoryIsItsEnginesToTell) {
  const Error refused{ErrorCode::out_of_memory, "no more of the GPU's memory", "use a smaller --batch"};
  const WorkerError on_device = failure_of_reply(refused, "last words", true);
  EXPECT_EQ(on_device.error.code, ErrorCode::out_of_memory);
  EXPECT_EQ(on_device.failure.failure_class, "out_of_memory");
  EXPECT_EQ(on_device.failure.log_tail, "last words");
  const WorkerError on_cpu = failure_of_reply(refused, "", false);
  EXPECT_EQ(on_cpu.error.code, ErrorCode::failed);
  EXPECT_EQ(on_cpu.failure.failure_class, "error");
}

TEST(Failure, InTheMiddleOfABlockKeepsItsMoment) {
  FakeCell cell;
  ASSERT_TRUE(cell.load({{"crash-at", text("measure")}, {"after-calls", number(5)}}));
  ASSERT_TRUE(cell.worker->answers(2));
  ASSERT_TRUE(cell.worker->measure({std::chrono::nanoseconds(0), 5, 5, 1}));
  EXPECT_FALSE(cell.worker->measure({std::chrono::nanoseconds(0), 5, 5, 1}));
}

TEST(Failure, WhileNobodyAskedIsToldAtTheNextCall) {
  FakeCell cell;
  ASSERT_TRUE(cell.load({}));
  ASSERT_EQ(::kill(cell.worker->pid(), SIGBUS), 0);
  const auto block = cell.worker->measure(test::short_block());
  ASSERT_FALSE(block);
  EXPECT_EQ(block.error().failure.failure_class, "crash");
  EXPECT_EQ(block.error().failure.signal, SIGBUS);
}

TEST(Failure, WhilePausedIsToldAtTheNextCall) {
  FakeCell cell;
  ASSERT_TRUE(cell.load({}));
  cell.worker->pause();
  ASSERT_EQ(::kill(cell.worker->pid(), SIGKILL), 0);
  const auto block = cell.worker->measure(test::short_block());
  ASSERT_FALSE(block);
  EXPECT_EQ(block.error().failure.signal, SIGKILL);
}

TEST(Failure, MissingModelIsBadInput) {
  FakeCell cell;
  auto worker = cell.start();
  ASSERT_TRUE(worker);
  backend::LoadRequest request = cell.request({});
  request.model = "/nowhere/model.onnx";
  const auto loaded = worker->load(request);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().error.code, ErrorCode::bad_input);
}

TEST(Failure, MissingWorkerProgramIsToldAtTheStart) {
  FakeCell cell;
  const auto worker = cell.start({{"/nowhere/podium-worker"}, {}});
  ASSERT_FALSE(worker);
  EXPECT_THAT(worker.error().error.message, HasSubstr("/nowhere/podium-worker"));
}

TEST(Quit, EndsTheWorkerAndItsChildren) {
  FakeCell cell;
  ASSERT_TRUE(cell.load({{"children", number(2)}}));
  auto family = descendants_of(cell.worker->pid(), read_processes());
  ASSERT_EQ(family.size(), 2U);
  family.push_back({cell.worker->pid(), 0, 'S'});
  cell.worker->quit();
  EXPECT_TRUE(test::living(family).empty());
  EXPECT_FALSE(cell.worker->audit());
}

TEST(Quit, KillsAWorkerThatIsPaused) {
  FakeCell cell;
  ASSERT_TRUE(cell.load({}));
  const std::vector<ProcessEntry> itself{{cell.worker->pid(), 0, 'S'}};
  cell.worker->pause();
  cell.worker.reset();
  EXPECT_TRUE(test::living(itself).empty());
}

}  // namespace
}  // namespace podium::worker
