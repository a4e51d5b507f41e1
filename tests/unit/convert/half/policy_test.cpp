#include "half_model.h"

namespace podium::convert {
namespace {

std::string why_wide(const Result<ConversionReport>& report, const std::string& node) {
  if (!report) return "error: " + report.error().message;
  const auto found = report->left_wide.find(node);
  return found == report->left_wide.end() ? "" : found->second;
}

TEST(HalfPolicy, KeepsWideWhatOverflowsOrAddsUp) {
  for (const char* type : {"Exp", "ReduceSum", "LpNormalization", "Sin"}) {
    HalfModel model;
    model.product();
    model.named("it", type, {"product"}, {"y"});
    model.output("y", {2, 4});
    EXPECT_NE(why_wide(model.convert(), "it"), "") << type;
    EXPECT_TRUE(model.reads_through_cast("it", 0, TensorProto::FLOAT)) << type;
  }
}

TEST(HalfPolicy, KeepsWideWhatIsAsked) {
  HalfModel model;
  model.product();
  model.named("relu", "Relu", {"product"}, {"r"});
  model.named("tanh", "Tanh", {"r"}, {"t"});
  model.named("last", "MatMul", {"t", "w"}, {"y"});
  model.output("y", {2, 4});
  const auto report = model.convert({.wide = {"relu", "Tanh"}});
  EXPECT_THAT(why_wide(report, "relu"), HasSubstr("asked"));
  EXPECT_THAT(why_wide(report, "tanh"), HasSubstr("asked"));
  EXPECT_EQ(report->converted, 2);
}

TEST(HalfPolicy, KeepsOperatorsOfOtherDomainsWideAndCastsAroundThem) {
  HalfModel model;
  model.product();
  model.named("own", "Fancy", {"product"}, {"f"}).set_domain("com.example");
  onnx::describe(*model.graph().add_value_info(), "f", {2, 4});
  model.named("relu", "Relu", {"f"}, {"y"});
  model.output("y", {2, 4});
  const auto report = model.convert();
  EXPECT_THAT(why_wide(report, "own"), HasSubstr("no operator that Podium knows"));
  EXPECT_TRUE(model.reads_through_cast("own", 0, TensorProto::FLOAT));
  EXPECT_TRUE(model.reads_through_cast("relu", 0, TensorProto::FLOAT16));
}

TEST(HalfPolicy, DoesNotCastAValueOfUnknownType) {
  HalfModel model;
  model.product();
  model.named("own", "Fancy", {"product"}, {"f"}).set_domain("com.example");
  model.named("relu", "Relu", {"f"}, {"y"});
  model.output("y", {2, 4});
  model.graph().mutable_output(0)->mutable_type()->mutable_tensor_type()->set_elem_type(TensorProto::FLOAT);
  EXPECT_THAT(why_wide(model.convert(), "relu"), HasSubstr("type of its input 'f' is not known"));
  EXPECT_EQ(model.find("relu")->input(0), "f");
}

TEST(HalfPolicy, SaysWhichOperatorSetHasAnOperatorInBfloat16) {
  HalfModel model(13);
  model.product();
  model.named("mish", "Mish", {"product"}, {"y"});
  model.output("y", {2, 4});
  model.model().mutable_opset_import(0)->set_version(18);
  model.node("NotConvertible", {"product"}, {"z"});
  model.output("z", {2, 4});
  const auto report = model.convert({.type = DataType::bfloat16});
  ASSERT_TRUE(report) << report.error().message;
  if (model.model().opset_import(0).version() < 22) {
    EXPECT_THAT(why_wide(report, "mish"), HasSubstr("operator set 22 has it"));
  } else {
    EXPECT_EQ(why_wide(report, "mish"), "");
  }
}

TEST(HalfPolicy, KeepsScalesOfResizeFloat32AndWhatComputesThem) {
  HalfModel model;
  model.input("x", {1, 3, 8, 8});
  model.floats("w", {3, 3, 1, 1}, std::vector<float>(9, 0.5F));
  model.named("conv", "Conv", {"x", "w"}, {"c"});
  model.named("shape", "Shape", {"c"}, {"s"});
  model.cast("to_float", "s", "f", TensorProto::FLOAT);
  model.floats("factor", {4}, {1.0F, 1.0F / 3.0F, 0.25F, 0.25F});
  model.named("scale", "Mul", {"f", "factor"}, {"scales"});
  model.named("resize", "Resize", {"c", "", "scales"}, {"y"});
  model.output("y", {"a", "b", "c", "d"});
  const auto report = model.convert();
  EXPECT_THAT(why_wide(report, "scale"), HasSubstr("sizes or indices"));
  EXPECT_EQ(model.find("resize")->input(2), "scales");
  EXPECT_EQ(model.find("resize")->input(0), "c");
  EXPECT_EQ(model.weight_named("factor")->data_type(), TensorProto::FLOAT);
}

TEST(HalfPolicy, KeepsPositionsOfSinesFloat32) {
  HalfModel model;
  model.product();
  model.input("positions", {2, 1}, TensorProto::INT64);
  model.cast("to_float", "positions", "p", TensorProto::FLOAT);
  model.floats("frequency", {1, 4}, {1.0F, 0.1F, 0.01F, 0.001F});
  model.named("angle", "Mul", {"p", "frequency"}, {"a"});
  model.named("sine", "Sin", {"a"}, {"s"});
  model.named("add", "Add", {"product", "s"}, {"y"});
  model.output("y", {2, 4});
  const auto report = model.convert();
  EXPECT_THAT(why_wide(report, "angle"), HasSubstr("sizes or indices"));
  EXPECT_NE(why_wide(report, "sine"), "");
  EXPECT_EQ(why_wide(report, "add"), "");
}

TEST(HalfPolicy, LeavesNodesBetweenWideOnesWide) {
  HalfModel model;
  model.product();
  model.named("power", "Pow", {"product", "two"}, {"p"});
  model.floats("two", {}, {2.0F});
  model.named("between", "Mul", {"p", "p"}, {"m"});
  model.named("root", "Sqrt", {"m"}, {"y"});
  model.output("y", {2, 4});
  const auto report = model.convert();
  EXPECT_THAT(why_wide(report, "between"), HasSubstr("between float32 nodes"));
  EXPECT_EQ(model.find("between")->input(0), "p");
}

TEST(HalfPolicy, ReadsAComparisonsInputsAsTheyAre) {
  HalfModel model;
  model.product();
  model.floats("limit", {}, {0.5F});
  model.named("narrow", "Greater", {"product", "limit"}, {"n"});
  model.named("exp", "Exp", {"product"}, {"e"});
  model.named("wide", "Greater", {"e", "limit"}, {"w2"});
  model.output("n", {2, 4}, TensorProto::BOOL).output("w2", {2, 4}, TensorProto::BOOL);
  ASSERT_TRUE(model.convert());
  EXPECT_EQ(model.find("narrow")->input(0), "product");
  EXPECT_EQ(model.find("narrow")->input(1), "limit_fp16");
  EXPECT_EQ(model.find("wide")->input(0), "e");
  EXPECT_EQ(model.find("wide")->input(1), "limit");
}

TEST(HalfPolicy, KeepsWhatItComputesInsideInFloat32) {
  HalfModel model;
  model.product();
  model.floats("gain", {4}, {1.0F, 1.0F, 1.0F, 1.0F});
  model.named("norm", "LayerNormalization", {"product", "gain"}, {"n", "", ""});
  onnx::set_integer(model.named("other", "LayerNormalization", {"n", "gain"}, {"y"}), "stash_type", TensorProto::FLOAT16);
  model.output("y", {2, 4});
  const auto report = model.convert();
  EXPECT_EQ(why_wide(report, "norm"), "");
  EXPECT_THAT(why_wide(report, "other"), HasSubstr("inside"));
}

TEST(HalfPolicy, SaysThatNothingCanBeConverted) {
  HalfModel model;
  model.input("x", {2, 4}).output("y", {2, 4});
  model.named("exp", "Exp", {"x"}, {"y"});
  const auto report = model.convert();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::unsupported);
  EXPECT_THAT(report.error().message, HasSubstr("no node of the model"));
  EXPECT_THAT(report.error().message, HasSubstr("'exp'"));
}

TEST(HalfPolicy, RefusesVeryOldOperatorSets) {
  HalfModel model(6);
  model.product("y");
  model.output("y", {2, 4});
  const auto report = model.convert();
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message, HasSubstr("operator set 6"));
}

}  // namespace
}  // namespace podium::convert
