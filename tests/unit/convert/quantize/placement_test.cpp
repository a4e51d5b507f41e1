#include "int8_fixture.h"

namespace podium::convert {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;

using Placing = Int8Test;

TEST_F(Placing, QuantizesAConvolutionBehindItsActivationFunction) {
  image();
  profile.operators = {"Conv"};
  conv("x", "c");
  node("Relu", {"c"}, {"r"});
  conv("r", "y");
  output("y");
  const StaticPlan made = plan();
  EXPECT_THAT(made.activations, ElementsAre("x", "r", "y"));
  EXPECT_THAT(made.nodes, ElementsAre("c_node", "r_node", "y_node"));
  EXPECT_THAT(made.left_wide, IsEmpty());
}

TEST_F(Placing, QuantizesBeforeAnActivationFunctionThatTheEngineDoesNotFuse) {
  image();
  profile.operators = {"Conv"};
  conv("x", "c");
  node("HardSwish", {"c"}, {"h"});
  conv("h", "y");
  output("y");
  const StaticPlan made = plan();
  EXPECT_THAT(made.activations, ElementsAre("x", "c", "h", "y"));
  EXPECT_THAT(made.left_wide, ElementsAre(Pair("h_node", HasSubstr("no HardSwish in int8"))));
}

TEST_F(Placing, LeavesAnOutputInFloatWhereTheEngineTakesThat) {
  image();
  profile.float_outputs = {"Conv"};
  conv("x", "c");
  conv("c", "y");
  output("y");
  const StaticPlan made = plan();
  EXPECT_THAT(made.activations, ElementsAre("x", "c"));
  EXPECT_THAT(made.int8_only, IsEmpty());
}

TEST_F(Placing, FusesSwishWrittenAsTwoNodes) {
  image();
  profile.fused_ends = {"Swish"};
  conv("x", "c");
  node("Sigmoid", {"c"}, {"s"});
  node("Mul", {"c", "s"}, {"m"});
  conv("m", "y");
  output("y");
  EXPECT_THAT(plan().activations, ElementsAre("x", "m", "y"));
}

/// x → a → (b → c) + a → y: a residual block.
void build_residual(onnx::ModelBuilder& builder) {
  builder.node("Add", {"c", "a"}, {"sum"}).set_name("sum_node");
  builder.node("Relu", {"sum"}, {"r"}).set_name("r_node");
}

TEST_F(Placing, QuantizesBothInputsOfAResidualAdd) {
  image();
  conv("x", "a");
  conv("a", "c");
  build_residual(builder);
  conv("r", "y");
  output("y");
  EXPECT_THAT(plan().activations, UnorderedElementsAre("x", "a", "c", "r", "y"));
}

TEST_F(Placing, QuantizesOneInputOfAResidualAddThatRunsAsTheEndOfAConvolution) {
  image();
  profile.quantize_residual_adds = false;
  profile.float_outputs = {"Conv"};
  conv("x", "a");
  conv("a", "c");
  build_residual(builder);
  conv("r", "y");
  output("y");
  const StaticPlan made = plan();
  EXPECT_THAT(made.activations, UnorderedElementsAre("x", "a", "r"));
  EXPECT_THAT(made.nodes, ElementsAre("a_node", "c_node", "sum_node", "r_node", "y_node"));
}

TEST_F(Placing, LeavesAResidualAddInFloatWhereNoReaderIsInInt8) {
  builder.input("x", {"batch", 4});
  floats("w", {4, 4});
  node("MatMul", {"x", "w"}, {"m"});
  node("Add", {"m", "x"}, {"sum"});
  node("Softmax", {"sum"}, {"y"});
  output("y");
  profile.float_outputs = {"MatMul"};
  const StaticPlan made = plan();
  EXPECT_THAT(made.activations, ElementsAre("x"));
  EXPECT_THAT(made.left_wide, ElementsAre(Pair("sum_node", HasSubstr("gains nothing"))));
}

TEST_F(Placing, KeepsASumInInt8WhereBothInputsAreWrittenAsInt8Anyway) {
  image();
  conv("x", "a");
  conv("x", "b");
  node("Add", {"a", "b"}, {"y"});
  output("y");
  EXPECT_THAT(plan().activations, UnorderedElementsAre("x", "a", "b", "y"));
  profile.float_outputs = {"Conv"};
  EXPECT_THAT(plan().left_wide, ElementsAre(Key("y_node")));
}

TEST_F(Placing, LeavesAProductInFloatWhoseBiasInt32CannotHold) {
  image();
  builder.input("b", {4});
  floats("w", {4, 4, 1, 1});
  node("Conv", {"x", "w", "b"}, {"y"});
  output("y");
  EXPECT_THAT(plan().left_wide, ElementsAre(Pair("y_node", HasSubstr("bias"))));
  profile.quantize_bias = false;
  EXPECT_THAT(plan().nodes, ElementsAre("y_node"));
}

TEST_F(Placing, SharesOneRangeAcrossConcat) {
  image();
  conv("x", "a");
  conv("x", "b");
  auto& joined = node("Concat", {"a", "b"}, {"j"});
  onnx::set_integer(joined, "axis", 0);
  conv("j", "y");
  output("y");
  EXPECT_THAT(plan().same_range, ElementsAre(ElementsAre("a", "b", "j")));
}

TEST_F(Placing, SharesOneRangeAcrossPooling) {
  image();
  conv("x", "a");
  onnx::set_integers(node("MaxPool", {"a"}, {"p"}), "kernel_shape", {2, 2});
  conv("p", "y");
  output("y");
  const StaticPlan made = plan();
  EXPECT_THAT(made.same_range, ElementsAre(ElementsAre("a", "p")));
  EXPECT_THAT(made.activations, ElementsAre("x", "a", "p", "y"));
}

TEST_F(Placing, PutsNothingBehindAMoveThatTheEngineTakesScalesThrough) {
  image();
  profile.quantize_behind_moves = false;
  conv("x", "a");
  onnx::set_integers(node("MaxPool", {"a"}, {"p"}), "kernel_shape", {2, 2});
  conv("p", "y", true);
  output("y");
  const StaticPlan made = plan();
  EXPECT_THAT(made.activations, ElementsAre("x", "a", "y"));
  ASSERT_EQ(made.biases.size(), 1U);
  EXPECT_EQ(made.biases[0].input, "a");
}

TEST_F(Placing, ReadsTheAxisOfChannelsFromTheOperator) {
  image();
  floats("w", {4, 3, 1, 1});
  node("ConvTranspose", {"x", "w"}, {"t"});
  builder.input("v", {"batch", 4});
  floats("rows", {3, 4});
  onnx::set_integer(node("Gemm", {"v", "rows"}, {"g"}), "transB", 1);
  floats("columns", {4, 3});
  node("Gemm", {"v", "columns"}, {"h"});
  floats("matrix", {4, 3});
  node("MatMul", {"v", "matrix"}, {"m"});
  floats("stack", {2, 4, 3});
  node("MatMul", {"v", "stack"}, {"s"});
  for (const char* name : {"t", "g", "h", "m", "s"}) output(name);
  std::map<std::string, int> axes;
  for (const auto& weight : plan().weights) axes[weight.value] = weight.axis;
  EXPECT_THAT(axes, UnorderedElementsAre(Pair("w", 1), Pair("rows", 0), Pair("columns", 1), Pair("matrix", 1), Pair("stack", -1)));
}

TEST_F(Placing, GivesOneScaleToAWeightThatIsReadAlongTwoAxes) {
  builder.input("x", {"batch", 4});
  floats("w", {4, 4});
  onnx::set_integer(node("Gemm", {"x", "w"}, {"g"}), "transB", 1);
  node("MatMul", {"x", "w"}, {"m"});
  output("g");
  output("m");
  const StaticPlan made = plan();
  ASSERT_EQ(made.weights.size(), 1U);
  EXPECT_EQ(made.weights[0].axis, -1);
}

TEST_F(Placing, QuantizesBothFactorsOfAttentionUnlessTheEngineDoesNotWantThat) {
  builder.input("q", {1, 4, 4}).input("k", {1, 4, 4});
  node("MatMul", {"q", "k"}, {"p"});
  node("Softmax", {"p"}, {"y"});
  output("y");
  profile.float_outputs = {"MatMul"};
  EXPECT_THAT(plan().activations, ElementsAre("q", "k"));
  profile.quantize_attention = false;
  EXPECT_THAT(plan().left_wide, Contains(Pair("p_node", HasSubstr("two activations"))));
}

TEST_F(Placing, LeavesSumsOfIndicesAlone) {
  image();
  node("Shape", {"x"}, {"s"});
  node("Add", {"s", "s"}, {"t"});
  output("t");
  const StaticPlan made = plan();
  EXPECT_THAT(made.nodes, IsEmpty());
  EXPECT_THAT(made.left_wide, IsEmpty());
}

TEST_F(Placing, TellsWhyAWeightCannotBeStoredAsInt8) {
  builder.input("x", {1, 4, 8, 8}).input("w", {4, 4, 1, 1});
  node("Conv", {"x", "w"}, {"y"});
  output("y");
  EXPECT_THAT(plan().left_wide, ElementsAre(Pair("y_node", HasSubstr("computed while running"))));
}

TEST_F(Placing, LeavesOutWhatIsExcludedByNameOrByType) {
  image();
  conv("x", "a");
  conv("a", "y");
  output("y");
  exclude = {"a_node"};
  EXPECT_THAT(plan().left_wide, ElementsAre(Pair("a_node", "it was excluded")));
  exclude = {"Conv"};
  EXPECT_THAT(plan().nodes, IsEmpty());
}

TEST_F(Placing, LeavesFirstAndLastLayersToTheProfile) {
  image();
  conv("x", "a");
  conv("a", "b");
  conv("b", "y");
  output("y");
  profile.quantize_first_layers = false;
  EXPECT_THAT(plan().left_wide, ElementsAre(Key("a_node")));
  profile.quantize_last_layers = false;
  EXPECT_THAT(plan().left_wide, ElementsAre(Key("a_node"), Key("y_node")));
}

TEST_F(Placing, LeavesGraphsInsideNodesAsTheyAre) {
  image();
  builder.input("c", {}, ::onnx::TensorProto::BOOL);
  conv("x", "a");
  auto& branch = node("If", {"c"}, {"y"});
  for (const char* name : {"then_branch", "else_branch"}) {
    auto& attribute = *branch.add_attribute();
    attribute.set_name(name);
    attribute.set_type(::onnx::AttributeProto::GRAPH);
    auto& inner = *attribute.mutable_g()->add_node();
    inner.set_op_type("Identity");
    inner.add_input("a");
    inner.add_output("inner");
    attribute.mutable_g()->add_output()->set_name("inner");
  }
  output("y");
  const StaticPlan made = plan();
  EXPECT_THAT(made.left_wide, ElementsAre(Pair("y_node", HasSubstr("inside"))));
  EXPECT_THAT(made.nodes, ElementsAre("a_node"));
}

TEST_F(Placing, RefusesAModelThatIsQuantizedAlready) {
  image();
  floats("s", {});
  node("QuantizeLinear", {"x", "s"}, {"y"});
  output("y");
  const auto refused = plan_static(builder.model(), profile, exclude);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::bad_input);
  EXPECT_THAT(refused.error().message, HasSubstr("node 'y_node' is a QuantizeLinear"));
  EXPECT_THAT(refused.error().remedy, Not(IsEmpty()));
}

}  // namespace
}  // namespace podium::convert
