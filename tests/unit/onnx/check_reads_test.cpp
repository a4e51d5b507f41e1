#include "onnx/check_reads.h"

#include "model_builder.h"

namespace podium::onnx {
namespace {

using testing::HasSubstr;

/// An If whose branches give `then` and `otherwise`, values of the graph around them.
void branch_on(ModelBuilder& builder, const std::string& then, const std::string& otherwise) {
  auto& branch = builder.node("If", {"c"}, {"y"});
  branch.set_name("choice");
  for (const auto& [name, value] : {std::pair("then_branch", then), std::pair("else_branch", otherwise)}) {
    auto& attribute = *branch.add_attribute();
    attribute.set_name(name);
    attribute.set_type(::onnx::AttributeProto::GRAPH);
    auto& inner = *attribute.mutable_g()->add_node();
    inner.set_name(std::string("inside ") + name);
    inner.set_op_type("Relu");
    inner.add_input(value);
    inner.add_output(std::string("of ") + name);
    attribute.mutable_g()->add_output()->set_name(std::string("of ") + name);
  }
}

void expect_refused(ModelBuilder& builder, const std::string& told) {
  const Result<void> checked = check_reads(builder.graph());
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::bad_input);
  EXPECT_THAT(checked.error().message, HasSubstr(told));
}

TEST(CheckReads, TakesInputsWeightsNodesAndWhatIsLeftOut) {
  ModelBuilder builder;
  builder.input("x", {2}).output("y", {2}).weight("low", {});
  builder.node("Relu", {"x"}, {"r"});
  builder.node("Clip", {"r", "low", ""}, {"y"});
  EXPECT_TRUE(check_reads(builder.graph()));
}

TEST(CheckReads, TakesAnyOrderOfNodes) {
  ModelBuilder builder;
  builder.input("x", {2}).output("y", {2});
  builder.node("Relu", {"r"}, {"y"});
  builder.node("Relu", {"x"}, {"r"});
  EXPECT_TRUE(check_reads(builder.graph()));
}

TEST(CheckReads, NamesTheNodeAndTheValueThatNothingMakes) {
  ModelBuilder builder;
  builder.input("x", {2}).output("y", {2});
  builder.node("Add", {"x", "ghost"}, {"y"}).set_name("sum");
  expect_refused(builder, "node 'sum' (Add) reads 'ghost', which nothing in it makes");
}

TEST(CheckReads, NamesAnOutputThatNothingMakes) {
  ModelBuilder builder;
  builder.input("x", {2}).output("y", {2});
  builder.node("Relu", {"x"}, {"z"});
  expect_refused(builder, "output 'y' is made by nothing");
}

TEST(CheckReads, NamesAValueThatIsMadeTwice) {
  ModelBuilder by_nodes;
  by_nodes.input("x", {2}).output("y", {2});
  by_nodes.node("Relu", {"x"}, {"y"});
  by_nodes.node("Neg", {"x"}, {"y"});
  expect_refused(by_nodes, "value 'y' is made twice");

  ModelBuilder over_a_weight;
  over_a_weight.input("x", {2}).output("y", {2}).weight("w", {2});
  over_a_weight.node("Relu", {"x"}, {"w"});
  over_a_weight.node("Neg", {"w"}, {"y"});
  expect_refused(over_a_weight, "value 'w' is made twice");
}

TEST(CheckReads, TakesAWeightThatIsAnInputToo) {
  ModelBuilder builder;
  builder.input("x", {2}).input("w", {2}).output("y", {2}).weight("w", {2});
  builder.node("Add", {"x", "w"}, {"y"});
  EXPECT_TRUE(check_reads(builder.graph()));
}

TEST(CheckReads, SeesTheGraphAroundABranchButNotTheOtherBranch) {
  ModelBuilder good;
  good.input("c", {}, 9).input("x", {2}).output("y", {2}).weight("w", {2});
  branch_on(good, "x", "w");
  EXPECT_TRUE(check_reads(good.graph()));

  ModelBuilder bad;
  bad.input("c", {}, 9).input("x", {2}).output("y", {2});
  branch_on(bad, "x", "of then_branch");
  expect_refused(bad, "node 'inside else_branch' (Relu) reads 'of then_branch'");
}

}  // namespace
}  // namespace podium::onnx
