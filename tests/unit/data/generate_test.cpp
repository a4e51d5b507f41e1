#include <cmath>
#include <numeric>

#include "core/numbers.h"
#include "core/tensor_view.h"
#include "data_fixture.h"

namespace podium::data {
namespace {

using testing::AllOf;
using testing::Each;
using testing::Ge;
using testing::Le;

std::vector<float> generated(const std::string& name, DataType type, const Shape& shape = {1, 1000}, std::uint64_t seed = 0) {
  const InputSet set = generate_inputs({{name, type, shape, true}}, 1, seed).value();
  return to_floats(set.samples[0][0].data(), type, element_count(shape));
}

TEST(GeneratedInputs, AreStandardNormalFloats) {
  for (const DataType type : {DataType::float32, DataType::float64, DataType::float16, DataType::bfloat16}) {
    const std::vector<float> values = generated("x", type, {1, 100'000});
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / 1e5;
    const double square = std::inner_product(values.begin(), values.end(), values.begin(), 0.0) / 1e5;
    EXPECT_NEAR(mean, 0.0, 0.02) << to_string(type);
    EXPECT_NEAR(square, 1.0, 0.02) << to_string(type);
  }
}

TEST(GeneratedInputs, AreDigitsForIntegers) {
  for (const DataType type : {DataType::int8, DataType::uint8, DataType::int16, DataType::uint16, DataType::int32, DataType::uint32,
                              DataType::int64, DataType::uint64}) {
    const std::vector<float> values = generated("input_ids", type);
    EXPECT_THAT(values, Each(AllOf(Ge(0), Le(9)))) << to_string(type);
    EXPECT_NE(values.front(), std::accumulate(values.begin(), values.end(), 0.0F) / 1000) << "they differ";
  }
  EXPECT_THAT(generated("flags", DataType::boolean), Each(AllOf(Ge(0), Le(1))));
}

TEST(GeneratedInputs, AreOnesForMasks) {
  for (const DataType type : {DataType::int64, DataType::float32, DataType::float16, DataType::boolean})
    EXPECT_THAT(generated("attention_mask", type), Each(1));
}

TEST(GeneratedInputs, AreTheSameForTheSameSeedAndOthersForAnother) {
  EXPECT_EQ(generated("x", DataType::float32, {1, 5}, 7), generated("x", DataType::float32, {1, 5}, 7));
  EXPECT_NE(generated("x", DataType::float32, {1, 5}, 7), generated("x", DataType::float32, {1, 5}, 8));
}

TEST(GeneratedInputs, DifferFromSampleToSample) {
  const InputSet set = generate_inputs({{"x", DataType::float32, {1, 5}, true}}, 2, 0).value();
  EXPECT_NE(set.samples[0][0], set.samples[1][0]);
  EXPECT_FALSE(set.real);
  EXPECT_EQ(set.description, "2 generated inputs (seed 0)");
}

TEST(GeneratedInputs, OfAShapeThatIsNotConcreteAreRefused) {
  for (const Shape& shape : {Shape{1, -1}, Shape{std::int64_t{1} << 40, std::int64_t{1} << 40}}) {
    expect_error(generate_inputs({{"x", DataType::float32, shape, true}}, 1, 0), ErrorCode::wrong_use, {"'x'"});
  }
}

}  // namespace
}  // namespace podium::data
