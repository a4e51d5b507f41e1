#include "core/numbers.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace {

using podium::DataType;
using testing::ElementsAre;

template <typename T>
std::vector<float> floats_of(const std::vector<T>& values, DataType type) {
  std::vector<std::byte> bytes(values.size() * sizeof(T) + 1);
  std::memcpy(bytes.data() + 1, values.data(), bytes.size() - 1);  // off by one: callers need not align
  return podium::to_floats(bytes.data() + 1, type, values.size());
}

TEST(Float16, IsReadAsIeee754) {
  EXPECT_EQ(podium::float16_to_float(0x3C00), 1.0F);
  EXPECT_EQ(podium::float16_to_float(0xC000), -2.0F);
  EXPECT_EQ(podium::float16_to_float(0x7BFF), 65504.0F);
  EXPECT_EQ(podium::float16_to_float(0x0001), std::ldexp(1.0F, -24));
  EXPECT_EQ(podium::float16_to_float(0x03FF), std::ldexp(1023.0F, -24));
  EXPECT_EQ(podium::float16_to_float(0x7C00), std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(podium::float16_to_float(0x7E00)));
  EXPECT_TRUE(std::signbit(podium::float16_to_float(0x8000)));
}

TEST(Bfloat16, IsTheUpperHalfOfAFloat) {
  EXPECT_EQ(podium::bfloat16_to_float(0x3F80), 1.0F);
  EXPECT_EQ(podium::bfloat16_to_float(0xC040), -3.0F);
  EXPECT_TRUE(std::isnan(podium::bfloat16_to_float(0x7FC0)));
}

TEST(Float16, EveryNumberComesBackFromFloat) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = podium::float16_to_float(static_cast<std::uint16_t>(bits));
    if (std::isnan(value)) continue;
    ASSERT_EQ(podium::float_to_float16(value), bits) << value;
  }
}

TEST(Float16, RoundsTiesToEvenAndLargeNumbersToInfinity) {
  EXPECT_EQ(podium::float_to_float16(1.0F + std::ldexp(1.0F, -11)), 0x3C00);
  EXPECT_EQ(podium::float_to_float16(1.0F + 3 * std::ldexp(1.0F, -11)), 0x3C02);
  EXPECT_EQ(podium::float_to_float16(2047.5F / 1024), 0x4000);  // the carry reaches the exponent
  EXPECT_EQ(podium::float_to_float16(65519.9F), 0x7BFF);
  EXPECT_EQ(podium::float_to_float16(-65520.0F), 0xFC00);
  EXPECT_EQ(podium::float_to_float16(1e-10F), 0);
  EXPECT_TRUE(std::isnan(podium::float16_to_float(podium::float_to_float16(std::numeric_limits<float>::quiet_NaN()))));
}

TEST(Bfloat16, RoundsToTheNearestAndTiesToEven) {
  EXPECT_EQ(podium::float_to_bfloat16(1.0F), 0x3F80);
  EXPECT_EQ(podium::float_to_bfloat16(1.0F + std::ldexp(1.0F, -8)), 0x3F80);
  EXPECT_EQ(podium::float_to_bfloat16(1.0F + 3 * std::ldexp(1.0F, -8)), 0x3F82);
  EXPECT_EQ(podium::float_to_bfloat16(std::numeric_limits<float>::max()), 0x7F80);
  EXPECT_TRUE(std::isnan(podium::bfloat16_to_float(podium::float_to_bfloat16(std::numeric_limits<float>::quiet_NaN()))));
}

TEST(ToFloats, ReadsEveryType) {
  EXPECT_THAT(floats_of<float>({1.5F, -2.0F}, DataType::float32), ElementsAre(1.5F, -2.0F));
  EXPECT_THAT(floats_of<double>({1.5, -2.0}, DataType::float64), ElementsAre(1.5F, -2.0F));
  EXPECT_THAT(floats_of<std::uint16_t>({0x3C00}, DataType::float16), ElementsAre(1.0F));
  EXPECT_THAT(floats_of<std::uint16_t>({0x3F80}, DataType::bfloat16), ElementsAre(1.0F));
  EXPECT_THAT(floats_of<std::int8_t>({-128, 127}, DataType::int8), ElementsAre(-128.0F, 127.0F));
  EXPECT_THAT(floats_of<std::int16_t>({-300}, DataType::int16), ElementsAre(-300.0F));
  EXPECT_THAT(floats_of<std::int32_t>({-70'000}, DataType::int32), ElementsAre(-70'000.0F));
  EXPECT_THAT(floats_of<std::int64_t>({-5'000'000'000}, DataType::int64), ElementsAre(-5e9F));
  EXPECT_THAT(floats_of<std::uint8_t>({255}, DataType::uint8), ElementsAre(255.0F));
  EXPECT_THAT(floats_of<std::uint8_t>({0, 1}, DataType::boolean), ElementsAre(0.0F, 1.0F));
  EXPECT_THAT(floats_of<std::uint16_t>({65'535}, DataType::uint16), ElementsAre(65'535.0F));
  EXPECT_THAT(floats_of<std::uint32_t>({4'000'000'000}, DataType::uint32), ElementsAre(4e9F));
  EXPECT_THAT(floats_of<std::uint64_t>({1}, DataType::uint64), ElementsAre(1.0F));
}

}  // namespace
