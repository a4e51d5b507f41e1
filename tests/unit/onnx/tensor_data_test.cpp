#include "onnx/tensor_data.h"

#include <gmock/gmock.h>

#include <cmath>

namespace podium::onnx {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(TensorData, FloatsComeBackFromEveryWidth) {
  const std::vector<float> values{0, 1, -2.5F, 1024};
  for (const DataType type : {DataType::float32, DataType::float64, DataType::float16, DataType::bfloat16}) {
    const auto tensor = float_tensor("t", {2, 2}, values, type);
    EXPECT_EQ(floats_of(tensor).value(), values) << to_string(type);
    EXPECT_THAT(shape_of(tensor), ElementsAre(2, 2));
    EXPECT_TRUE(is_float(tensor));
  }
}

TEST(TensorData, RoundsToTheNearestAndBeyondTheRangeToInfinity) {
  const std::vector<float> values{1.0F + 1.0F / 4096, 70000, -70000};
  const auto halves = floats_of(float_tensor("t", {3}, values, DataType::float16)).value();
  EXPECT_EQ(halves[0], 1.0F);
  EXPECT_EQ(halves[1], INFINITY);
  EXPECT_EQ(halves[2], -INFINITY);
}

TEST(TensorData, IntegersComeBackFromEveryWidth) {
  for (const DataType type : {DataType::int8, DataType::int16, DataType::int32, DataType::int64}) {
    const std::vector<std::int64_t> values{-128, 0, 127};
    EXPECT_EQ(integers_of(integer_tensor("t", {3}, values, type)).value(), values) << to_string(type);
  }
  for (const DataType type : {DataType::uint8, DataType::uint16, DataType::uint32, DataType::uint64}) {
    const std::vector<std::int64_t> values{0, 1, 255};
    EXPECT_EQ(integers_of(integer_tensor("t", {3}, values, type)).value(), values) << to_string(type);
  }
}

TEST(TensorData, ReadsTypedFieldsLikeRawBytes) {
  ::onnx::TensorProto tensor;
  tensor.set_data_type(::onnx::TensorProto::FLOAT16);
  tensor.add_dims(1);
  tensor.add_int32_data(0x3c00);
  EXPECT_THAT(floats_of(tensor).value(), ElementsAre(1.0F));
  tensor.set_data_type(::onnx::TensorProto::INT8);
  tensor.set_int32_data(0, -3);
  EXPECT_THAT(integers_of(tensor).value(), ElementsAre(-3));
}

TEST(TensorData, NamesATensorThatDoesNotFitItsShapeOrType) {
  auto tensor = float_tensor("weights", {3}, std::vector<float>{1, 2, 3});
  EXPECT_THAT(integers_of(tensor).error().message, HasSubstr("float32"));
  tensor.set_dims(0, 4);
  EXPECT_THAT(floats_of(tensor).error().message, HasSubstr("'weights'"));
}

}  // namespace
}  // namespace podium::onnx
