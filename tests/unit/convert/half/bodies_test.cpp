#include "half_model.h"

namespace podium::convert {
namespace {

using ::onnx::GraphProto;

GraphProto& body(NodeProto& node, const std::string& attribute) {
  auto& added = *node.add_attribute();
  added.set_name(attribute);
  added.set_type(::onnx::AttributeProto::GRAPH);
  added.mutable_g()->set_name(attribute);
  return *added.mutable_g();
}

NodeProto& add(GraphProto& graph, const std::string& name, const std::string& type, const std::vector<std::string>& inputs,
               const std::string& output) {
  NodeProto& node = *graph.add_node();
  node.set_name(name);
  node.set_op_type(type);
  for (const std::string& input : inputs) node.add_input(input);
  node.add_output(output);
  return node;
}

/// product → If(choice): then product·w, else Exp(product) → Relu → y
struct Branches : HalfModel {
  Branches() {
    product();
    input("choice", {}, TensorProto::BOOL);
    NodeProto& node = named("if", "If", {"choice"}, {"chosen"});
    GraphProto& then_branch = body(node, "then_branch");
    add(then_branch, "inner_matmul", "MatMul", {"product", "w"}, "t");
    onnx::describe(*then_branch.add_output(), "t", {2, 4});
    GraphProto& else_branch = body(node, "else_branch");
    add(else_branch, "inner_exp", "Exp", {"product"}, "e");
    onnx::describe(*else_branch.add_output(), "e", {2, 4});
    named("relu", "Relu", {"chosen"}, {"y"});
    output("y", {2, 4});
  }
};

TEST(HalfBodies, OfIfAreConvertedWithFloat32Outputs) {
  Branches model;
  const auto report = model.convert();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->left_wide.contains("inner_exp"));
  EXPECT_FALSE(report->left_wide.contains("inner_matmul"));
  const NodeProto& node = *model.find("if");
  const GraphProto& then_branch = node.attribute(0).g();
  ASSERT_EQ(then_branch.node_size(), 2);
  EXPECT_EQ(then_branch.node(0).input(0), "product") << "which is float16";
  EXPECT_EQ(then_branch.node(1).op_type(), "Cast");
  EXPECT_EQ(then_branch.output(0).name(), "t");
  EXPECT_EQ(then_branch.output(0).type().tensor_type().elem_type(), TensorProto::FLOAT);
  const GraphProto& else_branch = node.attribute(1).g();
  EXPECT_EQ(else_branch.node(0).input(0), "product_fp32");
  EXPECT_EQ(model.producer("product_fp32")->op_type(), "Cast");
  EXPECT_EQ(model.weight_named("w")->data_type(), TensorProto::FLOAT16);
  EXPECT_TRUE(model.reads_through_cast("relu", 0, TensorProto::FLOAT16));
}

TEST(HalfBodies, OfLoopStayFloat32AndReadCapturedValuesSo) {
  HalfModel model;
  model.product();
  model.integers("turns", {3});
  model.graph().mutable_initializer(1)->clear_dims();
  NodeProto& loop = model.named("loop", "Loop", {"turns", "", "product"}, {"looped"});
  GraphProto& inner = body(loop, "body");
  onnx::describe(*inner.add_input(), "i", {}, TensorProto::INT64);
  onnx::describe(*inner.add_input(), "go_on", {}, TensorProto::BOOL);
  onnx::describe(*inner.add_input(), "state", {2, 4});
  add(inner, "same", "Identity", {"go_on"}, "goes_on");
  add(inner, "inner_add", "Add", {"state", "product"}, "sum");
  onnx::describe(*inner.add_output(), "goes_on", {}, TensorProto::BOOL);
  onnx::describe(*inner.add_output(), "sum", {2, 4});
  model.named("last", "MatMul", {"looped", "w"}, {"y"});
  model.output("y", {2, 4});
  const auto report = model.convert();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->converted, 2);
  EXPECT_TRUE(report->left_wide.contains("loop"));
  EXPECT_THAT(report->left_wide.at("inner_add"), HasSubstr("inside a Loop"));
  EXPECT_TRUE(model.reads_through_cast("loop", 2, TensorProto::FLOAT));
  const GraphProto& body_now = model.find("loop")->attribute(0).g();
  EXPECT_EQ(body_now.node(1).input(1), model.find("loop")->input(2)) << "one Cast for the node and for its body";
  EXPECT_TRUE(model.reads_through_cast("last", 0, TensorProto::FLOAT16));
}

}  // namespace
}  // namespace podium::convert
