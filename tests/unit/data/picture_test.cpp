#include "data/picture.h"

#include "data_fixture.h"

namespace podium::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

void expect_refused(const std::filesystem::path& file, const std::string& part) {
  const auto picture = read_picture(file);
  ASSERT_FALSE(picture) << file;
  EXPECT_EQ(picture.error().code, ErrorCode::bad_input);
  EXPECT_THAT(picture.error().message, HasSubstr(file.string()));
  EXPECT_THAT(picture.error().message, HasSubstr(part));
}

TEST(Picture, OfAPhotoIsRead) {
  const Picture picture = read_picture(photos() / "imagenet_00_243.jpg").value();
  EXPECT_EQ(picture.width, 512);
  EXPECT_EQ(picture.height, 512);
  EXPECT_EQ(picture.pixels.size(), 512U * 512 * 3);
}

TEST(Picture, ThatIsGreyGetsThreeEqualChannels) {
  const TemporaryFolder folder;
  const auto file = write_png(folder, "grey.png", 2, 1, PNG_FORMAT_GRAY, {7, 200});
  EXPECT_THAT(read_picture(file)->pixels, ElementsAre(7, 7, 7, 200, 200, 200));
}

TEST(Picture, LosesItsTransparency) {
  const TemporaryFolder folder;
  const auto file = write_png(folder, "clear.png", 2, 1, PNG_FORMAT_RGBA, {10, 20, 30, 255, 40, 50, 60, 128});
  EXPECT_THAT(read_picture(file)->pixels, ElementsAre(10, 20, 30, 40, 50, 60));
}

TEST(Picture, IsToldByContentNotByName) {
  const TemporaryFolder folder;
  const auto file = write_png(folder, "really-a-png.jpg", 1, 1, PNG_FORMAT_RGB, {1, 2, 3});
  EXPECT_THAT(read_picture(file)->pixels, ElementsAre(1, 2, 3));
}

TEST(Picture, CutOffIsRefused) {
  const TemporaryFolder folder;
  const std::string photo = slurp(photos() / "imagenet_00_243.jpg");
  for (const std::size_t size : {photo.size() / 2, photo.size() / 10, std::size_t{20}, std::size_t{3}}) {
    expect_refused(folder.write("cut.jpg", photo.substr(0, size)), "");
  }
  const auto whole = write_png(folder, "whole.png", 64, 64, PNG_FORMAT_RGB, std::vector<std::uint8_t>(64 * 64 * 3, 9));
  expect_refused(folder.write("cut.png", slurp(whole).substr(0, 60)), "");
}

TEST(Picture, ThatIsNoneIsRefused) {
  const TemporaryFolder folder;
  expect_refused(folder.write("empty.jpg", ""), "it is empty");
  expect_refused(folder.write("text.jpg", "hello"), "neither JPEG nor PNG");
  expect_refused(folder.path() / "missing.jpg", "");
}

TEST(Picture, WithDamagedBytesNeverCrashes) {
  const TemporaryFolder folder;
  const std::string photo = slurp(photos() / "imagenet_00_243.jpg");
  int refused = 0;
  for (std::size_t at = 2; at < 700; at += 7) {
    std::string damaged = photo;
    damaged[at] = static_cast<char>(~damaged[at]);
    refused += read_picture(folder.write("damaged.jpg", damaged)) ? 0 : 1;
  }
  EXPECT_GT(refused, 0);
}

TEST(Picture, ThatClaimsToBeHugeIsRefusedBeforeMemoryIsTaken) {
  const TemporaryFolder folder;
  std::string png = slurp(write_png(folder, "small.png", 1, 1, PNG_FORMAT_RGB, {1, 2, 3}));
  // Width and height stand big-endian at bytes 16 and 20; their check sum at byte 29 is of the header with 1000000 in both.
  const auto set_number = [&png](std::size_t at, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) png[at + i] = static_cast<char>(value >> (24 - 8 * i));
  };
  set_number(16, 1'000'000);
  set_number(20, 1'000'000);
  const auto crc = [](std::string_view bytes) {
    std::uint32_t sum = 0xFFFFFFFF;
    for (const char c : bytes) {
      sum ^= static_cast<unsigned char>(c);
      for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1U) ^ ((sum & 1U) != 0 ? 0xEDB88320U : 0U);
    }
    return ~sum;
  };
  set_number(29, crc(std::string_view(png).substr(12, 17)));
  expect_refused(folder.write("huge.png", png), "it has 1000000x1000000 pixels");
}

TEST(Picture, ThatIsAThinStripIsRefused) {
  const TemporaryFolder folder;
  expect_refused(write_png(folder, "strip.png", 1000, 2, PNG_FORMAT_GRAY, std::vector<std::uint8_t>(2000)), "too narrow");
}

}  // namespace
}  // namespace podium::data
