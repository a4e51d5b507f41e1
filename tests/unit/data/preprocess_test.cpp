#include "data/preprocess.h"

#include <numeric>

#include "core/numbers.h"
#include "data_fixture.h"

namespace podium::data {
namespace {

const WantedInput image{"image", DataType::float32, {1, 3, 224, 224}, true};

std::vector<float> photo_as_floats() {
  const Picture photo = read_picture(photos() / "imagenet_00_243.jpg").value();
  return values_of<float>(preprocess(photo, picture_layout(image).value()));
}

/// A picture whose red tells the column and whose green tells the row.
Picture ramp(std::int64_t width, std::int64_t height) {
  Picture picture{width, height, {}};
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      const auto part = [](std::int64_t at, std::int64_t size) { return static_cast<std::uint8_t>(at * 255 / (size - 1)); };
      picture.pixels.insert(picture.pixels.end(), {part(x, width), part(y, height), 0});
    }
  }
  return picture;
}

TEST(Preprocess, AgreesWithTorchvision) {
  const std::vector<float> tensor = photo_as_floats();
  ASSERT_EQ(tensor.size(), 3U * 224 * 224);
  constexpr std::size_t area = 224 * 224;
  // Resize(256), CenterCrop(224), ToTensor, Normalize of torchvision on the same photo, read by Pillow.
  constexpr float means[] = {-0.1191F, -0.08038F, -0.29771F};
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const auto first = tensor.begin() + static_cast<std::ptrdiff_t>(channel * area);
    EXPECT_NEAR(std::accumulate(first, first + area, 0.0) / area, means[channel], 0.005);
  }
  constexpr float two_steps = 2.0F / 255 / 0.224F;  // Pillow rounds to a byte between its passes
  EXPECT_NEAR(tensor[0], 1.3755F, two_steps);
  EXPECT_NEAR(tensor[area + 100 * 224 + 50], -1.6856F, two_steps);
  EXPECT_NEAR(tensor[2 * area + 223 * 224 + 223], -1.0898F, two_steps);
  EXPECT_NEAR(tensor[112 * 224 + 112], -0.7993F, two_steps);
}

TEST(Preprocess, PutsChannelsLastWhereTheModelWantsThemSo) {
  const Picture photo = read_picture(photos() / "imagenet_00_243.jpg").value();
  const std::vector<float> first = photo_as_floats();
  const auto layout = picture_layout({"image", DataType::float32, {1, 224, 224, 3}, true}).value();
  const std::vector<float> last = values_of<float>(preprocess(photo, layout));
  ASSERT_EQ(last.size(), first.size());
  for (const std::size_t place : {std::size_t{0}, std::size_t{12'345}, std::size_t{50'175}}) {
    for (std::size_t channel = 0; channel < 3; ++channel) EXPECT_EQ(last[place * 3 + channel], first[channel * 224 * 224 + place]);
  }
}

TEST(Preprocess, GivesEveryFloatingPointTypeTheSameValues) {
  const Picture photo = read_picture(photos() / "imagenet_00_243.jpg").value();
  const std::vector<float> expected = photo_as_floats();
  for (const DataType type : {DataType::float64, DataType::float16, DataType::bfloat16}) {
    const auto tensor = preprocess(photo, picture_layout({"image", type, {1, 3, 224, 224}, true}).value());
    const std::vector<float> values = to_floats(tensor.data(), type, expected.size());
    for (std::size_t i = 0; i < expected.size(); i += 997) EXPECT_NEAR(values[i], expected[i], 0.01F) << to_string(type);
  }
}

TEST(Preprocess, GivesBytesTheirPixels) {
  const auto layout = picture_layout({"image", DataType::uint8, {1, 4, 4, 3}, true}).value();
  const auto bytes = values_of<std::uint8_t>(preprocess({8, 8, std::vector<std::uint8_t>(8 * 8 * 3, 77)}, layout));
  EXPECT_THAT(bytes, testing::Each(77));
}

TEST(Preprocess, CutsTheMiddleOutOfWideAndTallPictures) {
  const auto layout = picture_layout({"image", DataType::uint8, {1, 112, 112, 3}, true}).value();
  for (const Picture& picture : {ramp(600, 300), ramp(300, 600), ramp(300, 300)}) {
    const auto bytes = values_of<std::uint8_t>(preprocess(picture, layout));
    ASSERT_EQ(bytes.size(), 112U * 112 * 3);
    const std::size_t middle = (56 * 112 + 56) * 3;
    EXPECT_NEAR(bytes[middle], 128, 2);
    EXPECT_NEAR(bytes[middle + 1], 128, 2);
    // Of 128 pixels on the short side 112 are kept: 8 of 128 are cut off on each end.
    const double ends = 255.0 * 8 / 128;
    const bool wide = picture.width > picture.height;
    EXPECT_NEAR(bytes[wide ? 1 : 0], ends, 3);
  }
}

TEST(Preprocess, CoversAnInputThatIsNotSquare) {
  const auto layout = picture_layout({"image", DataType::uint8, {1, 56, 112, 3}, true}).value();
  const auto bytes = values_of<std::uint8_t>(preprocess(ramp(300, 300), layout));
  ASSERT_EQ(bytes.size(), 56U * 112 * 3);
  EXPECT_NEAR(bytes[0], 255.0 * 8 / 128, 3);   // the width decides the scale
  EXPECT_NEAR(bytes[1], 255.0 * 36 / 128, 3);  // (128 - 56) / 2 rows are cut off above
}

TEST(Preprocess, EnlargesPicturesThatAreTooSmall) {
  const auto layout = picture_layout(image).value();
  EXPECT_EQ(preprocess(ramp(5, 9), layout).size(), 3U * 224 * 224 * 4);
}

TEST(PictureLayout, NamesAnInputThatTakesNoPictures) {
  const auto refuse = [](const WantedInput& input, const std::string& part) {
    const auto layout = picture_layout(input);
    ASSERT_FALSE(layout);
    EXPECT_EQ(layout.error().code, ErrorCode::wrong_use);
    EXPECT_THAT(layout.error().message, testing::HasSubstr("'odd' takes no pictures"));
    EXPECT_THAT(layout.error().message, testing::HasSubstr(part));
    EXPECT_THAT(layout.error().remedy, testing::HasSubstr(".npz"));
  };
  refuse({"odd", DataType::float32, {1, 1, 28, 28}, true}, "1x1x28x28");
  refuse({"odd", DataType::int64, {1, 128}, true}, "1x128");
  refuse({"odd", DataType::int64, {1, 3, 8, 8}, true}, "int64");
  refuse({"odd", DataType::float32, {2, 3, 8, 8}, true}, "2x3x8x8");
  refuse({"odd", DataType::float32, {1, 3, 0, 8}, true}, "1x3x0x8");
  refuse({"odd", DataType::float32, {1, 3, std::int64_t{1} << 40, 8}, true}, "1x3x");
}

}  // namespace
}  // namespace podium::data
