#include "int8_fixture.h"

namespace podium::convert {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class Dynamic : public Int8Test {
 protected:
  std::set<std::string> operators = operators_that_gain();
  ConversionReport convert() {
    auto made = quantize_dynamic(builder.model(), operators, profile, exclude);
    EXPECT_TRUE(made) << made.error().message;
    return made.value_or(ConversionReport());
  }
};

TEST_F(Dynamic, TurnsAMatMulIntoTheFourNodesThatEnginesRunAsOne) {
  builder.input("x", {"batch", 4});
  floats("w", {4, 3});
  node("MatMul", {"x", "w"}, {"y"});
  output("y");
  const ConversionReport report = convert();
  EXPECT_EQ(report.converted, 1);
  EXPECT_EQ(report.to, Precision::int8_dynamic);
  std::vector<std::string> types;
  for (const auto& it : builder.graph().node()) types.push_back(it.op_type());
  EXPECT_THAT(types, testing::UnorderedElementsAre("DynamicQuantizeLinear", "MatMulInteger", "Cast", "Mul", "Mul"));
  EXPECT_EQ(maker("y"), "Mul");
  EXPECT_EQ(integers_in("w_quantized").size(), 12U);
  EXPECT_EQ(floats_in("w_scale").size(), 3U) << "a scale for each column";
}

TEST_F(Dynamic, QuantizesAnInputOnceForAllItsReaders) {
  builder.input("x", {"batch", 4});
  floats("w", {4, 3});
  floats("v", {4, 3});
  node("MatMul", {"x", "w"}, {"y"});
  node("MatMul", {"x", "v"}, {"z"});
  output("y");
  output("z");
  convert();
  EXPECT_EQ(count("DynamicQuantizeLinear"), 1);
  EXPECT_EQ(count("MatMulInteger"), 2);
}

TEST_F(Dynamic, GivesEachWordOfATextAScaleOfItsOwn) {
  builder.input("x", {"batch", "words", 4});
  floats("w", {4, 3});
  floats("v", {4, 3});
  node("MatMul", {"x", "w"}, {"y"});
  node("MatMul", {"x", "v"}, {"z"});
  output("y");
  output("z");
  EXPECT_EQ(convert().converted, 2);
  EXPECT_EQ(count("DynamicQuantizeLinear"), 0) << "it has one scale for all";
  EXPECT_EQ(count("ReduceMax"), 1) << "both products read the same numbers";
  EXPECT_EQ(count("MatMulInteger"), 2);
  for (const auto& it : builder.graph().node()) {
    if (it.op_type() != "MatMulInteger") continue;
    EXPECT_THAT(integers_in(it.input(2)), ElementsAre(128));
  }
}

TEST_F(Dynamic, KeepsOneScaleWhereASampleHasOneRow) {
  builder.input("x", {"batch", 1, 4});
  floats("w", {4, 3});
  node("MatMul", {"x", "w"}, {"y"});
  output("y");
  convert();
  EXPECT_EQ(count("DynamicQuantizeLinear"), 1);
}

TEST_F(Dynamic, TurnsTheWeightOfAGemmOverAndKeepsAlphaBetaAndBias) {
  builder.input("x", {"batch", 2});
  floats("w", {3, 2}, {0.9F, 2, 3, 4, 5, 6});
  floats("b", {3});
  auto& gemm = node("Gemm", {"x", "w", "b"}, {"y"});
  onnx::set_integer(gemm, "transB", 1);
  auto& alpha = *gemm.add_attribute();
  alpha.set_name("alpha");
  alpha.set_type(::onnx::AttributeProto::FLOAT);
  alpha.set_f(2.0F);
  output("y");
  convert();
  EXPECT_EQ(tensor("w_quantized").dims(0), 2);
  EXPECT_THAT(integers_in("w_quantized"), ElementsAre(57, 95, 106, 127, 127, 127));
  EXPECT_FLOAT_EQ(floats_in("w_scale")[0], 2.0F * 2.0F / 127);
  EXPECT_EQ(maker("y"), "Add");
}

TEST_F(Dynamic, LeavesConvolutionsInFloatUnlessTheyAreAskedFor) {
  image();
  conv("x", "y");
  output("y");
  EXPECT_THAT(convert().left_wide, ElementsAre(Pair("y_node", HasSubstr("not known to gain"))));
  operators.insert("Conv");
  EXPECT_EQ(convert().converted, 1);
  EXPECT_EQ(count("ConvInteger"), 1);
}

TEST_F(Dynamic, GivesAnLstmTheFormOfTheEngineThatHasOne) {
  builder.input("x", {5, 1, 2});
  floats("w", {1, 12, 2});
  floats("r", {1, 12, 3});
  onnx::set_integer(node("LSTM", {"x", "w", "r"}, {"y"}), "hidden_size", 3);
  output("y");
  profile.dynamic_operators = {"MatMul"};
  EXPECT_THAT(convert().left_wide, ElementsAre(Pair("y_node", HasSubstr("no dynamic int8 form of LSTM"))));
  profile.dynamic_operators = {"LSTM"};
  EXPECT_EQ(convert().converted, 1);
  EXPECT_EQ(find("y_node")->op_type(), "DynamicQuantizeLSTM");
  EXPECT_EQ(find("y_node")->input_size(), 12);
  EXPECT_EQ(tensor("w_quantized").dims(2), 12) << "gates are the last axis";
  EXPECT_EQ(builder.model().opset_import(1).domain(), "com.microsoft");
}

TEST_F(Dynamic, StoresWeightsAloneWhereTheEngineQuantizesActivationsItself) {
  builder.input("x", {"batch", 4});
  floats("w", {4, 3});
  node("MatMul", {"x", "w"}, {"y"});
  output("y");
  profile.dynamic_weights_only = true;
  EXPECT_EQ(convert().converted, 1);
  EXPECT_EQ(count("DynamicQuantizeLinear"), 0);
  EXPECT_EQ(maker(find("y_node")->input(1)), "DequantizeLinear");
}

TEST_F(Dynamic, TellsWhatItLeftInFloat) {
  builder.input("x", {"batch", 4}).input("k", {4, 4});
  node("MatMul", {"x", "k"}, {"y"});
  output("y");
  EXPECT_THAT(convert().left_wide, Contains(Pair("y_node", HasSubstr("Attention"))));
  operators.insert("Attention");
  EXPECT_EQ(convert().converted, 1);
  EXPECT_EQ(count("DynamicQuantizeLinear"), 2);
}

}  // namespace
}  // namespace podium::convert
