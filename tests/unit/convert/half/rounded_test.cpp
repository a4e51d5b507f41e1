#include "convert/half/rounded.h"

#include "half_model.h"

namespace podium::convert {
namespace {

/// Converts to bfloat16, and rounds that in float32.
void round(HalfModel& model, HalfRequest request = {}) {
  request.type = DataType::bfloat16;
  const auto converted = model.convert(request);
  EXPECT_TRUE(converted) << converted.error().message;
  auto made = half::rounded_in_float32(model.model());
  EXPECT_TRUE(made) << made.error().message;
  model.model() = *made;
}

void two_products(HalfModel& model) {
  model.product();
  model.floats("third", {4, 4}, std::vector<float>(16, 1.0F / 3.0F));
  model.named("last", "MatMul", {"product", "third"}, {"y"});
  model.output("y", {2, 4});
}

TEST(RoundedInFloat32, ComputesInFloat32WithTheRoundedWeights) {
  HalfModel model;
  two_products(model);
  round(model);
  for (const TensorProto& tensor : model.graph().initializer()) EXPECT_EQ(tensor.data_type(), TensorProto::FLOAT) << tensor.name();
  const TensorProto* weight = model.weight_named(model.find("last")->input(1));
  ASSERT_NE(weight, nullptr);
  EXPECT_EQ(onnx::floats_of(*weight).value().front(), 0.333984375F) << "one third in eight bits";
}

TEST(RoundedInFloat32, RoundsEachValueWhereItIsMade) {
  HalfModel model;
  two_products(model);
  round(model);
  const NodeProto* widened = model.producer(model.find("last")->input(0));
  ASSERT_NE(widened, nullptr);
  EXPECT_EQ(widened->op_type(), "Cast");
  EXPECT_EQ(widened->attribute(0).i(), TensorProto::FLOAT);
  const NodeProto* narrowed = model.producer(widened->input(0));
  ASSERT_NE(narrowed, nullptr);
  EXPECT_EQ(narrowed->attribute(0).i(), TensorProto::BFLOAT16);
  EXPECT_EQ(model.producer(narrowed->input(0)), model.find("matmul"));
}

TEST(RoundedInFloat32, RoundsInputsThatWereCast) {
  HalfModel model;
  two_products(model);
  round(model);
  const NodeProto* widened = model.producer(model.find("matmul")->input(0));
  ASSERT_NE(widened, nullptr);
  EXPECT_EQ(widened->attribute(0).i(), TensorProto::FLOAT);
  const NodeProto* narrowed = model.producer(widened->input(0));
  ASSERT_NE(narrowed, nullptr);
  EXPECT_EQ(narrowed->attribute(0).i(), TensorProto::BFLOAT16);
  EXPECT_EQ(narrowed->input(0), "x");
}

TEST(RoundedInFloat32, LeavesNoBfloat16AmongInputsAndOutputs) {
  HalfModel model;
  two_products(model);
  round(model, {.keep_io = false});
  EXPECT_EQ(model.graph().input(0).type().tensor_type().elem_type(), TensorProto::FLOAT);
  EXPECT_EQ(model.graph().output(0).type().tensor_type().elem_type(), TensorProto::FLOAT);
  EXPECT_EQ(model.graph().output(0).name(), "y");
  ASSERT_NE(model.producer("y"), nullptr);
  EXPECT_EQ(model.producer("y")->op_type(), "Cast");
}

}  // namespace
}  // namespace podium::convert
