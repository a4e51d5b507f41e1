#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "convert/recovery/recovery.h"
#include "model_maker.h"

namespace podium::convert::test {
namespace {

constexpr std::size_t width = 6;

enum class Form { fused, in_parts };

/// Behind `x`: a layer normalization that makes `n`, one of its channels 50 times larger than the others, as in trained transformers.
ModelMaker normalized(Form form) {
  ModelMaker maker;
  maker.input("x").output("y");
  std::vector<float> gamma = noise(width, 1);
  gamma[2] = 50.0F;
  maker.weight("gamma", {width}, gamma).weight("beta", {width}, noise(width, 2));
  if (form == Form::fused) {
    maker.node("LayerNormalization", {"x", "gamma", "beta"}, "n");
    return maker;
  }
  maker.weight("two", {}, {2.0F}).weight("epsilon", {}, {1e-5F});
  maker.node("ReduceMean", {"x"}, "mean");
  maker.node("Sub", {"x", "mean"}, "centred");
  maker.node("Pow", {"centred", "two"}, "squared");
  maker.node("ReduceMean", {"squared"}, "variance");
  maker.node("Add", {"variance", "epsilon"}, "stable");
  maker.node("Sqrt", {"stable"}, "deviation");
  maker.node("Div", {"centred", "deviation"}, "normal");
  maker.node("Mul", {"normal", "gamma"}, "scaled");
  maker.node("Add", {"scaled", "beta"}, "n");
  return maker;
}

ModelMaker two_products(Form form) {
  ModelMaker maker = normalized(form);
  maker.output("z").weight("w1", {width, 4}, noise(width * 4, 3)).weight("w2", {width, 3}, noise(width * 3, 4, 0.1F));
  maker.node("MatMul", {"n", "w1"}, "y");
  maker.node("MatMul", {"n", "w2"}, "z");
  return maker;
}

std::vector<float> magnitudes_of(Evaluator& engine, const ::onnx::ModelProto& model, const std::string& value) {
  std::vector<float> largest(width, 0.0F);
  const std::vector<std::string> values{value};
  const auto ran = engine.run(with_outputs(model, values).value(), [&](auto, std::span<const Activation> activations) -> Result<void> {
    for (std::size_t i = 0; i < activations.front().values.size(); ++i) {
      largest[i % width] = std::max(largest[i % width], std::abs(activations.front().values[i]));
    }
    return {};
  });
  EXPECT_TRUE(ran);
  return largest;
}

std::vector<float> row_magnitudes(const ::onnx::ModelProto& model, const std::vector<std::string>& weights) {
  std::vector<float> largest(width, 0.0F);
  for (const std::string& name : weights) {
    const std::vector<float> weight = weight_of(model, name);
    const std::size_t columns = weight.size() / width;
    for (std::size_t i = 0; i < weight.size(); ++i) largest[i / columns] = std::max(largest[i / columns], std::abs(weight[i]));
  }
  return largest;
}

class SmoothQuant : public testing::TestWithParam<Form> {};

TEST_P(SmoothQuant, FoldsTheScaleIntoGammaAndBetaAndKeepsTheOutputs) {
  ModelMaker maker = two_products(GetParam());
  const ::onnx::ModelProto before = maker.model();
  Evaluator engine(noise_batches(3, {2, 5, width}));
  const Result<Smoothed> smoothed = smooth(maker.model(), 0.5, engine, {});
  ASSERT_TRUE(smoothed) << smoothed.error().message;
  EXPECT_EQ(smoothed->layers, 2);
  EXPECT_TRUE(smoothed->inserted.empty());
  EXPECT_EQ(maker.model().graph().node_size(), before.graph().node_size());
  EXPECT_NE(weight_of(maker.model(), "gamma"), weight_of(before, "gamma"));
  expect_same_outputs(engine, before, maker.model());
}

TEST_P(SmoothQuant, SharesTheRangeOfEachChannelBetweenActivationsAndWeights) {
  ModelMaker maker = two_products(GetParam());
  Evaluator engine(noise_batches(3, {2, 5, width}));
  ASSERT_TRUE(smooth(maker.model(), 0.5, engine, {}));
  const std::vector<float> activations = magnitudes_of(engine, maker.model(), "n");
  const std::vector<float> weights = row_magnitudes(maker.model(), {"w1", "w2"});
  for (std::size_t channel = 0; channel < width; ++channel) EXPECT_NEAR(activations[channel] / weights[channel], 1.0F, 0.01F);
}

TEST_P(SmoothQuant, InsertsAMulWhenAResidualSumReadsTheNormalizationToo) {
  ModelMaker maker = normalized(GetParam());
  maker.weight("w1", {width, width}, noise(width * width, 3));
  maker.node("MatMul", {"n", "w1"}, "m");
  maker.node("Add", {"n", "m"}, "y");
  const ::onnx::ModelProto before = maker.model();
  Evaluator engine(noise_batches(2, {2, 5, width}));
  const Result<Smoothed> smoothed = smooth(maker.model(), 0.5, engine, {});
  ASSERT_TRUE(smoothed) << smoothed.error().message;
  EXPECT_EQ(smoothed->layers, 1);
  ASSERT_EQ(smoothed->inserted.size(), 1U);
  EXPECT_EQ(weight_of(maker.model(), "gamma"), weight_of(before, "gamma"));
  EXPECT_NE(weight_of(maker.model(), "w1"), weight_of(before, "w1"));
  expect_same_outputs(engine, before, maker.model());
}

INSTANTIATE_TEST_SUITE_P(Forms, SmoothQuant, testing::Values(Form::fused, Form::in_parts),
                         [](const auto& instance) { return instance.param == Form::fused ? "Fused" : "InParts"; });

TEST(SmoothQuantStrength, LeavesNoOutlierInTheActivationsAtOne) {
  ModelMaker maker = two_products(Form::fused);
  Evaluator engine(noise_batches(3, {2, 5, width}));
  ASSERT_TRUE(smooth(maker.model(), 1.0, engine, {}));
  for (const float magnitude : magnitudes_of(engine, maker.model(), "n")) EXPECT_NEAR(magnitude, 1.0F, 0.01F);
}

TEST(SmoothQuantStrength, IsRefusedOutsideZeroToOne) {
  ModelMaker maker = two_products(Form::fused);
  Evaluator engine(noise_batches(1, {1, 5, width}));
  for (const double alpha : {-0.1, 1.5, std::numeric_limits<double>::quiet_NaN()}) {
    const Result<Smoothed> smoothed = smooth(maker.model(), alpha, engine, {});
    ASSERT_FALSE(smoothed);
    EXPECT_EQ(smoothed.error().code, ErrorCode::wrong_use);
  }
}

TEST(SmoothQuantModel, IsLeftAloneWithoutALayerNormalization) {
  ModelMaker maker;
  maker.input("x").output("y").weight("w", {width, 2}, noise(width * 2, 1)).node("MatMul", {"x", "w"}, "y");
  Evaluator engine(noise_batches(1, {1, width}));
  EXPECT_EQ(smooth(maker.model(), 0.5, engine, {}).value().layers, 0);
  EXPECT_EQ(engine.runs, 0);
}

TEST(SmoothQuantModel, IsLeftAsItWasWhenAnActivationIsNoNumber) {
  ModelMaker maker = two_products(Form::fused);
  const std::string before = maker.model().SerializeAsString();
  auto batches = noise_batches(2, {1, 5, width});
  batches[1]["x"].values[3] = std::numeric_limits<float>::quiet_NaN();
  Evaluator engine(batches);
  const Result<Smoothed> smoothed = smooth(maker.model(), 0.5, engine, {});
  ASSERT_FALSE(smoothed);
  EXPECT_THAT(smoothed.error().message, testing::HasSubstr("'n'"));
  EXPECT_EQ(maker.model().SerializeAsString(), before);
}

TEST(SmoothQuantModel, CanBeCancelled) {
  ModelMaker maker = two_products(Form::fused);
  Evaluator engine(noise_batches(1, {1, 5, width}));
  const CancelToken token;
  token.request();
  const Result<Smoothed> smoothed = smooth(maker.model(), 0.5, engine, Progress{[](const auto&, auto, auto) {}, &token});
  ASSERT_FALSE(smoothed);
  EXPECT_EQ(smoothed.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace podium::convert::test
