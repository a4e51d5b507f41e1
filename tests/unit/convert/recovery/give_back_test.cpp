#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "convert/recovery/give_back.h"
#include "convert/recovery/output_quality.h"
#include "convert/recovery/static_conversion.h"
#include "model_maker.h"

namespace podium::convert::test {
namespace {

constexpr std::size_t width = 8;

/// Six layers. One weight of `bad` is large where nothing comes in, so that one scale for all its weights rounds the others to nothing.
ModelMaker layers(const std::string& bad) {
  ModelMaker maker;
  maker.input("x").output("g6");
  std::string value = "x";
  for (unsigned i = 1; i <= 6; ++i) {
    const std::string number = std::to_string(i);
    std::vector<float> weight = noise(width * width, i);
    for (std::size_t column = 0; column < width; ++column) weight[column] = 0.0F;
    if ("g" + number == bad) weight[0] = 100.0F;
    std::vector<float> bias = noise(width, 10 + i);
    bias[0] = -1000.0F;  // the Relu behind it makes this channel 0, whatever the weights
    if (i == 6) bias[0] = 0.0F;
    maker.weight("w" + number, {width, width}, weight).weight("b" + number, {width}, bias);
    maker.node("Gemm", {value, "w" + number, "b" + number}, "g" + number);
    if (i < 6) maker.node("Relu", {"g" + number}, "r" + number);
    value = "r" + number;
  }
  return maker;
}

QuantizationProfile one_scale_for_all() {
  QuantizationProfile profile;
  profile.quantize_linear_weights_per_channel = false;
  return profile;
}

/// A quantized chain of layers, the bound being one of the signal to noise of its output.
class GiveBack : public testing::Test {
 protected:
  void quantize(const std::string& bad) {
    maker_ = layers(bad);
    auto batches = noise_batches(5, {8, width});
    for (auto& batch : batches) {
      for (std::size_t i = 0; i < batch["x"].values.size(); i += width) batch["x"].values[i] = 0.0F;
    }
    engine_ = std::make_unique<Evaluator>(std::move(batches));
    plan_ = plan_static(maker_.model(), profile_, {}).value();
    ASSERT_FALSE(plan_.nodes.empty());
    ranges_.clear();
    const auto tapped = with_outputs(maker_.model(), plan_.activations);
    ASSERT_TRUE(engine_->run(tapped.value(), [&](auto, std::span<const Activation> values) -> Result<void> {
      for (const Activation& value : values) {
        const auto [least, largest] = std::minmax_element(value.values.begin(), value.values.end());
        Range& range = ranges_[value.name];
        range = {std::min(range.low, *least), std::max(range.high, *largest)};
      }
      return {};
    }));
    engine_->runs = engine_->batches_run = 0;
    baseline_ = run_outputs(maker_.model(), *engine_, engine_->batches(), {}).value();
  }

  Result<GivenBack> search(const Holds& holds, const Progress& progress = {}, std::size_t trials = most_trials) {
    conversion_ = std::make_unique<StaticConversion>(maker_.model(), plan_, profile_, ranges_, calibration_, *engine_, no_progress_);
    return give_back(maker_.model(), *conversion_, *engine_, holds, progress, trials);
  }

  double sqnr_of(const ::onnx::ModelProto& model) {
    const Result<Outputs> outputs = run_outputs(model, *engine_, engine_->batches(), {});
    return outputs ? sqnr_db(baseline_, *outputs) : -std::numeric_limits<double>::infinity();
  }

  Result<GivenBack> reach(double bound_db, const Progress& progress = {}, std::size_t trials = most_trials) {
    const Holds holds = [this, bound_db](const ::onnx::ModelProto& model) -> Result<bool> {
      ++asked_;
      return sqnr_of(model) >= bound_db;
    };
    return search(holds, progress, trials);
  }

  ModelMaker maker_;
  QuantizationProfile profile_ = one_scale_for_all();
  std::unique_ptr<Evaluator> engine_;
  StaticPlan plan_;
  std::map<std::string, Range> ranges_;
  CalibrationSettings calibration_;
  Outputs baseline_;
  const Progress no_progress_;
  std::unique_ptr<StaticConversion> conversion_;
  int asked_ = 0;
};

TEST_F(GiveBack, FindsTheOneBadLayer) {
  for (const std::string bad : {"g2", "g5"}) {
    quantize(bad);
    const Result<GivenBack> found = reach(20.0);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_TRUE(found->holds);
    EXPECT_THAT(found->layers, testing::ElementsAre(bad));
    EXPECT_FALSE(found->ended_early);
    ASSERT_THAT(found->worst, testing::SizeIs(1));
    EXPECT_EQ(found->worst.front().layer, bad);
    EXPECT_LT(found->worst.front().sqnr_db, 20.0);
    EXPECT_GE(sqnr_of(conversion_->without({bad}).value()), 20.0);
    const StaticPlan left = conversion_->plan_without({bad}).value();
    EXPECT_THAT(left.nodes, testing::Not(testing::Contains(bad)));
    EXPECT_THAT(left.nodes, testing::Contains("g3"));
  }
}

TEST_F(GiveBack, GivesNothingBackWhenTheBoundHoldsAlready) {
  quantize("none");
  const Result<GivenBack> found = reach(20.0);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(found->holds);
  EXPECT_TRUE(found->layers.empty());
  EXPECT_EQ(asked_, 1);
}

TEST_F(GiveBack, SaysThatTheBoundDoesNotHoldWhenNotEvenTheFloatModelKeepsIt) {
  quantize("g2");
  const Result<GivenBack> found = search([](const ::onnx::ModelProto&) -> Result<bool> { return false; });
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_FALSE(found->holds);
  EXPECT_THAT(found->layers, testing::SizeIs(6));
  EXPECT_TRUE(conversion_->plan_without({found->layers.begin(), found->layers.end()}).value().nodes.empty());
}

TEST_F(GiveBack, GivesEveryLayerBackWhenOnlyTheFloatModelKeepsTheBound) {
  quantize("none");
  const Result<GivenBack> found = reach(150.0);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(found->holds);
  EXPECT_THAT(found->layers, testing::UnorderedElementsAreArray({"g1", "g2", "g3", "g4", "g5", "g6"}));
  EXPECT_THAT(found->worst, testing::SizeIs(3)) << "so that who asked can be told why";
}

TEST_F(GiveBack, TakesNeighboursAsEquallyBadWhereItsTrialsAreUsedUp) {
  quantize("g3");
  std::int64_t trials = 0;
  Progress progress;
  progress.on_step = [&](const std::string& what, std::int64_t, std::int64_t) { trials += what == "finding the error of each layer" ? 1 : 0; };
  const Result<GivenBack> found = reach(20.0, progress, 4);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(found->holds);
  EXPECT_TRUE(found->ended_early);
  EXPECT_THAT(found->layers, testing::ElementsAre("g2", "g3")) << "which were converted together only";
  EXPECT_TRUE(found->worst.empty()) << "no layer was converted alone";
  EXPECT_GE(sqnr_of(conversion_->without({"g2", "g3"}).value()), 20.0);
  EXPECT_EQ(trials, 4);
}

TEST_F(GiveBack, FindsOneBadLayerInFewRunsOverFewInputs) {
  quantize("g3");
  ASSERT_TRUE(reach(20.0));
  EXPECT_EQ(asked_, 3);  // none, all, and the worst
  // 16 inputs are two batches of eight: four groups of the six layers and the two layers of the worst group, besides whole runs of the
  // baseline, here and in the search, and of each question.
  EXPECT_EQ(engine_->batches_run, (4 + 2) * 2 + (2 + asked_) * 5);
}

TEST_F(GiveBack, OrdersAllLayersByWhatEachCostsAlone) {
  quantize("g4");
  conversion_ = std::make_unique<StaticConversion>(maker_.model(), plan_, profile_, ranges_, calibration_, *engine_, no_progress_);
  const auto worst = worst_layers(maker_.model(), *conversion_, *engine_, 100, {});
  ASSERT_TRUE(worst) << worst.error().message;
  ASSERT_EQ(worst->size(), 6U);
  EXPECT_EQ(worst->front().layer, "g4");
  for (std::size_t i = 1; i < worst->size(); ++i) EXPECT_GT((*worst)[i].sqnr_db, worst->front().sqnr_db + 6.0);
}

/// The scale of what goes into a residual sum from a layer that stays in float: the plan of all layers quantizes it nowhere.
float scale_beside_a_layer_in_float(CalibrationMethod method) {
  ModelMaker maker;
  maker.input("x").output("g3");
  for (const char* number : {"1", "2", "3"}) {
    const auto seed = static_cast<unsigned>(number[0]);
    maker.weight(std::string("w") + number, {width, width}, noise(width * width, seed));
    maker.weight(std::string("b") + number, {width}, noise(width, seed + 10));
  }
  maker.node("Gemm", {"x", "w1", "b1"}, "g1");
  maker.node("Relu", {"g1"}, "r1");
  maker.node("Gemm", {"r1", "w2", "b2"}, "g2");
  maker.node("Add", {"g2", "r1"}, "sum");
  maker.node("Gemm", {"sum", "w3", "b3"}, "g3");
  QuantizationProfile profile;
  profile.quantize_residual_adds = false;
  CalibrationSettings calibration;
  calibration.method = method;
  calibration.percentile = 60.0;
  Evaluator engine(noise_batches(5, {8, width}));
  const Progress progress;
  const StaticPlan plan = plan_static(maker.model(), profile, {}).value();
  EXPECT_THAT(plan.activations, testing::Not(testing::Contains("g2")));
  const auto ranges = calibrate(maker.model(), plan.activations, calibration, engine, progress).value();
  StaticConversion conversion(maker.model(), plan, profile, ranges, calibration, engine, progress);
  const std::vector<float> scale = weight_of(conversion.without({"g2"}).value(), "g2_scale");
  return scale.size() == 1 ? scale.front() : 0.0F;
}

TEST(StaticConversion, FindsRangesThatFewerLayersNeedByTheMethodAskedFor) {
  const float by_percentile = scale_beside_a_layer_in_float(CalibrationMethod::percentile);
  EXPECT_GT(by_percentile, 0.0F);
  EXPECT_LT(by_percentile, 0.7F * scale_beside_a_layer_in_float(CalibrationMethod::min_max));
}

TEST_F(GiveBack, ShowsItsProgressAndCanBeCancelled) {
  quantize("g3");
  const CancelToken token;
  std::int64_t seen = 0;
  Progress progress;
  progress.cancel = &token;
  progress.on_step = [&](const std::string& what, std::int64_t done, std::int64_t all) {
    EXPECT_FALSE(what.empty());
    EXPECT_LE(done, all);
    if (++seen == 3) token.request();
  };
  const Result<GivenBack> found = reach(20.0, progress);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::cancelled);
  EXPECT_EQ(seen, 3);
}

TEST_F(GiveBack, HandsOnAnErrorOfTheBound) {
  quantize("g3");
  const Result<GivenBack> found =
      search([](const ::onnx::ModelProto&) -> Result<bool> { return fail(ErrorCode::failed, "the test set is gone"); });
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().message, "the test set is gone");
}

}  // namespace
}  // namespace podium::convert::test
