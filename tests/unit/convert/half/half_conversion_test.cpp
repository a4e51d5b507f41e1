#include "convert/half/half_conversion.h"

#include "half_model.h"

namespace podium::convert {
namespace {

using ::testing::ElementsAre;
using ::testing::Key;

/// Two products with a Relu between them.
void chain(HalfModel& model) {
  model.product();
  model.named("relu", "Relu", {"product"}, {"r"});
  model.named("last", "MatMul", {"r", "w"}, {"y"});
  model.output("y", {2, 4});
}

/// Whether the first input of a node is rounded to 16 bits before it is read.
bool reads_rounded(const ::onnx::ModelProto& model, const std::string& node_name) {
  const auto maker_of = [&](const std::string& value) -> const NodeProto* {
    for (const NodeProto& node : model.graph().node()) {
      if (node.output(0) == value) return &node;
    }
    return nullptr;
  };
  for (const NodeProto& node : model.graph().node()) {
    if (node.name() != node_name) continue;
    const NodeProto* widened = maker_of(node.input(0));
    return widened != nullptr && widened->op_type() == "Cast" && maker_of(widened->input(0))->op_type() == "Cast";
  }
  return false;
}

bool has_cast_to(const ::onnx::ModelProto& model, int type) {
  const auto& nodes = model.graph().node();
  return std::any_of(nodes.begin(), nodes.end(),
                     [&](const NodeProto& node) { return node.op_type() == "Cast" && node.attribute(0).i() == type; });
}

TEST(HalfConversion, OffersEveryNodeThatComputesInHalf) {
  HalfModel model;
  chain(model);
  MadeUpActivations activations({});
  const auto conversion = HalfConversion::create(model.model(), {}, activations, {});
  ASSERT_TRUE(conversion) << conversion.error().message;
  EXPECT_THAT((*conversion)->layers(), ElementsAre("matmul", "relu", "last"));
}

/// Two products; nodes before, between and behind them move numbers about.
void chain_with_moves(HalfModel& model) {
  model.input("x", {4, 2});
  model.floats("w", {4, 4}, std::vector<float>(16, 0.5F));
  model.named("head", "Transpose", {"x"}, {"t"});
  model.named("first", "MatMul", {"t", "w"}, {"a"});
  model.named("turn", "Transpose", {"a"}, {"b"});
  model.named("negate", "Neg", {"b"}, {"c"});
  model.named("turn back", "Transpose", {"c"}, {"d"});
  model.named("last", "MatMul", {"d", "w"}, {"e"});
  model.named("flatten", "Flatten", {"e"}, {"y"});
  model.output("y", {2, 4});
}

TEST(HalfConversion, OffersNodesThatOnlyMoveNumbersWithTheNodeThatMakesThem) {
  HalfModel model;
  chain_with_moves(model);
  MadeUpActivations activations({});
  const auto conversion = HalfConversion::create(model.model(), {}, activations, {});
  ASSERT_TRUE(conversion) << conversion.error().message;
  EXPECT_THAT((*conversion)->layers(), ElementsAre("first", "last"));
  EXPECT_THAT((*conversion)->nodes_of({"first"}), testing::UnorderedElementsAre("head", "first", "turn", "negate", "turn back"));
  EXPECT_THAT((*conversion)->nodes_of({"last"}), testing::UnorderedElementsAre("last", "flatten"));
}

TEST(HalfConversion, LeavesMovesWideWithTheirLayer) {
  HalfModel model;
  chain_with_moves(model);
  MadeUpActivations activations({});
  const auto conversion = HalfConversion::create(model.model(), {}, activations, {});
  ASSERT_TRUE(conversion);
  const auto left = (*conversion)->without({"first"});
  ASSERT_TRUE(left) << left.error().message;
  for (const char* node : {"head", "first", "turn", "negate", "turn back"}) EXPECT_FALSE(reads_rounded(*left, node)) << node;
  EXPECT_TRUE(reads_rounded(*left, "last"));
  const auto alone = (*conversion)->only({"first"});
  ASSERT_TRUE(alone) << alone.error().message;
  for (const char* node : {"head", "first", "turn", "negate", "turn back"}) EXPECT_TRUE(reads_rounded(*alone, node)) << node;
}

TEST(HalfConversion, OffersMovesOfWeightsForThemselvesSinceTheyRoundThem) {
  HalfModel model;
  model.input("words", {3}, TensorProto::INT64);
  model.floats("table", {8, 4}, std::vector<float>(32, 0.1F));
  model.floats("w", {4, 4}, std::vector<float>(16, 0.5F));
  model.named("look up", "Gather", {"table", "words"}, {"rows"});
  model.named("product", "MatMul", {"rows", "w"}, {"y"});
  model.output("y", {3, 4});
  MadeUpActivations activations({});
  const auto conversion = HalfConversion::create(model.model(), {}, activations, {});
  ASSERT_TRUE(conversion) << conversion.error().message;
  EXPECT_THAT((*conversion)->layers(), ElementsAre("look up", "product"));
}

TEST(HalfConversion, OffersNoNodeThatRealActivationsKeepWide) {
  HalfModel model;
  chain(model);
  MadeUpActivations activations({{"product", {70000.0F}}});
  const auto conversion = HalfConversion::create(model.model(), {}, activations, {});
  ASSERT_TRUE(conversion) << conversion.error().message;
  EXPECT_THAT((*conversion)->layers(), ElementsAre("last"));
  EXPECT_THAT((*conversion)->request().known_wide, testing::UnorderedElementsAre(Key("matmul"), Key("relu")));
}

TEST(HalfConversion, LeavesLayersWide) {
  HalfModel model;
  chain(model);
  MadeUpActivations activations({});
  const auto conversion = HalfConversion::create(model.model(), {}, activations, {});
  ASSERT_TRUE(conversion);
  const auto made = (*conversion)->without({"matmul"});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_FALSE(reads_rounded(*made, "matmul"));
  EXPECT_TRUE(reads_rounded(*made, "last"));
}

TEST(HalfConversion, ConvertsOneNodeAloneThoughCastsWouldCostMore) {
  HalfModel model;
  chain(model);
  MadeUpActivations activations({});
  const auto conversion = HalfConversion::create(model.model(), {}, activations, {});
  ASSERT_TRUE(conversion);
  const auto made = (*conversion)->only({"relu"});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(reads_rounded(*made, "relu"));
  EXPECT_FALSE(reads_rounded(*made, "matmul"));
  const auto left = (*conversion)->without({"matmul", "last"});
  ASSERT_TRUE(left) << left.error().message;
  EXPECT_FALSE(has_cast_to(*left, TensorProto::FLOAT16)) << "in what is written, it stands between float32 nodes";
}

TEST(HalfConversion, MakesModelsOfBfloat16ThatNeedNoBfloat16Kernels) {
  HalfModel model;
  chain(model);
  MadeUpActivations activations({});
  const auto conversion = HalfConversion::create(model.model(), {.type = DataType::bfloat16}, activations, {});
  ASSERT_TRUE(conversion);
  const auto made = (*conversion)->without({});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(reads_rounded(*made, "matmul"));
  EXPECT_TRUE(has_cast_to(*made, TensorProto::BFLOAT16));
  for (const TensorProto& tensor : made->graph().initializer()) EXPECT_EQ(tensor.data_type(), TensorProto::FLOAT) << tensor.name();
}

}  // namespace
}  // namespace podium::convert
