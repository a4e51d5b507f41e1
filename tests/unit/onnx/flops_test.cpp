#include "model_builder.h"

namespace podium::onnx {
namespace {

/// Operations of a model with one node whose input "x" has this shape.
std::optional<std::int64_t> flops_of(ModelBuilder &builder) {
  const auto model = builder.read();
  EXPECT_TRUE(model) << model.error().message;
  return model ? model->flops() : std::nullopt;
}

TEST(Flops, OfAMatMulAreTwiceItsMultiplyAdds) {
  ModelBuilder builder;
  build_small_model(builder);
  EXPECT_EQ(flops_of(builder), 2 * 4 * 3);
}

TEST(Flops, AreThoseOfOneInputWhereTheBatchIsFixed) {
  ModelBuilder builder;
  builder.input("x", {8, 4}).output("y", {8, 3});
  builder.weight("w", {4, 3});
  builder.node("MatMul", {"x", "w"}, {"y"});
  EXPECT_EQ(flops_of(builder), 2 * 4 * 3);
}

TEST(Flops, OfAConvolutionFollowGroupsStridesPadsAndDilations) {
  ModelBuilder builder;
  builder.input("x", {"n", 8, 11, 11}).output("y", {"n", 16, "h", "w"});
  builder.weight("w", {16, 4, 3, 3});
  auto &node = builder.node("Conv", {"x", "w"}, {"y"});
  set_integer(node, "group", 2);
  set_integers(node, "strides", {2, 1});
  set_integers(node, "pads", {1, 0, 1, 0});
  set_integers(node, "dilations", {1, 2});
  // 11 + 2 - 3 = 10, by twos: 6 rows; 11 - 5 = 6: 7 columns.
  EXPECT_EQ(flops_of(builder), 2 * (16 * 6 * 7) * (4 * 3 * 3));
}

TEST(Flops, OfAConvolutionWithSamePaddingFollowTheStride) {
  ModelBuilder builder;
  builder.input("x", {"n", 3, 15, 15}).output("y", {"n"});
  builder.weight("w", {4, 3, 5, 5});
  auto &node = builder.node("Conv", {"x", "w"}, {"y"});
  set_integers(node, "strides", {2, 2});
  set_text(node, "auto_pad", "SAME_UPPER");
  EXPECT_EQ(flops_of(builder), 2 * (4 * 8 * 8) * (3 * 5 * 5));
}

TEST(Flops, OfAGemmFollowItsTransposes) {
  ModelBuilder builder;
  builder.input("x", {5, "batch"}).output("y", {"a", "b"});
  builder.graph()
      .mutable_input(0)
      ->mutable_type()
      ->mutable_tensor_type()
      ->mutable_shape()
      ->mutable_dim(1)
      ->set_dim_value(2);
  builder.weight("w", {7, 5});
  auto &node = builder.node("Gemm", {"x", "w"}, {"y"});
  set_integer(node, "transA", 1);
  set_integer(node, "transB", 1);
  EXPECT_EQ(flops_of(builder), 2 * (2 * 7) * 5);
}

TEST(Flops, FollowAShapeThatTheModelComputes) {
  // x [n, 3, 8, 8] → reshaped to [Shape(x)[0], -1] → MatMul, as PyTorch exports
  // view(x.size(0), -1).
  ModelBuilder builder;
  builder.input("x", {"n", 3, 8, 8}).output("y", {"n", 10});
  builder.weight("w", {192, 10});
  builder.integers("zero", {0}).integers("rest", {-1});
  builder.node("Shape", {"x"}, {"shape"});
  builder.node("Gather", {"shape", "zero"}, {"batch"});
  set_integer(builder.node("Concat", {"batch", "rest"}, {"target"}), "axis", 0);
  builder.node("Reshape", {"x", "target"}, {"flat"});
  builder.node("MatMul", {"flat", "w"}, {"y"});
  EXPECT_EQ(flops_of(builder), 2 * 192 * 10);
}

TEST(Flops, FollowPadsSlicesAndPooling) {
  ModelBuilder builder;
  builder.input("x", {"n", 3, 8, 8}).output("y", {"n"});
  builder.weight("w", {2, 3, 3, 3});
  builder.integers("pads", {0, 0, 1, 1, 0, 0, 1, 1})
      .integers("one", {1})
      .integers("end", {9})
      .integers("axis", {-1});
  builder.node("Pad", {"x", "pads"}, {"padded"});                   // 10 × 10
  builder.node("Slice", {"padded", "one", "end", "axis"}, {"cut"}); // 10 × 8
  set_integers(builder.node("MaxPool", {"cut"}, {"pooled"}), "kernel_shape",
               {2, 2}); // 9 × 7
  builder.node("Relu", {"pooled"}, {"active"});
  builder.node("Conv", {"active", "w"}, {"y"}); // 7 × 5
  EXPECT_EQ(flops_of(builder), 2 * (2 * 7 * 5) * (3 * 3 * 3));
}

TEST(Flops, TakeShapesThatTheModelDeclaresWhereNoRuleKnowsThem) {
  ModelBuilder builder;
  build_small_model(builder);
  builder.graph().clear_node();
  builder.node("Mystery", {"x"}, {"hidden"}).set_domain("some.vendor");
  builder.node("MatMul", {"hidden", "w"}, {"y"});
  EXPECT_EQ(flops_of(builder), std::nullopt) << "the depth is not known";
  describe(*builder.graph().add_value_info(), "hidden", {"batch", 4});
  EXPECT_EQ(flops_of(builder), 2 * 4 * 3);
}

TEST(Flops, AreNotKnownWhereAnAxisIsFree) {
  ModelBuilder builder;
  builder.input("x", {"batch", "sequence", 4})
      .output("y", {"batch", "sequence", 3});
  builder.weight("w", {4, 3});
  builder.node("MatMul", {"x", "w"}, {"y"});
  EXPECT_EQ(flops_of(builder), std::nullopt);
}

TEST(Flops, AreNotKnownWhereALoopHidesThem) {
  ModelBuilder builder;
  build_small_model(builder);
  builder.node("Loop", {"x"}, {"z"})
      .add_attribute()
      ->mutable_g()
      ->add_node()
      ->set_op_type("MatMul");
  EXPECT_EQ(flops_of(builder), std::nullopt);
}

TEST(Flops, AreNotZeroWhereNothingIsCounted) {
  ModelBuilder builder;
  builder.input("x", {4}).output("y", {4});
  builder.node("Relu", {"x"}, {"y"});
  EXPECT_EQ(flops_of(builder), std::nullopt);
}

TEST(Flops, SurviveNumbersThatOverflow) {
  constexpr std::int64_t huge = std::int64_t{1} << 62;
  ModelBuilder builder;
  builder.input("x", {1, 3, 8, 8}).output("y", {1});
  builder.weight("w", {2, 3, 3, 3});
  auto &convolution = builder.node("Conv", {"x", "w"}, {"a"});
  set_integers(convolution, "strides", {0, -1});
  set_integers(convolution, "dilations", {huge, huge});
  set_integers(convolution, "pads", {huge, huge, huge, huge});
  builder.integers("shape", {huge, huge, huge}).integers("steps", {0});
  builder.node("ConstantOfShape", {"shape"}, {"b"});
  builder.node("Slice", {"shape", "steps", "steps", "steps", "steps"}, {"c"});
  builder.node("Mul", {"shape", "shape"}, {"d"});
  builder.node("Reshape", {"b", "d"}, {"e"});
  set_integer(builder.node("Shape", {"x"}, {"f"}), "start", -huge);
  set_integers(builder.node("Transpose", {"x"}, {"g"}), "perm", {-1, 9, 0, 0});
  set_integers(builder.node("Unsqueeze", {"x"}, {"h"}), "axes",
               {99, -99, 3, 3});
  builder.node("Gather", {"shape", "shape"}, {"i"});
  set_integers(builder.node("Split", {"x"}, {"j", "k"}), "split", {huge});
  set_integer(builder.node("Flatten", {"x"}, {"l"}), "axis", huge);
  builder.node("Gemm", {"x"}, {"m"});
  EXPECT_EQ(flops_of(builder), std::nullopt);
}

} // namespace
} // namespace podium::onnx
