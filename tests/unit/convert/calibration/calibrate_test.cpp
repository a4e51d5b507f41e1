#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "../../two_steps.h"
#include "convert/calibration/calibration.h"

namespace podium::convert {
namespace {

using test::two_steps;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Batch = std::vector<std::vector<float>>;

/// Hands over what a test says the engine computed for "a" and "b", or what it reduces them to; like some engines, its comparisons lose
/// NaN.
class Told final : public ActivationSource {
 public:
  explicit Told(std::vector<Batch> batches) : batches_(std::move(batches)) {}
  [[nodiscard]] std::int64_t batches() const override { return static_cast<std::int64_t>(batches_.size()); }
  [[nodiscard]] Result<void> run(const ::onnx::ModelProto& model, const OnActivations& sink) override {
    ++runs;
    for (std::size_t b = 0; b < batches_.size(); ++b) {
      std::vector<std::vector<float>> numbers;
      for (const auto& output : model.graph().output()) {
        const ::onnx::NodeProto* reduction = reduction_to(model, output.name());
        if (reduction != nullptr && !reduces) return fail(ErrorCode::unsupported, "it cannot reduce");
        const std::size_t value = (reduction != nullptr ? reduction->input(0) : output.name()) == "a" ? 0 : 1;
        if (value >= batches_[b].size()) continue;
        numbers.push_back(reduction != nullptr ? reduce(reduction->op_type(), batches_[b][value]) : batches_[b][value]);
      }
      std::vector<Activation> activations;
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        activations.push_back({model.graph().output(static_cast<int>(i)).name(), {}, numbers[i]});
        most_numbers = std::max(most_numbers, numbers[i].size());
      }
      if (auto taken = sink(static_cast<std::int64_t>(b), activations); !taken) return taken;
    }
    return {};
  }

  bool reduces = true;
  int runs = 0;
  std::size_t most_numbers = 0;  ///< handed over of one value at once

 private:
  static const ::onnx::NodeProto* reduction_to(const ::onnx::ModelProto& model, const std::string& value) {
    const auto& nodes = model.graph().node();
    const auto maker = std::find_if(nodes.begin(), nodes.end(), [&](const ::onnx::NodeProto& node) { return node.output(0) == value; });
    return maker != nodes.end() && maker->op_type().starts_with("Reduce") ? &*maker : nullptr;
  }
  static constexpr float infinity = std::numeric_limits<float>::infinity();
  static std::vector<float> reduce(const std::string& how, const std::vector<float>& values) {
    if (how != "ReduceSum" && values.empty()) return {how == "ReduceMin" ? infinity : -infinity};
    float result = how == "ReduceSum" ? 0.0F : values.front();
    for (const float value : values) {
      if (how == "ReduceMin") result = std::fmin(result, value);
      if (how == "ReduceMax") result = std::fmax(result, value);
      if (how == "ReduceSum") result += value;
    }
    return {result};
  }

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

TEST(Calibrate, LetsTheEngineReduceWhatOnlyItsEndsAreWantedOf) {
  for (const CalibrationMethod method : all_calibration_methods()) {
    Told source({{{1.0F, 3.0F, 2.0F}, {-2.0F, -1.0F}}, {{5.0F, 4.0F}, {-1.0F, 1.0F}}});
    CalibrationSettings settings;
    settings.method = method;
    ASSERT_TRUE(calibrate(two_steps(), both, settings, source, {}));
    const bool has_ends_only = method == CalibrationMethod::min_max || method == CalibrationMethod::moving_average;
    EXPECT_EQ(source.most_numbers, has_ends_only ? 1U : 3U) << to_string(method);
    EXPECT_EQ(source.runs, 1) << to_string(method);
  }
}

TEST(Calibrate, FindsTheSameRangesFromAnEngineThatCannotReduce) {
  for (const CalibrationMethod method : {CalibrationMethod::min_max, CalibrationMethod::moving_average}) {
    const std::vector<Batch> batches{{{1.0F, 3.0F, 2.0F}, {-2.0F, -1.0F}}, {{5.0F, -4.0F}, {-1.0F, 1.0F}}};
    Told able(batches);
    Told unable(batches);
    unable.reduces = false;
    CalibrationSettings settings;
    settings.method = method;
    const auto expected = calibrate(two_steps(), both, settings, able, {});
    const auto found = calibrate(two_steps(), both, settings, unable, {});
    ASSERT_TRUE(expected && found);
    for (const std::string& value : both) {
      EXPECT_EQ(found->at(value).low, expected->at(value).low);
      EXPECT_EQ(found->at(value).high, expected->at(value).high);
    }
    EXPECT_EQ(unable.runs, 2);
  }
}

TEST(Calibrate, TakesNumbersWhoseSumHasNoPlaceInAFloat) {
  constexpr float large = 3e38F;
  Told source(std::vector<Batch>(1, Batch{{large, large}, {-large, -large}}));
  const auto ranges = calibrate(two_steps(), both, {}, source, {});
  ASSERT_TRUE(ranges) << ranges.error().message;
  EXPECT_EQ(ranges->at("a").high, large);
  EXPECT_EQ(ranges->at("b").low, -large);
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
