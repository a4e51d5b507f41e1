#include "data/preprocess.h"

#include <numeric>

#include "core/numbers.h"
#include "data_fixture.h"

namespace podium::data {
namespace {

const WantedInput image{"image", DataType::float32, {1, 3, 224, 224}, true};

std::vector<std::byte> prepared(const Picture& picture, const PictureLayout& layout, const Preprocessing& declared = {}) {
  return preprocess(picture, layout, declared).value();
}

std::vector<float> photo_as_floats() {
  const Picture photo = read_picture(photos() / "imagenet_00_243.jpg").value();
  return values_of<float>(prepared(photo, picture_layout(image).value()));
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
  const std::vector<float> last = values_of<float>(prepared(photo, layout));
  ASSERT_EQ(last.size(), first.size());
  for (const std::size_t place : {std::size_t{0}, std::size_t{12'345}, std::size_t{50'175}}) {
    for (std::size_t channel = 0; channel < 3; ++channel) EXPECT_EQ(last[place * 3 + channel], first[channel * 224 * 224 + place]);
  }
}

TEST(Preprocess, GivesEveryFloatingPointTypeTheSameValues) {
  const Picture photo = read_picture(photos() / "imagenet_00_243.jpg").value();
  const std::vector<float> expected = photo_as_floats();
  for (const DataType type : {DataType::float64, DataType::float16, DataType::bfloat16}) {
    const auto tensor = prepared(photo, picture_layout({"image", type, {1, 3, 224, 224}, true}).value());
    const std::vector<float> values = to_floats(tensor.data(), type, expected.size());
    for (std::size_t i = 0; i < expected.size(); i += 997) EXPECT_NEAR(values[i], expected[i], 0.01F) << to_string(type);
  }
}

TEST(Preprocess, GivesBytesTheirPixels) {
  const auto layout = picture_layout({"image", DataType::uint8, {1, 4, 4, 3}, true}).value();
  const auto bytes = values_of<std::uint8_t>(prepared({8, 8, std::vector<std::uint8_t>(8 * 8 * 3, 77)}, layout));
  EXPECT_THAT(bytes, testing::Each(77));
}

TEST(Preprocess, CutsTheMiddleOutOfWideAndTallPictures) {
  const auto layout = picture_layout({"image", DataType::uint8, {1, 112, 112, 3}, true}).value();
  for (const Picture& picture : {ramp(600, 300), ramp(300, 600), ramp(300, 300)}) {
    const auto bytes = values_of<std::uint8_t>(prepared(picture, layout));
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
  const auto bytes = values_of<std::uint8_t>(prepared(ramp(300, 300), layout));
  ASSERT_EQ(bytes.size(), 56U * 112 * 3);
  EXPECT_NEAR(bytes[0], 255.0 * 8 / 128, 3);   // the width decides the scale
  EXPECT_NEAR(bytes[1], 255.0 * 36 / 128, 3);  // (128 - 56) / 2 rows are cut off above
}

TEST(Preprocess, EnlargesPicturesThatAreTooSmall) {
  const auto layout = picture_layout(image).value();
  EXPECT_EQ(prepared(ramp(5, 9), layout).size(), 3U * 224 * 224 * 4);
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

/// What a picture of one colour becomes, in its three channels.
std::vector<float> colour_becomes(std::string_view json, std::array<std::uint8_t, 3> colour) {
  const Preprocessing declared = parse_preprocessing(json, "it").value();
  Picture picture{8, 8, {}};
  for (int i = 0; i < 64; ++i) picture.pixels.insert(picture.pixels.end(), colour.begin(), colour.end());
  const auto layout = picture_layout({"image", DataType::float32, {1, 3, 4, 4}, true}, declared).value();
  const auto tensor = values_of<float>(prepared(picture, layout, declared));
  return {tensor[0], tensor[16], tensor[32]};
}

TEST(DeclaredPreprocessing, ScalesTakesTheMeanAwayAndDivides) {
  EXPECT_THAT(colour_becomes(R"({"scale": 1, "mean": 127, "std": 128})", {255, 127, 0}), testing::ElementsAre(1.0F, 0.0F, -127.0F / 128));
  EXPECT_THAT(colour_becomes(R"({"std": [1, 0.5, 0.25]})", {255, 255, 255}), testing::ElementsAre(1.0F, 2.0F, 4.0F));
  EXPECT_THAT(colour_becomes("{}", {255, 0, 255}), testing::ElementsAre(1.0F, 0.0F, 1.0F));
}

TEST(DeclaredPreprocessing, PutsBlueFirstWhereItIsAsked) {
  EXPECT_THAT(colour_becomes(R"({"scale": 1, "channels": "BGR", "mean": [1, 2, 3]})", {10, 20, 30}),
              testing::ElementsAre(29.0F, 18.0F, 7.0F));
}

TEST(DeclaredPreprocessing, CutsTheMiddleOutOfAPictureThatIsLeftAsItIs) {
  const Preprocessing declared = parse_preprocessing(R"({"resize": null, "scale": 1})", "it").value();
  const auto layout = picture_layout({"image", DataType::float32, {1, 3, 2, 2}, true}, declared).value();
  const auto tensor = values_of<float>(prepared(ramp(4, 4), layout, declared));
  EXPECT_THAT(std::vector<float>(tensor.begin(), tensor.begin() + 4), testing::ElementsAre(85, 170, 85, 170));
}

TEST(DeclaredPreprocessing, ScalesTheShortSideOrBoth) {
  const PictureLayout layout{4, 4, false, DataType::float32};
  Preprocessing declared;
  declared.resize = Preprocessing::Resize::short_side;
  declared.short_side = 3;
  EXPECT_THAT(preprocess(ramp(60, 30), layout, declared).error(), testing::HasSubstr("3x6 pixels once scaled, and 4x4"));
  declared.short_side = 4;
  EXPECT_TRUE(preprocess(ramp(60, 30), layout, declared));
  declared.resize = Preprocessing::Resize::exact;
  declared.exact = {4, 3};
  EXPECT_THAT(preprocess(ramp(60, 30), layout, declared).error(), testing::HasSubstr("4x3 pixels"));
}

TEST(DeclaredPreprocessing, RefusesWhatItDoesNotKnowOrCannotBe) {
  const auto message = [](std::string_view json) { return parse_preprocessing(json, "'p.json'").error().message; };
  EXPECT_THAT(message(R"({"meen": 1})"), testing::HasSubstr("'p.json': 'meen' is not known, did you mean 'mean'?"));
  EXPECT_THAT(message("[1]"), testing::HasSubstr("not a JSON object"));
  EXPECT_THAT(message("{"), testing::HasSubstr("not JSON"));
  EXPECT_THAT(message(R"({"resize": 0})"), testing::HasSubstr("'resize' must be a size"));
  EXPECT_THAT(message(R"({"resize": 1e9})"), testing::HasSubstr("'resize' must be a size"));
  EXPECT_THAT(message(R"({"std": [1, 0, 1]})"), testing::HasSubstr("'std' must be above 0"));
  EXPECT_THAT(message(R"({"mean": [1, 2]})"), testing::HasSubstr("a number, or three"));
  EXPECT_THAT(message(R"({"scale": "1"})"), testing::HasSubstr("'scale' must be a number"));
  EXPECT_THAT(message(R"({"channels": "RBG"})"), testing::HasSubstr("\"RGB\" or \"BGR\""));
  EXPECT_THAT(message(R"({"layout": 3})"), testing::HasSubstr("NCHW"));
  EXPECT_THAT(message(R"({"mean": 127, "std": 128})"), testing::HasSubstr("beyond pixels of 0 … 1"));
}

TEST(DeclaredPreprocessing, IsRefusedWhereTheModelsInputIsOtherwise) {
  const auto refusal = [](std::string_view json, DataType type, const Shape& shape) {
    return picture_layout({"image", type, shape, true}, parse_preprocessing(json, "it").value()).error().message;
  };
  EXPECT_THAT(refusal(R"({"crop": 240})", DataType::float32, {1, 3, 224, 224}),
              testing::HasSubstr("cuts out 240x240 pixels, and it takes 224x224"));
  EXPECT_THAT(refusal(R"({"layout": "NHWC"})", DataType::float32, {1, 3, 224, 224}), testing::HasSubstr("not the NxHxWx3 declared"));
  EXPECT_THAT(refusal(R"({"scale": 1})", DataType::uint8, {1, 3, 8, 8}), testing::HasSubstr("takes pixels as bytes"));
  const auto ambiguous =
      picture_layout({"image", DataType::float32, {1, 3, 8, 3}, true}, parse_preprocessing(R"({"layout": "NHWC"})", "it").value());
  EXPECT_TRUE(ambiguous->channels_last);
}

}  // namespace
}  // namespace podium::data
