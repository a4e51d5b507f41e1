#include "onnx/graph_edit.h"

#include "model_builder.h"

namespace podium::onnx {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// x → Relu → a → Tanh → y, and a → Sigmoid → z, which nothing reads.
void build_fork(ModelBuilder& builder) {
  builder.input("x", {4}).output("y", {4});
  builder.node("Relu", {"x"}, {"a"}).set_name("relu");
  builder.node("Tanh", {"a"}, {"y"}).set_name("tanh");
  builder.node("Sigmoid", {"a"}, {"z"}).set_name("sigmoid");
}

std::vector<std::string> names_of(const std::vector<::onnx::NodeProto*>& nodes) {
  std::vector<std::string> names;
  for (const auto* node : nodes) names.push_back(node->name());
  return names;
}

std::vector<std::string> names_of(const ::onnx::GraphProto& graph) {
  std::vector<std::string> names;
  for (const auto& node : graph.node()) names.push_back(node.name());
  return names;
}

/// An If whose branch reads `value` from outside.
::onnx::NodeProto& add_branch(ModelBuilder& builder, const std::string& value) {
  auto& node = builder.node("If", {"c"}, {"from_branch"});
  node.set_name("if");
  auto& branch = *node.add_attribute();
  branch.set_name("then_branch");
  auto& inner = *branch.mutable_g()->add_node();
  inner.set_op_type("Neg");
  inner.add_input(value);
  inner.add_output("inside");
  branch.mutable_g()->add_output()->set_name("inside");
  return node;
}

TEST(GraphEdit, KnowsWhoMakesAndWhoReadsAValue) {
  ModelBuilder builder;
  build_fork(builder);
  builder.weight("w", {2});
  const GraphEdit edit(builder.graph());
  EXPECT_EQ(edit.producer("a")->name(), "relu");
  EXPECT_EQ(edit.producer("x"), nullptr);
  EXPECT_THAT(names_of(edit.consumers("a")), ElementsAre("tanh", "sigmoid"));
  EXPECT_TRUE(edit.is_input("x"));
  EXPECT_TRUE(edit.is_output("y"));
  EXPECT_NE(edit.initializer("w"), nullptr);
  EXPECT_FALSE(edit.is_input("w"));
}

TEST(GraphEdit, CountsAReaderOnceThatReadsAValueTwice) {
  ModelBuilder builder;
  builder.node("Mul", {"a", "a"}, {"y"}).set_name("square");
  GraphEdit edit(builder.graph());
  EXPECT_THAT(names_of(edit.consumers("a")), ElementsAre("square"));
  edit.set_input(*edit.nodes()[0], 0, "b");
  EXPECT_THAT(names_of(edit.consumers("a")), ElementsAre("square"));
  edit.set_input(*edit.nodes()[0], 1, "b");
  EXPECT_THAT(edit.consumers("a"), IsEmpty());
}

TEST(GraphEdit, TakesWhatAnInnerGraphReadsForReadByItsNode) {
  ModelBuilder builder;
  build_fork(builder);
  add_branch(builder, "z");
  GraphEdit edit(builder.graph());
  EXPECT_TRUE(edit.is_captured("z"));
  EXPECT_FALSE(edit.is_captured("inside"));
  EXPECT_THAT(names_of(edit.consumers("z")), ElementsAre("if"));
  edit.remove(*edit.producer("from_branch"));
  EXPECT_FALSE(edit.is_captured("z"));
  EXPECT_THAT(edit.consumers("z"), IsEmpty());
}

TEST(GraphEdit, MakesNamesThatNothingHas) {
  ModelBuilder builder;
  build_fork(builder);
  add_branch(builder, "z");
  GraphEdit edit(builder.graph());
  EXPECT_EQ(edit.unique_name("new"), "new");
  EXPECT_EQ(edit.unique_name("new"), "new_1");
  EXPECT_EQ(edit.unique_name("a"), "a_1");
  EXPECT_EQ(edit.unique_name("inside"), "inside_1");
}

TEST(GraphEdit, PutsNewNodesBehindWhatTheyRead) {
  ModelBuilder builder;
  build_fork(builder);
  GraphEdit edit(builder.graph());
  edit.add_node("Neg", {"a"}, {"n"}, "neg");
  edit.replace_uses("a", "n", edit.producer("n"));
  ASSERT_TRUE(edit.finish());
  EXPECT_THAT(names_of(builder.graph()), ElementsAre("relu", "neg", "tanh", "sigmoid"));
  EXPECT_EQ(builder.graph().node(2).input(0), "n");
}

TEST(GraphEdit, RemovesWhatLeadsToNoOutput) {
  ModelBuilder builder;
  build_fork(builder);
  builder.weight("unread", {2});
  GraphEdit edit(builder.graph());
  EXPECT_EQ(edit.remove_dead(), 1);
  ASSERT_TRUE(edit.finish());
  EXPECT_THAT(names_of(builder.graph()), ElementsAre("relu", "tanh"));
  EXPECT_EQ(builder.graph().initializer_size(), 0);
}

TEST(GraphEdit, MakesInitializersOfConstants) {
  ModelBuilder builder;
  builder.output("y", {2});
  auto& constant = builder.node("Constant", {}, {"c"});
  auto& value = *constant.add_attribute();
  value.set_name("value");
  *value.mutable_t() = float_tensor("", {2}, std::vector<float>{1, 2});
  builder.node("Relu", {"c"}, {"y"});
  GraphEdit edit(builder.graph());
  edit.constants_to_initializers();
  EXPECT_EQ(edit.producer("c"), nullptr);
  ASSERT_TRUE(edit.finish());
  ASSERT_EQ(builder.graph().initializer_size(), 1);
  EXPECT_EQ(builder.graph().initializer(0).name(), "c");
  EXPECT_EQ(builder.graph().node_size(), 1);
}

TEST(GraphEdit, NamesANodeOnACycle) {
  ModelBuilder builder;
  builder.node("Neg", {"b"}, {"a"}).set_name("first");
  builder.node("Neg", {"a"}, {"b"}).set_name("second");
  GraphEdit edit(builder.graph());
  const auto finished = edit.finish();
  ASSERT_FALSE(finished);
  EXPECT_THAT(finished.error().message, HasSubstr("on a cycle"));
}

TEST(GraphEdit, NamesAValueThatIsMadeTwice) {
  ModelBuilder builder;
  builder.input("x", {2});
  builder.node("Neg", {"x"}, {"a"});
  builder.node("Abs", {"x"}, {"a"});
  GraphEdit edit(builder.graph());
  const auto finished = edit.finish();
  ASSERT_FALSE(finished);
  EXPECT_THAT(finished.error().message, HasSubstr("'a' is made twice"));
}

TEST(GraphEdit, SortsAMillionNodesThatStandBackToFront) {
  ModelBuilder builder;
  constexpr int count = 1'000'000;
  builder.graph().mutable_node()->Reserve(count);
  for (int i = count; i-- > 0;) {
    auto& node = builder.node("Neg", {std::to_string(i)}, {std::to_string(i + 1)});
    node.set_name(node.output(0));
  }
  GraphEdit edit(builder.graph());
  ASSERT_TRUE(edit.finish());
  EXPECT_EQ(builder.graph().node(0).name(), "1");
  EXPECT_EQ(builder.graph().node(count - 1).name(), std::to_string(count));
}

}  // namespace
}  // namespace podium::onnx
