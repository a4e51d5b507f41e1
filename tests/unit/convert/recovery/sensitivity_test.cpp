#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "convert/recovery/output_quality.h"
#include "convert/recovery/recovery.h"
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

  Result<Sensitivity> give_back(double bound_db, const Progress& progress = {}) {
    const auto holds = [&](const ::onnx::ModelProto& model) -> Result<bool> {
      ++asked_;
      const Result<Outputs> outputs = run_outputs(model, *engine_, engine_->batches(), {});
      if (!outputs) return tl::unexpected(outputs.error());
      return sqnr_db(baseline_, *outputs) >= bound_db;
    };
    return give_back_layers(maker_.model(), plan_, profile_, ranges_, *engine_, holds, progress);
  }

  ModelMaker maker_;
  QuantizationProfile profile_ = one_scale_for_all();
  std::unique_ptr<Evaluator> engine_;
  StaticPlan plan_;
  std::map<std::string, Range> ranges_;
  Outputs baseline_;
  int asked_ = 0;
};

TEST_F(GiveBack, FindsTheOneBadLayer) {
  for (const std::string bad : {"g2", "g5"}) {
    quantize(bad);
    const Result<Sensitivity> found = give_back(20.0);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_TRUE(found->holds);
    EXPECT_THAT(found->given_back, testing::ElementsAre(bad));
    EXPECT_GE(found->sqnr_db, 20.0);
    EXPECT_THAT(found->plan.nodes, testing::Not(testing::Contains(bad)));
    EXPECT_THAT(found->plan.nodes, testing::Contains("g3"));
  }
}

TEST_F(GiveBack, GivesNothingBackWhenTheBoundHoldsAlready) {
  quantize("none");
  const Result<Sensitivity> found = give_back(20.0);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(found->holds);
  EXPECT_TRUE(found->given_back.empty());
  EXPECT_GE(found->sqnr_db, 20.0);
  EXPECT_EQ(asked_, 1);
}

TEST_F(GiveBack, SaysThatTheBoundDoesNotHoldWhenNotEvenTheFloatModelKeepsIt) {
  quantize("g2");
  const auto never = [](const ::onnx::ModelProto&) -> Result<bool> { return false; };
  const Result<Sensitivity> found = give_back_layers(maker_.model(), plan_, profile_, ranges_, *engine_, never, {});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_FALSE(found->holds);
  EXPECT_THAT(found->given_back, testing::SizeIs(6));
  EXPECT_TRUE(found->plan.nodes.empty());
  EXPECT_EQ(found->sqnr_db, std::numeric_limits<double>::infinity());
}

TEST_F(GiveBack, GivesEveryLayerBackWhenOnlyTheFloatModelKeepsTheBound) {
  quantize("none");
  const Result<Sensitivity> found = give_back(150.0);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(found->holds);
  EXPECT_THAT(found->given_back, testing::UnorderedElementsAreArray({"g1", "g2", "g3", "g4", "g5", "g6"}));
}

TEST_F(GiveBack, AsksForNoMoreThanBisectionNeedsAndOrdersByFewInputs) {
  quantize("g3");
  ASSERT_TRUE(give_back(20.0));
  EXPECT_LE(asked_, 2 + 3);  // none, all, and log2 of six layers
  // 16 inputs are two batches of eight: each of six layers alone, besides the whole runs of the baseline, of the bound and of the result.
  EXPECT_EQ(engine_->batches_run, 6 * 2 + (2 + asked_) * 5 + 5);
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
  const Result<Sensitivity> found = give_back(20.0, progress);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::cancelled);
  EXPECT_EQ(seen, 3);
}

TEST_F(GiveBack, HandsOnAnErrorOfTheBound) {
  quantize("g3");
  const auto broken = [](const ::onnx::ModelProto&) -> Result<bool> { return fail(ErrorCode::failed, "the test set is gone"); };
  const Result<Sensitivity> found = give_back_layers(maker_.model(), plan_, profile_, ranges_, *engine_, broken, {});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().message, "the test set is gone");
}

}  // namespace
}  // namespace podium::convert::test
