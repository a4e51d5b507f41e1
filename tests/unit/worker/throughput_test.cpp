#include <gmock/gmock.h>

#include "fake_worker.h"

namespace podium::worker {
namespace {

using std::chrono::milliseconds;
using test::FakeCell;
using test::number;
using test::text;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Outcome<ThroughputFigures> throughput_of(FakeCell& cell, const OptionValues& options, std::int64_t requests,
                                         milliseconds duration = milliseconds(60)) {
  auto started = cell.start();
  if (!started) return tl::unexpected(started.error());
  cell.worker.emplace(std::move(*started));
  backend::LoadRequest request = cell.request(options);
  request.requests = requests;
  if (auto loaded = cell.worker->load(request); !loaded) return tl::unexpected(loaded.error());
  return cell.worker->throughput({duration, requests});
}

double rate(const ThroughputFigures& figures) {
  return static_cast<double>(figures.calls) / static_cast<double>(figures.elapsed_ns) * 1e9;
}

TEST(WorkerThroughput, CountsTheCallsOfAllRequests) {
  FakeCell cell;
  const auto figures = throughput_of(cell, {{"latency-us", number(10'000)}}, 4);
  ASSERT_TRUE(figures) << figures.error().error.message;
  EXPECT_THAT(figures->mismatch, IsEmpty());
  EXPECT_GE(figures->calls, 4);
  EXPECT_GT(figures->start_ns, 0);
  EXPECT_LE(rate(*figures), 4 / 0.010) << "no request can be faster than one inference";
}

TEST(WorkerThroughput, OfAnEngineThatServesOneAtATimeIsThatOfOneHoweverManyWait) {
  FakeCell cell;
  const auto figures = throughput_of(cell, {{"latency-us", number(10'000)}, {"parallel", number(1)}}, 3);
  ASSERT_TRUE(figures) << figures.error().error.message;
  EXPECT_LE(rate(*figures), 1.5 / 0.010) << "three of them would be 3 / 0.010";
  EXPECT_THAT(figures->mismatch, IsEmpty());
}

TEST(WorkerThroughput, MakesACallForEachRequestHoweverShortTheTime) {
  FakeCell cell;
  const auto figures = throughput_of(cell, {{"latency-us", number(2000)}}, 3, milliseconds(0));
  ASSERT_TRUE(figures) << figures.error().error.message;
  EXPECT_EQ(figures->calls, 3);
}

TEST(WorkerThroughput, CanBeMeasuredAgainAndWithFewerRequestsThanWereLoadedFor) {
  FakeCell cell;
  ASSERT_TRUE(throughput_of(cell, {{"latency-us", number(500)}}, 4));
  for (const std::int64_t requests : {1, 2, 4}) {
    const auto again = cell.worker->throughput({milliseconds(5), requests});
    ASSERT_TRUE(again) << again.error().error.message;
    EXPECT_GE(again->calls, requests);
  }
}

TEST(WorkerThroughput, OfMoreRequestsThanTheModelWasLoadedForIsRefused) {
  FakeCell cell;
  ASSERT_TRUE(cell.load({}));
  const auto figures = cell.worker->throughput({milliseconds(5), 2});
  ASSERT_FALSE(figures);
  EXPECT_EQ(figures.error().error.code, ErrorCode::wrong_use);
  EXPECT_THAT(figures.error().error.message, HasSubstr("loaded for 1 requests"));
}

TEST(WorkerThroughput, FindsAnswersThatWereMixedUpBetweenRequests) {
  FakeCell cell;
  const auto figures = throughput_of(cell, {{"latency-us", number(5000)}, {"mixed-answers", true}}, 2);
  ASSERT_TRUE(figures) << figures.error().error.message;
  EXPECT_THAT(figures->mismatch, HasSubstr("with 2 requests in flight the answer to batch"));
  EXPECT_THAT(figures->mismatch, HasSubstr("output 'output' has other values"));
}

TEST(WorkerThroughput, FindsNothingMixedUpWithOneRequest) {
  FakeCell cell;
  const auto figures = throughput_of(cell, {{"latency-us", number(1000)}, {"mixed-answers", true}}, 1);
  ASSERT_TRUE(figures) << figures.error().error.message;
  EXPECT_THAT(figures->mismatch, IsEmpty());
}

TEST(WorkerThroughput, IsUnsupportedWhereTheBackendAnswersOneRequestAtATime) {
  FakeCell cell;
  const auto figures = throughput_of(cell, {{"single-request", true}}, 2);
  ASSERT_FALSE(figures);
  EXPECT_EQ(figures.error().error.code, ErrorCode::unsupported);
  EXPECT_TRUE(cell.worker->throughput({milliseconds(5), 1})) << "one is no question of concurrency";
}

TEST(WorkerThroughput, AnErrorOrAnExceptionInAThreadIsTheRepliesError) {
  for (const char* fault : {"error-at", "throw-at"}) {
    FakeCell cell;
    const auto figures = throughput_of(cell, {{fault, text("measure")}, {"after-calls", number(4)}}, 3);
    ASSERT_FALSE(figures) << fault;
    EXPECT_EQ(figures.error().error.code, ErrorCode::failed);
    EXPECT_THAT(figures.error().error.message, HasSubstr("the fake was told to"));
    EXPECT_TRUE(cell.worker->audit()) << "the worker goes on serving";
  }
}

TEST(WorkerThroughput, AThreadThatHangsIsEndedByTheTimeLimit) {
  FakeCell cell({.load_timeout = std::chrono::milliseconds(1500), .run_timeout = std::chrono::milliseconds(200), .memory_bytes = 0});
  const auto figures = throughput_of(cell, {{"hang-at", text("measure")}, {"after-calls", number(2)}}, 2, milliseconds(20));
  ASSERT_FALSE(figures);
  EXPECT_EQ(figures.error().error.code, ErrorCode::timeout);
}

}  // namespace
}  // namespace podium::worker
