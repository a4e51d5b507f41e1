#include "data/photo_views.h"

#include <gtest/gtest.h>

#include <set>

#include "core/sha256.h"
#include "data/split.h"
#include "data_fixture.h"

namespace podium::data {
namespace {

constexpr std::uint32_t side = 32;

/// A photo that is red on its left and blue on its right; `green` tells one from another.
std::filesystem::path photo(const TemporaryFolder& folder, const std::string& name, std::uint8_t green) {
  std::vector<std::uint8_t> pixels;
  for (std::uint32_t y = 0; y < side; ++y) {
    for (std::uint32_t x = 0; x < side; ++x) {
      const std::uint8_t red = x < side / 2 ? 255 : 0;
      pixels.insert(pixels.end(), {red, green, static_cast<std::uint8_t>(255 - red)});
    }
  }
  return write_png(folder, name, side, side, PNG_FORMAT_RGB, pixels);
}

/// An input that takes pixels as bytes, so that they can be read back.
const std::vector<WantedInput> image{{"image", DataType::uint8, {1, 3, 16, 16}, true}};

std::uint8_t red_at(const Sample& sample, std::size_t x) {
  return std::to_integer<std::uint8_t>(sample.front()[8 * 16 + x]);
}

class PhotoViews : public ::testing::Test {
 protected:
  Result<InputSet> read(std::size_t limit, const std::vector<WantedInput>& inputs = image) {
    ReadOptions options;
    options.limit = limit;
    return read_photo_views({photo(folder_, "a.png", 10), photo(folder_, "b.png", 200)}, inputs, options);
  }
  TemporaryFolder folder_;
};

TEST_F(PhotoViews, AreTheWholesOfAllBeforeTheirMirrorImagesAndCorners) {
  const auto set = read(5);
  ASSERT_TRUE(set) << set.error().message;
  std::vector<std::string> names;
  for (const SampleSource& source : set->sources) names.push_back(source.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"a.png (whole)", "b.png (whole)", "a.png (mirrored)", "b.png (mirrored)", "a.png (upper left)"}));
  EXPECT_EQ(set->description, "5 views of 2 photos");
  EXPECT_TRUE(set->real);
  EXPECT_EQ(red_at(set->samples[0], 0), 255);
  EXPECT_EQ(red_at(set->samples[0], 15), 0);
  EXPECT_EQ(red_at(set->samples[2], 0), 0) << "mirrored";
  EXPECT_EQ(red_at(set->samples[2], 15), 255) << "mirrored";
  EXPECT_EQ(red_at(set->samples[4], 9), 255) << "the left corner holds more of the left half";
}

TEST_F(PhotoViews, AreSixOfEachPhotoAllDifferent) {
  const auto set = read(1000);
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_EQ(set->samples.size(), 12U);
  EXPECT_EQ(set->available, 12U);
  const std::set<Sample> different(set->samples.begin(), set->samples.end());
  EXPECT_GE(different.size(), 8U) << "upper and lower corners of these photos are equal, all else is not";
}

TEST_F(PhotoViews, OfOnePhotoStayOnOneSideOfASplit) {
  const auto set = read(1000);
  ASSERT_TRUE(set) << set.error().message;
  const auto parts = split(*set, 2, 0);
  ASSERT_TRUE(parts) << parts.error().message;
  EXPECT_EQ(parts->calibration.samples.size(), 6U) << "a whole photo, though two samples were asked for";
  EXPECT_TRUE(check_disjoint(parts->calibration, parts->test));
}

TEST_F(PhotoViews, AreRefusedToAModelThatTakesNoPictures) {
  expect_error(read(4, {{"tokens", DataType::int64, {1, 128}, true}}), ErrorCode::wrong_use, {"takes no pictures"});
  expect_error(read(4, {image.front(), image.front()}), ErrorCode::wrong_use, {"2 inputs"});
}

}  // namespace
}  // namespace podium::data
