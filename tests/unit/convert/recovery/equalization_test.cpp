#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "convert/recovery/recovery.h"
#include "model_maker.h"

namespace podium::convert::test {
namespace {

/// Weights whose output channels differ in size by a factor of up to 100.
std::vector<float> uneven(std::size_t channels, std::size_t each, unsigned seed) {
  std::vector<float> values = noise(channels * each, seed);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] *= std::pow(10.0F, static_cast<float>(i / each % 3) - 1.0F);
  return values;
}

/// Convolution, depthwise convolution, pointwise convolution, mean, classifier: a small MobileNet with Relu.
ModelMaker convolutions() {
  ModelMaker maker;
  maker.input("x").output("y");
  maker.weight("w1", {6, 3, 3, 3}, uneven(6, 27, 1)).weight("b1", {6}, noise(6, 2));
  maker.weight("w2", {6, 1, 3, 3}, uneven(6, 9, 3)).weight("b2", {6}, noise(6, 4));
  maker.weight("w3", {4, 6, 1, 1}, noise(24, 5)).weight("w4", {4, 5}, noise(20, 6)).weight("b4", {5}, noise(5, 7));
  set_integers(maker.node("Conv", {"x", "w1", "b1"}, "c1"), "pads", {1, 1, 1, 1});
  maker.node("Relu", {"c1"}, "r1");
  auto& depthwise = maker.node("Conv", {"r1", "w2", "b2"}, "c2");
  set_integer(depthwise, "group", 6);
  set_integers(depthwise, "pads", {1, 0, 1, 0});
  maker.node("Relu", {"c2"}, "r2");
  maker.node("Conv", {"r2", "w3"}, "c3");
  maker.node("GlobalAveragePool", {"c3"}, "g");
  maker.node("Flatten", {"g"}, "f");
  maker.node("Gemm", {"f", "w4", "b4"}, "y");
  return maker;
}

ModelMaker two_layers(const std::string& between) {
  ModelMaker maker;
  maker.input("x").output("y");
  maker.weight("w1", {4, 3}, uneven(4, 3, 1)).weight("w2", {2, 4}, noise(8, 2));
  set_integer(maker.node("Gemm", {"x", "w1"}, "g1"), "transB", 1);
  maker.node(between, {"g1"}, "r1");
  set_integer(maker.node("Gemm", {"r1", "w2"}, "y"), "transB", 1);
  return maker;
}

float largest(const std::vector<float>& weight, std::size_t first, std::size_t step, std::size_t count) {
  float magnitude = 0.0F;
  for (std::size_t i = 0; i < count; ++i) magnitude = std::max(magnitude, std::abs(weight[first + i * step]));
  return magnitude;
}

TEST(Equalization, LeavesTheOutputsOfTheFloatModelAsTheyWere) {
  ModelMaker maker = convolutions();
  const ::onnx::ModelProto before = maker.model();
  ASSERT_EQ(equalize_layers(maker.model()).value(), 3);
  EXPECT_NE(weight_of(before, "w1"), weight_of(maker.model(), "w1"));
  expect_same_outputs(Evaluator(noise_batches(2, {2, 3, 5, 5})), before, maker.model());
}

TEST(Equalization, GivesBothLayersOfAPairTheSameRangeInEachChannel) {
  ModelMaker maker = convolutions();
  ASSERT_TRUE(equalize_layers(maker.model()));
  const std::vector<float> w1 = weight_of(maker.model(), "w1");
  const std::vector<float> w2 = weight_of(maker.model(), "w2");
  const std::vector<float> w3 = weight_of(maker.model(), "w3");
  const std::vector<float> w4 = weight_of(maker.model(), "w4");
  for (std::size_t channel = 0; channel < 6; ++channel) {
    const float made = largest(w1, channel * 27, 1, 27);
    EXPECT_NEAR(largest(w2, channel * 9, 1, 9) / made, 1.0F, 0.01F);
    EXPECT_NEAR(largest(w3, channel, 6, 4) / made, 1.0F, 0.01F);
  }
  for (std::size_t channel = 0; channel < 4; ++channel)
    EXPECT_NEAR(largest(w4, channel * 5, 1, 5) / largest(w3, channel * 6, 1, 6), 1.0F, 0.01F);
}

TEST(Equalization, LeavesAChannelThatNothingReadsAsItWas) {
  ModelMaker maker = two_layers("Relu");
  std::vector<float> second = noise(8, 2);
  second[1] = second[5] = 0.0F;  // what channel 1 makes is multiplied by nothing else
  *maker.model().mutable_graph()->mutable_initializer(1) = onnx::float_tensor("w2", {2, 4}, second);
  const ::onnx::ModelProto before = maker.model();
  ASSERT_EQ(equalize_layers(maker.model()).value(), 1);
  const std::vector<float> was = weight_of(before, "w1");
  const std::vector<float> is = weight_of(maker.model(), "w1");
  EXPECT_TRUE(std::equal(is.begin() + 3, is.begin() + 6, was.begin() + 3));
  expect_same_outputs(Evaluator(noise_batches(1, {3, 3})), before, maker.model());
}

TEST(Equalization, ReadsGemmWithATransposedWeight) {
  ModelMaker maker = two_layers("Relu");
  const ::onnx::ModelProto before = maker.model();
  EXPECT_EQ(equalize_layers(maker.model()).value(), 1);
  expect_same_outputs(Evaluator(noise_batches(1, {3, 3})), before, maker.model());
}

TEST(Equalization, LeavesLayersAloneWhenAScaleDoesNotPassBetweenThem) {
  for (const std::string between : {"Clip", "Sigmoid", "Sqrt"}) {
    ModelMaker maker = two_layers(between);
    const std::string before = maker.model().SerializeAsString();
    EXPECT_EQ(equalize_layers(maker.model()).value(), 0) << between;
    EXPECT_EQ(maker.model().SerializeAsString(), before) << between;
  }
}

TEST(Equalization, LeavesAValueAloneThatIsReadElsewhere) {
  ModelMaker residual = two_layers("Relu");
  residual.output("s").node("Add", {"g1", "r1"}, "s");
  EXPECT_EQ(equalize_layers(residual.model()).value(), 0);
  ModelMaker shown = two_layers("Relu");
  shown.output("r1");
  EXPECT_EQ(equalize_layers(shown.model()).value(), 0);
}

TEST(Equalization, LeavesAWeightAsItWasForTheOtherNodesThatReadIt) {
  ModelMaker maker = two_layers("Relu");
  maker.output("z");
  set_integer(maker.node("Gemm", {"x", "w1"}, "z"), "transB", 1);
  const ::onnx::ModelProto before = maker.model();
  EXPECT_EQ(equalize_layers(maker.model()).value(), 1);
  EXPECT_EQ(weight_of(maker.model(), "w1"), weight_of(before, "w1"));
  expect_same_outputs(Evaluator(noise_batches(1, {3, 3})), before, maker.model());
}

}  // namespace
}  // namespace podium::convert::test
