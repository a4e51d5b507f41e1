#include "backends/tensorrt/narrow.h"

#include <gmock/gmock.h>

#include <limits>
#include <vector>

namespace podium::tensorrt {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TensorView view_of(std::vector<std::int64_t>& numbers) {
  return {"ids", DataType::int64, {static_cast<std::int64_t>(numbers.size())}, reinterpret_cast<std::byte*>(numbers.data())};
}

TEST(Narrowing, KeepsNumbersThatFit) {
  constexpr std::int64_t largest = std::numeric_limits<std::int32_t>::max();
  constexpr std::int64_t smallest = std::numeric_limits<std::int32_t>::min();
  std::vector<std::int64_t> numbers{0, -7, largest, smallest};
  std::vector<std::int32_t> made;
  ASSERT_TRUE(narrow(view_of(numbers), made));
  EXPECT_THAT(made, ElementsAre(0, -7, largest, smallest));
}

TEST(Narrowing, RefusesANumberThatDoesNotFitByItsInput) {
  std::vector<std::int64_t> numbers{1, std::int64_t{1} << 31};
  std::vector<std::int32_t> made;
  const auto done = narrow(view_of(numbers), made);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::unsupported);
  EXPECT_THAT(done.error().message, HasSubstr("input 'ids' holds 2147483648"));
}

}  // namespace
}  // namespace podium::tensorrt
