#include <cmath>
#include <limits>

#include "convert/half/range.h"
#include "half_model.h"

namespace podium::convert {
namespace {

constexpr float lowest = std::numeric_limits<float>::lowest();

std::vector<float> narrow_values(HalfModel& model, const std::string& node, int input) {
  const TensorProto* weight = model.weight_named(model.find(node)->input(input));
  return weight == nullptr ? std::vector<float>{} : onnx::floats_of(*weight).value();
}

TEST(HalfRanges, KeepANodeWideWhoseWeightPassesTheRange) {
  HalfModel model;
  model.product();
  model.floats("large", {4}, {1.0F, 70000.0F, 0.0F, 1.0F});
  model.named("scale", "Div", {"product", "large"}, {"y"});
  model.output("y", {2, 4});
  const auto report = model.convert();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->left_wide.at("scale"), HasSubstr("'large' reaches 70000"));
  EXPECT_EQ(model.weight_named("large")->data_type(), TensorProto::FLOAT);
}

TEST(HalfRanges, EndAtTheLargestNumberOfTheType) {
  HalfModel model;
  model.product();
  model.floats("largest", {}, {65504.0F});
  model.named("scale", "Div", {"product", "largest"}, {"y"});
  model.output("y", {2, 4});
  const auto report = model.convert();
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->left_wide.empty());
}

TEST(HalfRanges, ClampAMaskThatStandsForMinusInfinity) {
  HalfModel model;
  model.product();
  model.floats("mask", {4}, {0.0F, lowest, -1e9F, -std::numeric_limits<float>::infinity()});
  model.named("add", "Add", {"product", "mask"}, {"y"});
  model.output("y", {2, 4});
  const auto report = model.convert();
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->left_wide.empty());
  EXPECT_EQ(narrow_values(model, "add", 1), (std::vector<float>{0.0F, -65504.0F, -65504.0F, -std::numeric_limits<float>::infinity()}));
  EXPECT_THAT(report->notes, testing::Contains(HasSubstr("'mask'")));
}

TEST(HalfRanges, ClampBoundsButNotTheValueBetweenThem) {
  HalfModel model;
  model.product();
  model.floats("low", {}, {-1e6F});
  model.floats("high", {}, {std::numeric_limits<float>::max()});
  model.named("clip", "Clip", {"product", "low", "high"}, {"y"});
  model.output("y", {2, 4});
  ASSERT_TRUE(model.convert());
  EXPECT_EQ(narrow_values(model, "clip", 1), std::vector<float>{-65504.0F});
  EXPECT_EQ(narrow_values(model, "clip", 2), std::vector<float>{65504.0F});
}

TEST(HalfRanges, KeepANodeWideWhoseWeightIsMostlySubnormal) {
  HalfModel model;
  model.product();
  model.floats("tiny", {}, {1e-12F});
  model.named("add", "Add", {"product", "tiny"}, {"y"});
  model.output("y", {2, 4});
  const auto report = model.convert();
  ASSERT_TRUE(report);
  EXPECT_THAT(report->left_wide.at("add"), HasSubstr("below"));
}

TEST(HalfRanges, OfBfloat16HoldWhatFloat16CannotHold) {
  HalfModel model;
  model.product();
  model.floats("both", {2, 1}, {1e-12F, 1e12F});
  model.named("scale", "Mul", {"product", "both"}, {"y"});
  model.output("y", {2, 4});
  const auto report = model.convert({.type = DataType::bfloat16});
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->left_wide.empty());
}

TEST(HalfRanges, OfRealActivationsKeepNodesOnBothSidesWide) {
  HalfModel model;
  model.product();
  model.named("relu", "Relu", {"product"}, {"r"});
  model.named("last", "MatMul", {"r", "w"}, {"y"});
  model.output("y", {2, 4});
  MadeUpActivations activations({{"product", {1.0F, -70000.0F}}});
  std::int64_t steps = 0;
  Progress progress;
  progress.on_step = [&](const std::string& what, std::int64_t done, std::int64_t all) {
    if (what == "looking at activations") steps += done <= all ? 1 : 0;
  };
  const auto report = model.convert({}, &activations, progress);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->left_wide.at("matmul"), HasSubstr("output 'product' reaches 70000"));
  EXPECT_THAT(report->left_wide.at("relu"), HasSubstr("input 'product' reaches 70000"));
  EXPECT_FALSE(report->left_wide.contains("last"));
  EXPECT_EQ(steps, 3);
}

TEST(HalfRanges, OfActivationsCountSmallNumbersByTheirSize) {
  const auto convert_with = [](const std::vector<float>& product) {
    HalfModel model;
    model.product();
    model.named("last", "MatMul", {"product", "w"}, {"y"});
    model.output("y", {2, 4});
    MadeUpActivations activations({{"product", product}});
    return model.convert({}, &activations);
  };
  std::vector<float> peaked(1000, 1e-6F);
  peaked[0] = 0.9F;
  const auto after_softmax = convert_with(peaked);
  ASSERT_TRUE(after_softmax);
  EXPECT_TRUE(after_softmax->left_wide.empty());
}

TEST(Magnitudes, AreMostlySubnormalWhereTheSumIs) {
  half::Magnitudes tiny(DataType::float16);
  tiny.observe(std::vector<float>{1e-6F, -2e-6F, 0.0F, std::numeric_limits<float>::quiet_NaN()});
  EXPECT_TRUE(tiny.is_mostly_subnormal());
  tiny.observe(std::vector<float>{1.0F});
  EXPECT_FALSE(tiny.is_mostly_subnormal());
  half::Magnitudes zeros(DataType::float16);
  zeros.observe(std::vector<float>(8, 0.0F));
  EXPECT_FALSE(zeros.is_mostly_subnormal());
}

TEST(Limits, AreThoseOfTheTypes) {
  EXPECT_EQ(half::limits_of(DataType::float16).largest, 65504.0F);
  EXPECT_EQ(onnx::float_tensor("t", {1}, std::vector<float>{half::limits_of(DataType::bfloat16).largest}, DataType::bfloat16).raw_data(),
            std::string("\x7F\x7F"));
}

}  // namespace
}  // namespace podium::convert
