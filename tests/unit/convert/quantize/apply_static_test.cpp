#include <cmath>
#include <limits>

#include "int8_fixture.h"

namespace podium::convert {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::FloatEq;
using testing::HasSubstr;

using Applying = Int8Test;

TEST_F(Applying, PutsOnePairBehindAValueForAllItsReaders) {
  image();
  conv("x", "a");
  conv("a", "b");
  conv("a", "c");
  output("b");
  output("c");
  quantize();
  EXPECT_EQ(count("QuantizeLinear"), 4);
  EXPECT_EQ(find("b_node")->input(0), find("c_node")->input(0));
  EXPECT_EQ(maker(find("b_node")->input(0)), "DequantizeLinear");
}

TEST_F(Applying, KeepsTheNamesOfOutputs) {
  image();
  conv("x", "y");
  output("y");
  quantize();
  EXPECT_EQ(maker("y"), "DequantizeLinear");
  EXPECT_EQ(find("y_node")->output(0), "y_float");
}

TEST_F(Applying, StoresWeightsAsInt8BehindADequantizeLinear) {
  image();
  floats("w", {2, 4, 1, 1}, {1, 2.2F, 3, 4, 0.5F, 0.3F, 0, -0.5F});
  node("Conv", {"x", "w"}, {"y"});
  output("y");
  quantize();
  const auto* made = find("w_DequantizeLinear");
  ASSERT_NE(made, nullptr);
  EXPECT_EQ(tensor("w_quantized").data_type(), ::onnx::TensorProto::INT8);
  EXPECT_THAT(integers_in("w_quantized"), ElementsAre(32, 70, 95, 127, 127, 76, 0, -127));
  EXPECT_THAT(floats_in("w_scale"), ElementsAre(FloatEq(4.0F / 127), FloatEq(0.5F / 127)));
  EXPECT_EQ(made->attribute(0).i(), 0);
  for (const auto& initializer : builder.graph().initializer()) EXPECT_NE(initializer.name(), "w") << "the float weight is still there";
}

TEST_F(Applying, LeavesWeightsFloatBehindAPairWhereTheEngineFoldsNoInt8) {
  image();
  profile.store_int8_weights = false;
  floats("w", {2, 4, 1, 1}, {1, 2.2F, 3, 4, 0.5F, 0.3F, 0, -0.5F});
  node("Conv", {"x", "w"}, {"y"});
  output("y");
  quantize();
  EXPECT_EQ(find("y_node")->input(1), "w_dequantized");
  const auto* narrow = find("w_QuantizeLinear");
  const auto* wide = find("w_DequantizeLinear");
  ASSERT_TRUE(narrow != nullptr && wide != nullptr);
  EXPECT_EQ(narrow->input(0), "w");
  EXPECT_EQ(wide->input(0), narrow->output(0));
  EXPECT_EQ(wide->input(1), narrow->input(1));
  EXPECT_THAT(floats_in("w_scale"), ElementsAre(FloatEq(4.0F / 127), FloatEq(0.5F / 127)));
  EXPECT_EQ(tensor("w_zero_point").data_type(), ::onnx::TensorProto::INT8);
  EXPECT_THAT(integers_in("w_zero_point"), ElementsAre(0, 0));
  EXPECT_EQ(narrow->attribute(0).i(), 0);
  EXPECT_EQ(wide->attribute(0).i(), 0);
}

TEST_F(Applying, KeepsTheFloatWeightForANodeThatStaysInFloat) {
  builder.input("x", {"batch", 4}).input("i", {1}, ::onnx::TensorProto::INT64);
  floats("table", {4, 4});
  node("Gather", {"table", "i"}, {"row"});
  node("MatMul", {"x", "table"}, {"y"});
  output("row");
  output("y");
  quantize();
  EXPECT_EQ(find("row_node")->input(0), "table");
  EXPECT_EQ(find("y_node")->input(1), "table_dequantized");
}

TEST_F(Applying, KeepsWeightsTo64WherePairsOfProductsMustFit16Bits) {
  image();
  profile.reduced_range_weights = true;
  conv("x", "y");
  output("y");
  quantize();
  EXPECT_THAT(integers_in("y_w_quantized"), Each(64));
}

TEST_F(Applying, StoresABiasAtTheScaleOfInputTimesWeight) {
  image();
  conv("x", "y", true);
  output("y");
  quantize({{"x", {0.0F, 2.55F}}});
  const float scale = 0.01F * 0.5F / 127;
  EXPECT_THAT(floats_in("y_b_scale"), Each(testing::FloatNear(scale, 1e-9F)));
  EXPECT_THAT(integers_in("y_b_quantized"), Each(std::lround(0.5F / scale)));
}

TEST_F(Applying, WidensTheWeightOfAChannelWhoseBiasWouldPass32Bits) {
  image();
  floats("w", {2, 4, 1, 1}, {1, 1, 1, 1, 1e-9F, 0, 0, 0});
  floats("b", {2}, {1, 100});
  node("Conv", {"x", "w", "b"}, {"y"});
  output("y");
  quantize();
  const auto bias = integers_in("b_quantized");
  const auto scales = floats_in("b_scale");
  ASSERT_EQ(bias.size(), 2U);
  EXPECT_LT(bias[1], std::int64_t{1} << 31);
  EXPECT_NEAR(static_cast<float>(bias[1]) * scales[1], 100, 1e-4);
  EXPECT_FLOAT_EQ(floats_in("w_scale")[0], 1.0F / 127) << "the other channel keeps its scale";
}

TEST_F(Applying, LeavesSuchABiasInFloatWhereAllChannelsShareOneScale) {
  builder.input("x", {"batch", 2});
  profile.quantize_linear_weights_per_channel = false;
  floats("w", {2, 2}, {1e-9F, 0, 0, 1e-9F});
  floats("b", {2}, {1, 100});
  node("Gemm", {"x", "w", "b"}, {"y"});
  output("y");
  quantize();
  EXPECT_EQ(find("y_node")->input(2), "b");
}

TEST_F(Applying, RepeatsScalesForTheGroupsOfATransposedConvolution) {
  image();
  floats("w", {4, 2, 1, 1}, {1, 2, 1, 2, 1, 2, 1, 2});
  floats("b", {4});
  onnx::set_integer(node("ConvTranspose", {"x", "w", "b"}, {"y"}), "group", 2);
  output("y");
  quantize();
  const auto weight = floats_in("w_scale");
  const auto bias = floats_in("b_scale");
  ASSERT_EQ(weight.size(), 2U);
  ASSERT_EQ(bias.size(), 4U);
  EXPECT_FLOAT_EQ(bias[0] / bias[1], weight[0] / weight[1]);
  EXPECT_FLOAT_EQ(bias[2], bias[0]);
}

TEST_F(Applying, GivesValuesOfOneRangeOneScale) {
  image();
  conv("x", "a");
  conv("x", "b");
  onnx::set_integer(node("Concat", {"a", "b"}, {"j"}), "axis", 0);
  conv("j", "y");
  output("y");
  quantize({{"a", {-1, 0}}, {"b", {0, 3}}, {"j", {-1, 3}}});
  EXPECT_EQ(floats_in("a_scale"), floats_in("j_scale"));
  EXPECT_EQ(floats_in("b_scale"), floats_in("j_scale"));
  EXPECT_FLOAT_EQ(floats_in("j_scale")[0], 4.0F / 255);
}

TEST_F(Applying, TakesASignedSymmetricTypeFromTheProfile) {
  image();
  profile.activation_type = DataType::int8;
  profile.symmetric_activations = true;
  conv("x", "y");
  output("y");
  quantize({{"x", {-2, 1}}});
  EXPECT_EQ(tensor("x_zero_point").data_type(), ::onnx::TensorProto::INT8);
  EXPECT_THAT(integers_in("x_zero_point"), ElementsAre(0));
  EXPECT_THAT(floats_in("x_scale"), ElementsAre(FloatEq(2.0F / 127)));
}

TEST_F(Applying, ReadsFloatInAnInnerGraphAndStaysWhole) {
  image();
  conv("x", "a");
  conv("a", "y");
  auto& loop = node("Loop", {"", ""}, {"z"});
  auto& attribute = *loop.add_attribute();
  attribute.set_name("body");
  attribute.set_type(::onnx::AttributeProto::GRAPH);
  auto& inner = *attribute.mutable_g()->add_node();
  inner.set_op_type("Identity");
  inner.add_input("a");
  inner.add_output("inner");
  output("y");
  output("z");
  quantize();
  EXPECT_EQ(maker("a"), "Conv");
}

TEST_F(Applying, NamesAValueWithoutARange) {
  image();
  conv("x", "y");
  output("y");
  const auto refused = apply_static(builder.model(), plan(), profile, {{"x", {0, 1}}});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("'y'"));
}

TEST_F(Applying, NamesARangeThatInt8CannotSpan) {
  image();
  conv("x", "y");
  output("y");
  const float infinite = std::numeric_limits<float>::infinity();
  const auto refused = apply_static(builder.model(), plan(), profile, {{"x", {0, infinite}}, {"y", {0, 1}}});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("'x'"));
}

TEST_F(Applying, NamesAWeightThatIsNotFinite) {
  image();
  floats("w", {1, 4, 1, 1}, {1, 2, NAN, 4});
  node("Conv", {"x", "w"}, {"y"});
  output("y");
  const auto refused = apply_static(builder.model(), plan(), profile, {{"x", {0, 1}}, {"y", {0, 1}}});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("'w'"));
}

TEST_F(Applying, RefusesAPlanOfAnotherModel) {
  image();
  conv("x", "y");
  output("y");
  StaticPlan other = plan();
  other.nodes = {"elsewhere"};
  const auto refused = apply_static(builder.model(), other, profile, {{"x", {0, 1}}, {"y", {0, 1}}});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("'elsewhere'"));
}

}  // namespace
}  // namespace podium::convert
