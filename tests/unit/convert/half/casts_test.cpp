#include "half_model.h"

namespace podium::convert {
namespace {

TEST(HalfCasts, FromWholeNumbersGoStraightToTheNarrowType) {
  HalfModel model;
  model.product();
  model.input("mask", {2, 4}, TensorProto::INT64);
  model.cast("cast", "mask", "m", TensorProto::FLOAT);
  model.named("add", "Add", {"product", "m"}, {"y"});
  model.output("y", {2, 4});
  ASSERT_TRUE(model.convert());
  EXPECT_TRUE(model.reads_through_cast("add", 1, TensorProto::FLOAT16));
  EXPECT_EQ(model.producer(model.find("add")->input(1))->input(0), "mask");
}

TEST(HalfCasts, ToTheNarrowTypeGoWhereTheirInputIsThatAlready) {
  HalfModel model;
  model.product();
  model.cast("down", "product", "half", TensorProto::FLOAT16);
  model.named("relu", "Relu", {"half"}, {"r"});
  model.cast("up", "r", "back", TensorProto::FLOAT);
  model.named("add", "Add", {"back", "product"}, {"y"});
  model.output("y", {2, 4});
  ASSERT_TRUE(model.convert());
  EXPECT_EQ(model.find("down"), nullptr);
  EXPECT_EQ(model.find("up"), nullptr);
  EXPECT_EQ(model.find("relu")->input(0), model.find("matmul")->output(0));
  EXPECT_EQ(model.find("add")->input(0), "r");
  EXPECT_EQ(model.count("Cast"), 2) << "those of the input and the output";
}

TEST(HalfCasts, WithoutEffectGo) {
  HalfModel model;
  model.product();
  model.cast("none", "product", "same", TensorProto::FLOAT);
  model.named("relu", "Relu", {"same"}, {"y"});
  model.output("y", {2, 4});
  ASSERT_TRUE(model.convert());
  EXPECT_EQ(model.find("none"), nullptr);
  EXPECT_EQ(model.find("relu")->input(0), "product");
}

TEST(HalfCasts, ToOtherTypesReadTheValueAsItIsMade) {
  HalfModel model;
  model.product();
  model.cast("yes", "product", "y", TensorProto::BOOL);
  model.output("y", {2, 4}, TensorProto::BOOL);
  ASSERT_TRUE(model.convert());
  EXPECT_EQ(model.find("yes")->input(0), "product");
  EXPECT_EQ(model.producer("product")->name(), "matmul");
}

TEST(HalfCasts, OfAnOutputStay) {
  HalfModel model;
  model.product();
  model.cast("down", "product", "y", TensorProto::FLOAT16);
  model.output("y", {2, 4}, TensorProto::FLOAT16);
  ASSERT_TRUE(model.convert());
  EXPECT_EQ(model.producer("y")->name(), "down");
  EXPECT_EQ(model.find("down")->input(0), "product");
}

}  // namespace
}  // namespace podium::convert
