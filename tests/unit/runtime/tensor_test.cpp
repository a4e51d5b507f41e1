#include "podium/tensor.h"

#include <gmock/gmock.h>

#include <array>
#include <vector>

#include "fake_artifact.h"

namespace podium {
namespace {

using testing::HasSubstr;

TEST(Tensor, SeesTheMemoryOfItsOwnerWithoutCopying) {
  std::vector<float> values{1, 2, 3, 4, 5, 6};
  const Tensor tensor = Tensor::view("x", values, {2, 3});
  EXPECT_EQ(tensor.data(), values.data());
  EXPECT_EQ(tensor.bytes(), 24U);
  values[5] = 60;
  EXPECT_EQ(tensor.values<float>()[5], 60);
}

TEST(Tensor, TakesSpansAndArraysOfConstantValues) {
  const std::array<std::int64_t, 2> whole{7, 8};
  const std::vector<float> floats(4);
  EXPECT_EQ(Tensor::view("", whole, {2}).type(), DataType::int64);
  EXPECT_EQ(Tensor::view("", std::span(floats).first(2), {2, 1}).type(), DataType::float32);
}

TEST(Tensor, RefusesAShapeThatIsNotAsManyValues) {
  const std::vector<float> values(5);
  const Error error = test::error_of([&] { static_cast<void>(Tensor::view("x", values, {2, 3})); });
  EXPECT_EQ(error.code, ErrorCode::wrong_use);
  EXPECT_THAT(error.message, HasSubstr("tensor 'x' of shape 2x3 has 6 elements, 5 were given"));
}

TEST(Tensor, RefusesShapesThatCannotBe) {
  EXPECT_THAT(test::error_of([] {
                static_cast<void>(Tensor::view("x", DataType::float32, {-1, 3}, nullptr));
              }).message,
              HasSubstr("cannot have the shape -1x3"));
  const Shape huge{std::int64_t{1} << 40, std::int64_t{1} << 40};
  EXPECT_THAT(test::error_of([&] { static_cast<void>(Tensor::allocate("x", DataType::float32, huge)); }).message,
              HasSubstr("cannot have the shape"));
}

TEST(Tensor, SharesAllocatedMemoryWithItsCopies) {
  Tensor copy = Tensor::view("", DataType::float32, {0}, nullptr);
  {
    Tensor made = Tensor::allocate("y", DataType::float32, {3});
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(made.data()) % 64, 0U);
    static_cast<float*>(made.mutable_data())[2] = 9.0F;
    copy = made;
  }
  EXPECT_EQ(copy.values<float>()[2], 9.0F);
}

TEST(Tensor, RefusesToBeReadAsAnotherTypeOrFromAnotherDevice) {
  const std::vector<float> values(2);
  const Tensor tensor = Tensor::view("x", values, {2});
  EXPECT_THAT(test::error_of([&] { static_cast<void>(tensor.values<double>()); }).message, HasSubstr("holds float32 on cpu"));
  const Tensor remote = Tensor::view("x", DataType::float32, {2}, values.data(), "cuda:0");
  EXPECT_THAT(test::error_of([&] { static_cast<void>(remote.values<float>()); }).message, HasSubstr("on cuda:0"));
}

TEST(Tensor, MayBeAScalarOrEmpty) {
  EXPECT_EQ(Tensor::allocate("s", DataType::float64, {}).bytes(), 8U);
  EXPECT_EQ(Tensor::allocate("e", DataType::float64, {0, 3}).values<double>().size(), 0U);
}

}  // namespace
}  // namespace podium
