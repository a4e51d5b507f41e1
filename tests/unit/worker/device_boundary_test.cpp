#include <gmock/gmock.h>

#include "fake_worker.h"

namespace podium::worker {
namespace {

using test::FakeCell;
using test::number;
using test::text;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// The fake on the GPU that it pretends to have.
Outcome<LoadFigures> load_on_device(FakeCell& cell, const OptionValues& options = {}, TimingBoundary boundary = TimingBoundary::device,
                                    const std::string& device = "cuda:0") {
  auto started = cell.start();
  if (!started) return tl::unexpected(started.error());
  cell.worker.emplace(std::move(*started));
  backend::LoadRequest request = cell.request(options);
  request.device = device;
  request.boundary = boundary;
  request.requests = 2;
  return cell.worker->load(request);
}

std::vector<std::vector<float>> answers_of(FakeCell& cell) {
  std::vector<std::vector<float>> values;
  const auto answers = cell.worker->answers(2);
  EXPECT_TRUE(answers) << answers.error().error.message;
  for (const auto& batch : answers->batches) values.push_back(batch.front().values);
  return values;
}

TEST(DeviceBoundary, GivesTheAnswersOfTheHostsBoundary) {
  FakeCell at_host;
  FakeCell at_device;
  ASSERT_TRUE(load_on_device(at_host, {}, TimingBoundary::host));
  ASSERT_TRUE(load_on_device(at_device));
  const auto expected = answers_of(at_host);
  ASSERT_EQ(expected.size(), 2U);
  EXPECT_NE(expected[0], expected[1]);
  EXPECT_EQ(answers_of(at_device), expected);
}

TEST(DeviceBoundary, AnswersAlikeAfterItWasMeasured) {
  FakeCell cell;
  ASSERT_TRUE(load_on_device(cell));
  const auto before = answers_of(cell);
  ASSERT_TRUE(cell.worker->measure({std::chrono::nanoseconds(0), 7, 7, 1}));
  EXPECT_EQ(answers_of(cell), before);
}

TEST(DeviceBoundary, ReadsTheDevicesClockBehindTheSamples) {
  FakeCell cell;
  ASSERT_TRUE(load_on_device(cell, {{"latency-us", number(2000)}, {"device-clock-percent", number(50)}}));
  const auto block = cell.worker->measure({std::chrono::nanoseconds(0), 30, 30, 1});
  ASSERT_TRUE(block) << block.error().error.message;
  EXPECT_EQ(block->samples_ns.size(), 30U);
  ASSERT_TRUE(block->device_clock);
  EXPECT_EQ(block->device_clock->calls, 3) << "one for each ten samples";
  EXPECT_GE(block->device_clock->host_ms, 2.0);
  EXPECT_GE(block->device_clock->device_ms, 1.0) << "half of what the call takes, as the fake was told";
  EXPECT_LT(block->device_clock->device_ms, block->device_clock->host_ms);
}

TEST(DeviceBoundary, HasNoSecondClockWhereTheDeviceHasNoneOrTheHostsBoundaryHolds) {
  FakeCell without;
  ASSERT_TRUE(load_on_device(without, {{"device-clock-percent", number(0)}}));
  auto block = without.worker->measure(test::short_block());
  ASSERT_TRUE(block);
  EXPECT_FALSE(block->device_clock);
  FakeCell at_host;
  ASSERT_TRUE(load_on_device(at_host, {}, TimingBoundary::host));
  block = at_host.worker->measure(test::short_block());
  ASSERT_TRUE(block);
  EXPECT_FALSE(block->device_clock);
}

TEST(DeviceBoundary, HoldsForSeveralRequestsInFlight) {
  FakeCell cell;
  ASSERT_TRUE(load_on_device(cell, {{"latency-us", number(1000)}}));
  const auto figures = cell.worker->throughput({std::chrono::milliseconds(30), 2});
  ASSERT_TRUE(figures) << figures.error().error.message;
  EXPECT_THAT(figures->mismatch, IsEmpty());
  EXPECT_GE(figures->calls, 2);
}

TEST(DeviceBoundary, FindsAnswersThatWereMixedUpInFlight) {
  FakeCell cell;
  ASSERT_TRUE(load_on_device(cell, {{"latency-us", number(1000)}, {"mixed-answers", true}}));
  const auto figures = cell.worker->throughput({std::chrono::milliseconds(60), 2});
  ASSERT_TRUE(figures) << figures.error().error.message;
  EXPECT_THAT(figures->mismatch, HasSubstr("in flight"));
}

TEST(DeviceBoundary, IsRefusedWhereABackendComputesInTheCallersMemory) {
  FakeCell cell;
  const auto loaded = load_on_device(cell, {}, TimingBoundary::device, "cpu");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().error.code, ErrorCode::unsupported);
  EXPECT_THAT(loaded.error().error.remedy, HasSubstr("--timing-boundary host"));
}

TEST(DeviceBoundary, DeviceThatIsNotThereIsRefusedWithThoseThatAre) {
  FakeCell cell;
  const auto loaded = load_on_device(cell, {}, TimingBoundary::host, "cuda:7");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().error.code, ErrorCode::unsupported);
  EXPECT_THAT(loaded.error().error.message, HasSubstr("'cuda:7'"));
  EXPECT_THAT(loaded.error().error.message, HasSubstr("cpu, cuda:0"));
}

TEST(DeviceBoundary, FaultInAMeasuredCallIsToldAsAtTheHosts) {
  FakeCell cell;
  ASSERT_TRUE(load_on_device(cell, {{"error-at", text("measure")}}));
  (void)answers_of(cell);
  const auto block = cell.worker->measure(test::short_block());
  ASSERT_FALSE(block);
  EXPECT_THAT(block.error().error.message, HasSubstr("told to fail"));
}

}  // namespace
}  // namespace podium::worker
