#include "onnx/opset.h"

#include "model_builder.h"
#include "onnx/attributes.h"

/// What a rewrite looks like. That models compute the same afterwards is tested in tests/python/test_rewrite.py.
namespace podium::onnx {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const ::onnx::NodeProto& node_of(ModelBuilder& builder, const std::string& type) {
  for (const auto& node : builder.graph().node()) {
    if (node.op_type() == type) return node;
  }
  throw std::runtime_error("the model has no " + type);
}

std::vector<std::int64_t> stored(ModelBuilder& builder, const std::string& name) {
  for (const auto& tensor : builder.graph().initializer()) {
    if (tensor.name() == name) return integers_of(tensor).value();
  }
  return {};
}

void expect_no_equal(ModelBuilder& builder, std::int64_t version, const std::string& why) {
  const std::string before = builder.model().SerializeAsString();
  const auto done = convert_opset(builder.model(), version);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::unsupported);
  EXPECT_THAT(done.error().message, HasSubstr(why));
  EXPECT_EQ(builder.model().SerializeAsString(), before);
}

TEST(LowerOpset, TurnsAxesThatAreConstantIntoAnAttribute) {
  ModelBuilder builder;
  builder.opset(18).input("x", {2, 3, 4}).output("y", {2, 1, 4}).integers("axes", {1});
  builder.node("ReduceMean", {"x", "axes"}, {"y"});
  ASSERT_TRUE(convert_opset(builder.model(), 17));
  const auto& node = node_of(builder, "ReduceMean");
  EXPECT_EQ(node.input_size(), 1);
  EXPECT_THAT(integers_attribute(node, "axes"), ElementsAre(1));
  EXPECT_EQ(builder.graph().initializer_size(), 0);
  EXPECT_EQ(builder.model().opset_import(0).version(), 17);
  EXPECT_EQ(builder.model().ir_version(), 8);
}

TEST(LowerOpset, NamesANodeWhoseAxesAreComputed) {
  ModelBuilder builder;
  builder.opset(18).input("x", {2, 3}).input("axes", {1}, 7).output("y", {2, 1}).weight("w", {3});
  builder.node("Add", {"x", "w"}, {"a"});
  builder.node("ReduceMean", {"a", "axes"}, {"y"}).set_name("mean");
  expect_no_equal(builder, 17,
                  "node 'mean' (ReduceMean) has no equal in operator set 17 (the model is in 18): its axes 'axes' is computed");
}

TEST(LowerOpset, NamesAnOperatorThatDidNotExist) {
  ModelBuilder builder;
  builder.opset(18).input("x", {2}, 7).output("y", {2}, 7);
  builder.node("BitwiseNot", {"x"}, {"y"}).set_name("not");
  expect_no_equal(builder, 17, "node 'not' (BitwiseNot)");
}

TEST(LowerOpset, NamesAnAttributeThatDidNotExist) {
  ModelBuilder builder;
  builder.opset(18).input("x", {1, 1, 4, 4}).output("y", {1, 1, 2, 2}).floats("scales", {4}, {1, 1, 0.5F, 0.5F});
  set_integer(builder.node("Resize", {"x", "", "scales"}, {"y"}), "antialias", 1);
  expect_no_equal(builder, 17, "there is no 'antialias' in it");
}

TEST(LowerOpset, NamesATensorOfATypeThatDidNotExist) {
  ModelBuilder builder;
  builder.opset(21).input("x", {2}).output("y", {2});
  builder.weight("w", {2}).set_data_type(22);
  builder.node("Relu", {"x"}, {"y"});
  builder.graph().mutable_initializer(0)->set_raw_data("x");
  expect_no_equal(builder, 17, "tensor 'w' is int4");
}

TEST(LowerOpset, TakesGeluApart) {
  ModelBuilder builder;
  builder.opset(20).input("x", {2}).output("y", {2});
  builder.node("Gelu", {"x"}, {"y"});
  ASSERT_TRUE(convert_opset(builder.model(), 17));
  EXPECT_EQ(node_of(builder, "Erf").output_size(), 1);
  EXPECT_EQ(builder.graph().node(builder.graph().node_size() - 1).output(0), "y");
}

TEST(LowerOpset, ReadsConstantsOfTheGraphAround) {
  ModelBuilder builder;
  builder.opset(18).input("c", {}, 9).output("y", {2, 1}).integers("axes", {1}).weight("w", {2, 3});
  auto& branch = *builder.node("If", {"c"}, {"y"}).add_attribute();
  branch.set_name("then_branch");
  branch.set_type(::onnx::AttributeProto::GRAPH);
  auto& mean = *branch.mutable_g()->add_node();
  mean.set_op_type("ReduceMean");
  mean.add_input("w");
  mean.add_input("axes");
  mean.add_output("inside");
  branch.mutable_g()->add_output()->set_name("inside");
  ASSERT_TRUE(convert_opset(builder.model(), 17));
  EXPECT_THAT(integers_attribute(builder.graph().node(0).attribute(0).g().node(0), "axes"), ElementsAre(1));
}

TEST(LowerOpset, GoesNoLowerThanItKnows) {
  ModelBuilder builder;
  build_small_model(builder);
  expect_no_equal(builder, 10, "Podium writes operator sets 11 to 28");
}

TEST(RaiseOpset, TurnsAttributesIntoInputs) {
  ModelBuilder builder;
  builder.opset(9).input("x", {2, 3}).output("y", {1, 3});
  auto& slice = builder.node("Slice", {"x"}, {"s"});
  set_integers(slice, "starts", {0});
  set_integers(slice, "ends", {1});
  set_integers(slice, "axes", {0});
  auto& clip = builder.node("Clip", {"s"}, {"y"});
  set_float_attribute(clip, "max", 6);
  ASSERT_TRUE(convert_opset(builder.model(), 13));
  const auto& sliced = node_of(builder, "Slice");
  ASSERT_EQ(sliced.input_size(), 4);
  EXPECT_EQ(sliced.attribute_size(), 0);
  EXPECT_THAT(stored(builder, sliced.input(2)), ElementsAre(1));
  const auto& clipped = node_of(builder, "Clip");
  ASSERT_EQ(clipped.input_size(), 3);
  EXPECT_EQ(clipped.input(1), "");
  EXPECT_EQ(builder.model().ir_version(), 7);
}

TEST(RaiseOpset, KeepsSoftmaxWhereOnlyTheLastAxisIsMeant) {
  ModelBuilder builder;
  builder.opset(9).input("x", {"batch", 10}).output("y", {"batch", 10});
  builder.node("Softmax", {"x"}, {"y"});
  ASSERT_TRUE(convert_opset(builder.model(), 17));
  ASSERT_EQ(builder.graph().node_size(), 1);
  EXPECT_EQ(integer_attribute(builder.graph().node(0), "axis", -9), 1);
}

TEST(RaiseOpset, FlattensForSoftmaxOverSeveralAxes) {
  ModelBuilder builder;
  builder.opset(9).input("x", {"batch", 4, 5}).output("y", {"batch", 4, 5});
  builder.node("Softmax", {"x"}, {"y"});
  ASSERT_TRUE(convert_opset(builder.model(), 17));
  EXPECT_EQ(builder.graph().node_size(), 4);
  EXPECT_EQ(node_of(builder, "Reshape").output(0), "y");
}

TEST(RaiseOpset, MakesResizeOfUpsample) {
  ModelBuilder builder;
  builder.opset(9).input("x", {1, 1, 2, 2}).output("y", {1, 1, 4, 4}).floats("scales", {4}, {1, 1, 2, 2});
  set_text(builder.node("Upsample", {"x", "scales"}, {"y"}), "mode", "nearest");
  ASSERT_TRUE(convert_opset(builder.model(), 17));
  const auto& node = node_of(builder, "Resize");
  EXPECT_THAT(node.input(), ElementsAre("x", "", "scales"));
  EXPECT_EQ(text_attribute(node, "coordinate_transformation_mode"), "asymmetric");
}

TEST(RaiseOpset, DropsInputsThatOnlyTypedInitializers) {
  ModelBuilder builder;
  build_small_model(builder);
  builder.opset(8).input("w", {4, 3}).model().set_ir_version(3);
  ASSERT_TRUE(convert_opset(builder.model(), 13));
  EXPECT_EQ(builder.graph().input_size(), 1);
}

TEST(RaiseOpset, RefusesModelsWithFunctions) {
  ModelBuilder builder;
  build_small_model(builder);
  builder.model().add_functions()->set_name("f");
  expect_no_equal(builder, 21, "functions of its own");
}

TEST(RaiseOpset, LeavesOperatorsOfOtherDomainsAlone) {
  ModelBuilder builder;
  builder.opset(11).input("x", {2}).output("y", {2});
  builder.model().add_opset_import()->set_domain("example");
  auto& node = builder.node("Squeeze", {"x"}, {"y"});
  node.set_domain("example");
  set_integers(node, "axes", {0});
  ASSERT_TRUE(convert_opset(builder.model(), 13));
  EXPECT_THAT(integers_attribute(builder.graph().node(0), "axes"), ElementsAre(0));
}

}  // namespace
}  // namespace podium::onnx
