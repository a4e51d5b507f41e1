#include "backends/api/shape_ranges.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace podium::backend {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<InputSpec> ids_of(std::int64_t batch, std::int64_t length) {
  return {{"ids", DataType::int64, {batch, length}}, {"mask", DataType::int64, {batch, length}}};
}

TEST(ShapeRanges, AreReadAndWrittenAlike) {
  const std::string text = "ids=1x16:128:512;mask=1:4:8x3";
  const auto ranges = parse_shape_ranges(text);
  ASSERT_TRUE(ranges) << ranges.error().message;
  ASSERT_THAT(*ranges, SizeIs(2));
  EXPECT_EQ(ranges->at(0).input, "ids");
  EXPECT_THAT(ranges->at(0).least, ElementsAre(1, 16));
  EXPECT_THAT(ranges->at(0).usual, ElementsAre(1, 128));
  EXPECT_THAT(ranges->at(0).most, ElementsAre(1, 512));
  EXPECT_THAT(ranges->at(1).most, ElementsAre(8, 3));
  EXPECT_EQ(shapes_text(*ranges), text);
  EXPECT_THAT(*parse_shape_ranges(""), IsEmpty());
}

class WhatIsNoRange : public ::testing::TestWithParam<const char*> {};

TEST_P(WhatIsNoRange, IsRefusedInWords) {
  const auto ranges = parse_shape_ranges(GetParam());
  ASSERT_FALSE(ranges);
  EXPECT_EQ(ranges.error().code, ErrorCode::wrong_use);
  EXPECT_THAT(ranges.error().remedy, HasSubstr("shapes=input_ids=1x16:128:512"));
}

INSTANTIATE_TEST_SUITE_P(ShapeRanges, WhatIsNoRange,
                         ::testing::Values("1x2", "=1x2", "x=", "x=1x", "x=1x2:3", "x=4:3:2", "x=0:1:2", "x=-1", "x=1:2:3:4", "x=1;x=2",
                                           "x=1;", "x=1:2:99999999999"));

TEST(ShapeRanges, HoldTheShapesBetweenTheirEnds) {
  const std::vector<ShapeRange> ranges = *parse_shape_ranges("ids=1x16:128:512");
  EXPECT_TRUE(check_ranges_hold(ranges, ids_of(1, 16)));
  EXPECT_TRUE(check_ranges_hold(ranges, ids_of(1, 512)));
  const auto too_long = check_ranges_hold(ranges, ids_of(1, 513));
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().code, ErrorCode::unsupported);
  EXPECT_THAT(too_long.error().message, HasSubstr("input 'ids' is [1x513], which lies outside of the range 1x16:128:512"));
  EXPECT_FALSE(check_ranges_hold(ranges, ids_of(2, 16))) << "an axis that does not range";
  const auto unknown = check_ranges_hold(*parse_shape_ranges("words=1x2"), ids_of(1, 2));
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("'words' is no input of the model"));
}

TEST(ShapeRanges, SpanWhatAModelWasMeasuredAt) {
  const std::vector<std::vector<InputSpec>> measured{ids_of(1, 16), ids_of(1, 128), ids_of(1, 512)};
  EXPECT_EQ(shapes_text(ranges_around(ids_of(1, 100), measured[1], measured)), "ids=1x16:128:512;mask=1x16:128:512");
  EXPECT_THAT(ranges_around(ids_of(1, 600), measured[2], measured), IsEmpty()) << "longer than any";
  EXPECT_THAT(ranges_around(ids_of(2, 100), measured[1], measured), IsEmpty()) << "another batch than any";
  const std::vector<std::vector<InputSpec>> one{ids_of(1, 16)};
  EXPECT_THAT(ranges_around(ids_of(1, 16), one[0], one), IsEmpty()) << "nothing ranges";
}

}  // namespace
}  // namespace podium::backend
