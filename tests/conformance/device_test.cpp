// What every backend that finds a GPU must do alike on it. Where there is none, the fake's stands in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

#include "engine.h"
#include "matchers.h"

namespace podium::conformance {
namespace {

using ::testing::HasSubstr;

constexpr const char* gpu = "cuda:0";

class EveryBackendOnAGpu : public ::testing::TestWithParam<Engine> {
 protected:
  /// The backend over the small picture model, or a skipped test where it finds no GPU.
  void SetUp() override {
    running_.emplace(GetParam(), picture_);
    const auto probe = running_->worker().probe();
    ASSERT_TRUE(succeeded(probe));
    const bool finds_gpu = std::find(probe->devices.begin(), probe->devices.end(), gpu) != probe->devices.end();
    if (!finds_gpu) GTEST_SKIP() << "it finds no GPU here";
  }

  worker::Outcome<worker::LoadFigures> load(TimingBoundary boundary, const std::string& device = gpu, const OptionValues& options = {}) {
    backend::LoadRequest request = running_->request();
    request.device = device;
    request.boundary = boundary;
    for (const auto& [name, value] : options) request.options[name] = value;
    return running_->worker().load(request);
  }

  [[nodiscard]] static bool has_option(const std::string& name) {
    const auto& options = GetParam().descriptor().options;
    return std::any_of(options.begin(), options.end(), [&](const OptionSpec& option) { return option.name == name; });
  }

  /// The fake computes no model, so its answers are compared with its own.
  void expect_right(const worker::Answers& answers, const worker::Answers& at_host) const {
    if (GetParam().registered.descriptor.bundled_in_default_runs) {
      EXPECT_TRUE(agree(answers, picture_));
      return;
    }
    ASSERT_EQ(answers.batches.size(), at_host.batches.size());
    for (std::size_t i = 0; i < answers.batches.size(); ++i) EXPECT_EQ(answers.batches[i][0].values, at_host.batches[i][0].values);
  }

  const Case& picture_ = case_named("picture-b4");
  std::optional<Running> running_;
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(EveryBackendOnAGpu);
INSTANTIATE_TEST_SUITE_P(Conformance, EveryBackendOnAGpu, ::testing::ValuesIn(every_backend_for_gpus()), NamedByEngine());

TEST_P(EveryBackendOnAGpu, GivesTheSameAnswersAtBothBoundaries) {
  ASSERT_TRUE(succeeded(load(TimingBoundary::host)));
  const auto at_host = running_->answers();
  ASSERT_TRUE(succeeded(at_host));
  expect_right(*at_host, *at_host);
  ASSERT_TRUE(succeeded(load(TimingBoundary::device)));
  const auto at_device = running_->answers();
  ASSERT_TRUE(succeeded(at_device));
  expect_right(*at_device, *at_host);
  ASSERT_TRUE(succeeded(running_->worker().measure({std::chrono::milliseconds(20), 7, 1000, 1})));
  const auto after = running_->answers();
  ASSERT_TRUE(succeeded(after));
  expect_right(*after, *at_host);
}

TEST_P(EveryBackendOnAGpu, AnswersRightFromACudaGraphThoughOthersWereReplayedSince) {
  if (!has_option("cuda-graph")) GTEST_SKIP() << "it has no option cuda-graph";
  ASSERT_GT(picture_.batches.size(), 1U);
  for (const TimingBoundary boundary : {TimingBoundary::host, TimingBoundary::device}) {
    ASSERT_TRUE(succeeded(load(boundary, gpu, {{"cuda-graph", OptionValue{true}}})));
    for (int time = 0; time < 2; ++time) {
      const auto answers = running_->answers();
      ASSERT_TRUE(succeeded(answers));
      EXPECT_TRUE(agree(*answers, picture_));
    }
  }
}

TEST_P(EveryBackendOnAGpu, HasADevicesClockThatTheHostsDoesNotContradict) {
  ASSERT_TRUE(succeeded(load(TimingBoundary::device)));
  ASSERT_TRUE(succeeded(running_->answers()));
  const auto block = running_->worker().measure({std::chrono::milliseconds(20), 20, 1000, 1});
  ASSERT_TRUE(succeeded(block));
  ASSERT_TRUE(block->device_clock) << "an engine on a GPU tells its time by the GPU's clock";
  EXPECT_GT(block->device_clock->device_ms, 0.0);
  EXPECT_LE(block->device_clock->device_ms, block->device_clock->host_ms * 1.05 + 0.01);
}

TEST_P(EveryBackendOnAGpu, RefusesAGpuThatIsNotThereByItsName) {
  const auto loaded = load(TimingBoundary::device, "cuda:99");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().error.code, ErrorCode::unsupported) << loaded.error().error.message;
  EXPECT_THAT(loaded.error().error.message, HasSubstr("cuda:99"));
}

}  // namespace
}  // namespace podium::conformance
