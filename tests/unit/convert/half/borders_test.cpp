#include "half_model.h"

namespace podium::convert {
namespace {

TEST(Half, KeepsInputsAndOutputsFloat32BehindOneCastEach) {
  HalfModel model;
  model.product("y");
  model.output("y", {2, 4});
  const auto report = model.convert();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->to, Precision::fp16);
  EXPECT_EQ(report->converted, 1);
  EXPECT_EQ(report->nodes, 3);
  EXPECT_EQ(model.graph().input(0).type().tensor_type().elem_type(), TensorProto::FLOAT);
  EXPECT_EQ(model.graph().output(0).type().tensor_type().elem_type(), TensorProto::FLOAT);
  EXPECT_TRUE(model.reads_through_cast("matmul", 0, TensorProto::FLOAT16));
  EXPECT_EQ(model.weight_named("w")->data_type(), TensorProto::FLOAT16);
  EXPECT_EQ(model.producer("y")->op_type(), "Cast");
  EXPECT_EQ(model.count("Cast"), 2);
}

TEST(Half, TurnsInputsAndOutputsToo) {
  HalfModel model;
  model.product("y");
  model.output("y", {2, 4});
  const auto report = model.convert({.keep_io = false});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(model.graph().input(0).type().tensor_type().elem_type(), TensorProto::FLOAT16);
  EXPECT_EQ(model.graph().output(0).type().tensor_type().elem_type(), TensorProto::FLOAT16);
  EXPECT_EQ(model.count("Cast"), 0);
}

TEST(Half, CastsAWideResultWhereOutputsAreNarrow) {
  HalfModel model;
  model.product();
  model.named("exp", "Exp", {"product"}, {"y"});
  model.output("y", {2, 4});
  ASSERT_TRUE(model.convert({.keep_io = false}));
  EXPECT_EQ(model.producer("y")->op_type(), "Cast");
  EXPECT_TRUE(model.reads_through_cast("exp", 0, TensorProto::FLOAT));
}

TEST(Half, CastsAValueOnceForAllItsReaders) {
  HalfModel model;
  model.product();
  model.named("exp", "Exp", {"product"}, {"e"});
  model.named("power", "Pow", {"product", "two"}, {"p"});
  model.floats("two", {}, {2.0F});
  model.named("join", "Add", {"e", "p"}, {"y"});
  model.output("y", {2, 4});
  ASSERT_TRUE(model.convert());
  EXPECT_EQ(model.find("exp")->input(0), model.find("power")->input(0));
  EXPECT_TRUE(model.reads_through_cast("exp", 0, TensorProto::FLOAT));
}

TEST(Half, GivesAnOutputThatIsReadInsideItsNarrowForm) {
  HalfModel model;
  model.product("y");
  model.named("relu", "Relu", {"y"}, {"z"});
  model.output("y", {2, 4}).output("z", {2, 4});
  ASSERT_TRUE(model.convert());
  EXPECT_EQ(model.find("relu")->input(0), model.find("matmul")->output(0));
  EXPECT_NE(model.find("relu")->input(0), "y");
}

TEST(Half, DuplicatesAWeightOfWideAndNarrowReaders) {
  HalfModel model;
  model.product();
  model.named("power", "Pow", {"product", "w"}, {"p"});
  model.output("p", {4, 4});
  ASSERT_TRUE(model.convert());
  EXPECT_EQ(model.find("power")->input(1), "w");
  EXPECT_EQ(model.weight_named("w")->data_type(), TensorProto::FLOAT);
  EXPECT_EQ(model.weight_named("w_fp16")->data_type(), TensorProto::FLOAT16);
  EXPECT_EQ(model.find("matmul")->input(1), "w_fp16");
}

TEST(Half, TakesAnotherNameWhereItsOwnIsTaken) {
  HalfModel model;
  model.product();
  model.floats("w_fp16", {}, {1.0F});
  model.named("power", "Pow", {"product", "w"}, {"p"});
  model.named("add", "Add", {"p", "w_fp16"}, {"y"});
  model.output("y", {4, 4});
  ASSERT_TRUE(model.convert());
  EXPECT_EQ(model.find("matmul")->input(1), "w_fp16_1");
}

TEST(Half, TurnsConstantsLikeOtherWeights) {
  HalfModel model;
  model.product();
  auto& constant = *model.named("constant", "Constant", {}, {"c"}).add_attribute();
  constant.set_name("value_float");
  constant.set_type(::onnx::AttributeProto::FLOAT);
  constant.set_f(0.25F);
  model.named("add", "Add", {"product", "c"}, {"y"});
  model.output("y", {2, 4});
  const auto report = model.convert();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(model.find("constant"), nullptr);
  const TensorProto* weight = model.weight_named(model.find("add")->input(1));
  ASSERT_NE(weight, nullptr);
  EXPECT_EQ(weight->data_type(), TensorProto::FLOAT16);
  EXPECT_EQ(onnx::floats_of(*weight).value(), std::vector<float>{0.25F});
}

TEST(Half, UpdatesTheTypesThatTheModelDeclares) {
  HalfModel model;
  model.product();
  model.named("exp", "Exp", {"product"}, {"y"});
  model.output("y", {2, 4});
  onnx::describe(*model.graph().add_value_info(), "product", {2, 4});
  ASSERT_TRUE(model.convert());
  ASSERT_EQ(model.graph().value_info_size(), 1);
  EXPECT_EQ(model.graph().value_info(0).type().tensor_type().elem_type(), TensorProto::FLOAT16);
}

TEST(Half, TakesWeightsOutOfTheInputsOfOldModels) {
  HalfModel model(9);
  model.model().set_ir_version(3);
  model.product("y");
  model.input("w", {4, 4}).output("y", {2, 4});
  ASSERT_TRUE(model.convert());
  EXPECT_EQ(model.graph().input_size(), 1);
  EXPECT_GE(model.model().ir_version(), 4);
}

TEST(Half, NeedsATypeThatIsHalf) {
  HalfModel model;
  model.product("y");
  model.output("y", {2, 4});
  const auto report = model.convert({.type = DataType::int8});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::wrong_use);
}

TEST(Half, EndsWhenItIsCancelled) {
  HalfModel model;
  model.product("y");
  model.output("y", {2, 4});
  const CancelToken cancel;
  cancel.request();
  Progress progress;
  progress.cancel = &cancel;
  const auto report = model.convert({}, nullptr, progress);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace podium::convert
