#include "onnx/simplify.h"

#include "model_builder.h"
#include "onnx/attributes.h"

/// What is left of a model. That models compute the same afterwards is tested in tests/python/test_rewrite.py.
namespace podium::onnx {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;

const ::onnx::TensorProto& stored(ModelBuilder& builder, const std::string& name) {
  for (const auto& tensor : builder.graph().initializer()) {
    if (tensor.name() == name) return tensor;
  }
  throw std::runtime_error("the model stores no " + name);
}

/// x → Conv with two channels, without a bias → c.
void build_convolution(ModelBuilder& builder) {
  builder.input("x", {"batch", 1, 4, 4}).output("y", {"batch", 2, 4, 4});
  builder.floats("w", {2, 1, 1, 1}, {3, 5});
  builder.node("Conv", {"x", "w"}, {"c"});
}

TEST(Simplify, PutsABatchNormIntoTheConvolutionBeforeIt) {
  ModelBuilder builder;
  build_convolution(builder);
  builder.floats("scale", {2}, {2, 4}).floats("bias", {2}, {1, 0}).floats("mean", {2}, {10, 0}).floats("variance", {2}, {4, 1});
  set_float_attribute(builder.node("BatchNormalization", {"c", "scale", "bias", "mean", "variance"}, {"y"}), "epsilon", 0);
  const auto result = simplify(builder.model());
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->folded_batch_norms, 1);
  ASSERT_EQ(builder.graph().node_size(), 1);
  const auto& node = builder.graph().node(0);
  EXPECT_EQ(node.output(0), "y");
  EXPECT_THAT(floats_of(stored(builder, node.input(1))).value(), ElementsAre(3, 20));
  EXPECT_THAT(floats_of(stored(builder, node.input(2))).value(), ElementsAre(-9, 0));
  EXPECT_EQ(builder.graph().initializer_size(), 2);
}

/// x → Pad → Conv that pads by one itself → y.
void build_padded(ModelBuilder& builder, const std::vector<std::int64_t>& pads) {
  builder.input("x", {"batch", 1, 4, 4}).output("y", {"batch", 2, 7, 7});
  builder.floats("w", {2, 1, 1, 1}, {3, 5}).integers("pads", pads);
  builder.node("Pad", {"x", "pads"}, {"p"});
  set_integers(builder.node("Conv", {"p", "w"}, {"y"}), "pads", {1, 1, 1, 1});
}

TEST(Simplify, LetsAConvolutionPadItself) {
  ModelBuilder builder;
  build_padded(builder, {0, 0, 0, 0, 0, 0, 1, 2});
  ASSERT_TRUE(simplify(builder.model()));
  ASSERT_EQ(builder.graph().node_size(), 1);
  EXPECT_EQ(builder.graph().node(0).input(0), "x");
  EXPECT_THAT(integers_attribute(builder.graph().node(0), "pads"), ElementsAre(1, 1, 2, 3));
}

TEST(Simplify, LeavesPaddingThatAConvolutionCannotDo) {
  const std::vector<std::vector<std::int64_t>> others{{0, 1, 0, 0, 0, 0, 0, 0}, {0, 0, -1, 0, 0, 0, 0, 0}};
  for (const std::vector<std::int64_t>& pads : others) {
    ModelBuilder builder;
    build_padded(builder, pads);
    ASSERT_TRUE(simplify(builder.model()));
    EXPECT_EQ(builder.graph().node_size(), 2);
  }
}

TEST(Simplify, PutsFactorsAndShiftsOfChannelsIntoTheConvolution) {
  ModelBuilder builder;
  build_convolution(builder);
  builder.floats("factor", {2, 1, 1}, {2, 3}).floats("shift", {1, 2, 1, 1}, {7, 8});
  builder.node("Mul", {"c", "factor"}, {"m"});
  builder.node("Sub", {"m", "shift"}, {"y"});
  const auto result = simplify(builder.model());
  ASSERT_TRUE(result) << result.error().message;
  ASSERT_EQ(builder.graph().node_size(), 1);
  EXPECT_THAT(floats_of(stored(builder, builder.graph().node(0).input(1))).value(), ElementsAre(6, 15));
  EXPECT_THAT(floats_of(stored(builder, builder.graph().node(0).input(2))).value(), ElementsAre(-7, -8));
}

TEST(Simplify, LeavesFactorsOfPixelsAlone) {
  ModelBuilder builder;
  build_convolution(builder);
  builder.floats("factor", {4}, {2, 3, 4, 5});
  builder.node("Mul", {"c", "factor"}, {"y"});
  ASSERT_TRUE(simplify(builder.model()));
  EXPECT_EQ(builder.graph().node_size(), 2);
}

TEST(Simplify, LeavesAConvolutionWhoseResultIsReadElsewhere) {
  ModelBuilder builder;
  build_convolution(builder);
  builder.output("c", {"batch", 2, 4, 4}).floats("factor", {2, 1, 1}, {2, 3});
  builder.node("Mul", {"c", "factor"}, {"y"});
  ASSERT_TRUE(simplify(builder.model()));
  EXPECT_EQ(builder.graph().node_size(), 2);
}

TEST(Simplify, LeavesAWeightAloneThatHasAnotherReader) {
  ModelBuilder builder;
  build_convolution(builder);
  builder.output("z", {"batch", 2, 4, 4}).floats("factor", {1}, {2});
  builder.node("Mul", {"c", "factor"}, {"y"});
  builder.node("Conv", {"x", "w"}, {"z"});
  ASSERT_TRUE(simplify(builder.model()));
  EXPECT_EQ(builder.graph().node_size(), 3);
  EXPECT_THAT(floats_of(stored(builder, "w")).value(), ElementsAre(3, 5));
}

TEST(Simplify, ComputesWhatNeedsNoInput) {
  ModelBuilder builder;
  builder.input("x", {2, 3}).output("y", {2, 3}).floats("a", {3}, {1, 2, 3}).floats("b", {}, {2});
  builder.node("Mul", {"a", "b"}, {"p"});
  builder.node("Sqrt", {"p"}, {"q"});
  builder.node("Add", {"x", "q"}, {"y"});
  const auto result = simplify(builder.model());
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->folded_constants, 2);
  ASSERT_EQ(builder.graph().node_size(), 1);
  EXPECT_THAT(floats_of(stored(builder, "q")).value(), ElementsAre(FloatNear(1.41421356F, 1e-6F), 2, FloatNear(2.4494897F, 1e-6F)));
}

TEST(Simplify, ComputesShapesThatDoNotDependOnTheInput) {
  ModelBuilder builder;
  builder.input("x", {"batch", 2, 6}).output("y", {"batch", 12});
  builder.integers("one", {1}).integers("two", {2}).integers("open", {-1});
  builder.node("Shape", {"x"}, {"s"});
  builder.node("Gather", {"s", "one"}, {"a"});
  builder.node("Gather", {"s", "two"}, {"b"});
  builder.node("Mul", {"a", "b"}, {"c"});
  set_integer(builder.node("Concat", {"open", "c"}, {"shape"}), "axis", 0);
  builder.node("Reshape", {"x", "shape"}, {"y"});
  ASSERT_TRUE(simplify(builder.model()));
  ASSERT_EQ(builder.graph().node_size(), 1);
  EXPECT_THAT(integers_of(stored(builder, "shape")).value(), ElementsAre(-1, 12));
}

TEST(Simplify, DoesNotBlowAModelUp) {
  ModelBuilder builder;
  builder.output("y", {100'000'000}).integers("shape", {100'000'000});
  builder.node("ConstantOfShape", {"shape"}, {"large"});
  builder.node("Neg", {"large"}, {"y"});
  ASSERT_TRUE(simplify(builder.model()));
  EXPECT_EQ(builder.graph().node_size(), 2);
}

TEST(Simplify, TakesOutNodesWithoutEffectAndKeepsTheNamesOfOutputs) {
  ModelBuilder builder;
  builder.input("x", {4}).output("y", {4});
  builder.node("Identity", {"x"}, {"a"});
  builder.node("Relu", {"a"}, {"b"});
  builder.node("Dropout", {"b"}, {"c", "mask"});
  set_integer(builder.node("Cast", {"c"}, {"y"}), "to", 1);
  builder.node("Neg", {"b"}, {"unread"});
  const auto result = simplify(builder.model());
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->removed_nodes, 4);
  ASSERT_EQ(builder.graph().node_size(), 1);
  EXPECT_THAT(builder.graph().node(0).input(), ElementsAre("x"));
  EXPECT_THAT(builder.graph().node(0).output(), ElementsAre("y"));
}

TEST(Simplify, KeepsTheIdentityOfAnInputThatIsAnOutput) {
  ModelBuilder builder;
  builder.input("x", {4}).output("y", {4});
  builder.node("Identity", {"x"}, {"y"});
  ASSERT_TRUE(simplify(builder.model()));
  EXPECT_EQ(builder.graph().node_size(), 1);
}

TEST(Simplify, NamesANodeOnACycle) {
  ModelBuilder builder;
  builder.output("a", {4});
  builder.node("Neg", {"b"}, {"a"});
  builder.node("Neg", {"a"}, {"b"});
  const auto result = simplify(builder.model());
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("on a cycle"));
}

}  // namespace
}  // namespace podium::onnx
