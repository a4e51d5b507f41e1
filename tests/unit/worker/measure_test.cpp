#include <gmock/gmock.h>

#include "fake_worker.h"

namespace podium::worker {
namespace {

using test::FakeCell;
using test::number;

TEST(Measure, TakesAtLeastTheMinimumHoweverShortTheTime) {
  FakeCell cell;
  ASSERT_TRUE(cell.load({{"latency-us", number(2000)}}));
  const auto block = cell.worker->measure({std::chrono::nanoseconds(0), 7, 100, 1});
  ASSERT_TRUE(block) << block.error().error.message;
  EXPECT_EQ(block->samples_ns.size(), 7U);
  for (const std::int64_t sample : block->samples_ns) EXPECT_GE(sample, 2'000'000);
}

TEST(Measure, TakesNoMoreThanTheMaximumHoweverLongTheTime) {
  FakeCell cell;
  ASSERT_TRUE(cell.load({}));
  const auto block = cell.worker->measure({std::chrono::hours(1), 1, 50, 1});
  ASSERT_TRUE(block);
  EXPECT_EQ(block->samples_ns.size(), 50U);
}

TEST(Measure, GoesOnUntilTheTimeHasPassed) {
  FakeCell cell;
  ASSERT_TRUE(cell.load({{"latency-us", number(1000)}}));
  const auto block = cell.worker->measure({std::chrono::milliseconds(30), 1, 100'000, 1});
  ASSERT_TRUE(block);
  EXPECT_GE(block->elapsed_ns, 30'000'000);
  EXPECT_LE(block->samples_ns.size(), 31U);
  EXPECT_GT(block->start_ns, 0);
}

TEST(Measure, SampleOfSeveralCallsTakesTheTimeOfAll) {
  FakeCell cell;
  ASSERT_TRUE(cell.load({{"latency-us", number(1000)}}));
  const auto block = cell.worker->measure({std::chrono::nanoseconds(0), 2, 2, 5});
  ASSERT_TRUE(block);
  for (const std::int64_t sample : block->samples_ns) EXPECT_GE(sample, 5'000'000);
}

TEST(Measure, ProcessorTimeIsThatOfAWorkerThatComputes) {
  FakeCell cell;
  ASSERT_TRUE(cell.load({{"latency-us", number(2000)}, {"busy", true}}));
  const auto busy = cell.worker->measure({std::chrono::nanoseconds(0), 20, 20, 1});
  ASSERT_TRUE(busy);
  EXPECT_GT(busy->user_ns, 0);
  EXPECT_LT(busy->user_ns, 2 * busy->elapsed_ns);
}

TEST(Measure, FirstCallsAfterAPauseMayBeSlower) {
  FakeCell cell;
  ASSERT_TRUE(cell.load({{"latency-us", number(500)}, {"lead-in", number(3)}, {"lead-in-us", number(30'000)}}));
  for (int round = 0; round < 2; ++round) {
    const auto block = cell.worker->measure({std::chrono::nanoseconds(0), 6, 6, 1});
    ASSERT_TRUE(block);
    EXPECT_GE(block->samples_ns[0], 30'500'000);
    EXPECT_GE(block->samples_ns[2], 10'500'000);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

TEST(Measure, WithoutAModelIsAnErrorAndTheWorkerGoesOn) {
  FakeCell cell;
  auto worker = cell.start();
  ASSERT_TRUE(worker);
  const auto block = worker->measure(test::short_block());
  ASSERT_FALSE(block);
  EXPECT_EQ(block.error().failure.failure_class, "error");
  EXPECT_TRUE(worker->load(cell.request({})));
  EXPECT_TRUE(worker->measure(test::short_block()));
}

TEST(Measure, OptionThatTheBackendLacksIsRefusedByTheWorkerToo) {
  FakeCell cell;
  const auto loaded = cell.load({{"latncy-us", number(1)}});
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().error.message, ::testing::HasSubstr("did you mean 'latency-us'?"));
}

TEST(Measure, PeakMemoryIsKnownAfterACall) {
  FakeCell cell;
  ASSERT_TRUE(cell.load({{"eat-memory-at", test::text("load")}, {"eat-memory-mb", number(200)}}));
  ASSERT_TRUE(cell.worker->measure(test::short_block()));
  EXPECT_GT(cell.worker->peak_memory_bytes(), 0);
  EXPECT_GT(cell.worker->memory_bytes(), 0);
  const auto own = cell.worker->private_memory_bytes();
  ASSERT_TRUE(own.has_value());
  EXPECT_GT(*own, 0);
  EXPECT_LT(*own, std::int64_t{200} << 20);
  EXPECT_GE(cell.worker->peak_private_memory_bytes(), own);
  EXPECT_LT(cell.worker->memory_bytes(), std::int64_t{200} << 20);  // it gave back what it took while loading
}

}  // namespace
}  // namespace podium::worker
