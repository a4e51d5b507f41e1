#include <gmock/gmock.h>

#include <limits>

#include "../../two_steps.h"
#include "convert/calibration/calibration.h"

namespace podium::convert {
namespace {

using test::two_steps;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Batch = std::vector<std::vector<float>>;

/// Hands over what a test says the engine computed.
class Told final : public ActivationSource {
 public:
  explicit Told(std::vector<Batch> batches) : batches_(std::move(batches)) {}
  [[nodiscard]] std::int64_t batches() const override { return static_cast<std::int64_t>(batches_.size()); }
  [[nodiscard]] Result<void> run(const ::onnx::ModelProto& model, const OnActivations& sink) override {
    for (std::size_t b = 0; b < batches_.size(); ++b) {
      std::vector<Activation> activations;
      for (std::size_t i = 0; i < batches_[b].size(); ++i) {
        activations.push_back({model.graph().output(static_cast<int>(i)).name(), {}, batches_[b][i]});
      }
      if (auto taken = sink(static_cast<std::int64_t>(b), activations); !taken) return taken;
    }
    return {};
  }

 private:
  std::vector<Batch> batches_;
};

const std::vector<std::string> both{"a", "b"};
const std::vector<Batch> one_batch(1, Batch{{1.0F}, {1.0F}});

TEST(Calibrate, FindsTheRangeOfEachValue) {
  Told source({{{1.0F, 2.0F}, {-2.0F}}, {{4.0F}, {-1.0F}}});
  const auto ranges = calibrate(two_steps(), both, {}, source, {});
  ASSERT_TRUE(ranges) << ranges.error().message;
  EXPECT_EQ(ranges->size(), 2U);
  EXPECT_EQ(ranges->at("a").high, 4.0F);
  EXPECT_EQ(ranges->at("b").low, -2.0F);
}

TEST(Calibrate, TellsItsProgress) {
  Told source({{{1.0F}, {1.0F}}, {{1.0F}, {1.0F}}});
  std::vector<std::int64_t> steps;
  Progress progress;
  progress.on_step = [&steps](const std::string&, std::int64_t done, std::int64_t) { steps.push_back(done); };
  ASSERT_TRUE(calibrate(two_steps(), both, {}, source, progress));
  EXPECT_THAT(steps, ElementsAre(0, 1, 2));
}

TEST(Calibrate, FailsOnANumberThatIsNotFiniteWithTheNameOfItsValue) {
  Told source({{{1.0F}, {1.0F}}, {{1.0F}, {1.0F, std::numeric_limits<float>::quiet_NaN()}}});
  const auto ranges = calibrate(two_steps(), both, {}, source, {});
  ASSERT_FALSE(ranges);
  EXPECT_EQ(ranges.error().code, ErrorCode::bad_input);
  EXPECT_THAT(ranges.error().message, HasSubstr("'b' holds 1 infinities or values that are not numbers, of 2, in batch 1"));
}

TEST(Calibrate, StopsWhenAskedTo) {
  Told source(one_batch);
  CancelToken cancel;
  cancel.request();
  Progress progress;
  progress.cancel = &cancel;
  const auto ranges = calibrate(two_steps(), both, {}, source, progress);
  ASSERT_FALSE(ranges);
  EXPECT_EQ(ranges.error().code, ErrorCode::cancelled);
}

TEST(Calibrate, WantsData) {
  Told source({});
  EXPECT_EQ(calibrate(two_steps(), both, {}, source, {}).error().code, ErrorCode::bad_input);
}

TEST(Calibrate, RefusesAnEngineThatReturnsSomethingElse) {
  Told source(std::vector<Batch>(1, Batch(1)));
  EXPECT_EQ(calibrate(two_steps(), both, {}, source, {}).error().code, ErrorCode::failed);
}

TEST(Calibrate, RefusesSettingsThatMakeNoSense) {
  Told source(one_batch);
  CalibrationSettings percentile, weight, levels;
  percentile.percentile = 120.0;
  weight.moving_average = 0.0;
  levels.levels = 1;
  for (const CalibrationSettings& settings : {percentile, weight, levels}) {
    EXPECT_EQ(calibrate(two_steps(), both, settings, source, {}).error().code, ErrorCode::wrong_use);
  }
}

TEST(Calibrate, NamesAValueThatTheModelDoesNotHave) {
  Told source(one_batch);
  const std::vector<std::string> unknown{"z"};
  EXPECT_THAT(calibrate(two_steps(), unknown, {}, source, {}).error().message, HasSubstr("'z'"));
}

}  // namespace
}  // namespace podium::convert
