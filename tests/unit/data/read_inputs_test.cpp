#include "data_fixture.h"

namespace podium::data {
namespace {

using testing::HasSubstr;

const std::vector<WantedInput> image{{"image", DataType::uint8, {1, 7, 7, 3}, true}};

/// A picture of one colour, by which it is known again.
void write_plain(const TemporaryFolder& folder, const std::string& name, std::uint8_t colour) {
  write_png(folder, name, 8, 8, PNG_FORMAT_RGB, std::vector<std::uint8_t>(8 * 8 * 3, colour));
}

TEST(PictureFolder, IsReadInOrderOfFileName) {
  const TemporaryFolder folder;
  write_plain(folder, "b.png", 2);
  write_plain(folder, "a.PNG", 1);
  write_plain(folder, "c.jpeg", 3);
  folder.write("labels.txt", "not a picture");
  std::filesystem::create_directory(folder.path() / "d.png");
  const InputSet set = read_inputs(folder.path(), image, 10).value();
  ASSERT_EQ(set.samples.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(std::to_integer<int>(set.samples[i][0][0]), static_cast<int>(i) + 1);
  EXPECT_TRUE(set.real);
  EXPECT_THAT(set.description, HasSubstr("3 pictures from"));
}

TEST(PictureFolder, IsReadUpToTheLimit) {
  const TemporaryFolder folder;
  write_plain(folder, "a.png", 1);
  write_plain(folder, "b.png", 2);
  folder.write("c.png", "damaged, and never looked at");
  EXPECT_EQ(read_inputs(folder.path(), image, 2)->samples.size(), 2U);
}

TEST(PictureFolder, OfRealPhotosIsRead) {
  const InputSet set = read_inputs(photos(), {{"image", DataType::float32, {1, 3, 224, 224}, true}}, 200).value();
  EXPECT_GE(set.samples.size(), 20U);
  for (const Sample& sample : set.samples) ASSERT_EQ(sample[0].size(), 3U * 224 * 224 * 4);
}

TEST(PictureFolder, NamesThePictureThatCannotBeRead) {
  const TemporaryFolder folder;
  write_plain(folder, "a.png", 1);
  folder.write("b.jpg", slurp(photos() / "imagenet_00_243.jpg").substr(0, 5000));
  expect_error(read_inputs(folder.path(), image, 10), ErrorCode::bad_input, {"b.jpg"});
}

TEST(PictureFolder, WithoutPicturesIsRefused) {
  const TemporaryFolder folder;
  folder.write("labels.txt", "");
  expect_error(read_inputs(folder.path(), image, 10), ErrorCode::bad_input, {"no picture", folder.path().string()});
  std::filesystem::create_directory(folder.path() / "cats");
  EXPECT_THAT(read_inputs(folder.path(), image, 10).error().remedy, HasSubstr("one of the folders in it"));
}

TEST(PictureFolder, ServesModelsWithOneInputOnly) {
  expect_error(read_inputs(photos(), {image[0], image[0]}, 10), ErrorCode::wrong_use, {"the model has 2 inputs"});
  expect_error(read_inputs(photos(), {}, 10), ErrorCode::wrong_use, {"the model has 0 inputs"});
}

TEST(ReadInputs, NamesWhatIsMissingOrOfAnotherKind) {
  const TemporaryFolder folder;
  expect_error(read_inputs(folder.path() / "nothing.npz", image, 1), ErrorCode::bad_input, {"nothing.npz"});
  expect_error(read_inputs(folder.write("data.csv", "1,2,3"), image, 1), ErrorCode::bad_input, {"data.csv", "neither a .npz nor a .npy"});
  expect_error(read_inputs(folder.write("empty.npz", ""), image, 1), ErrorCode::bad_input, {"empty.npz"});
  expect_error(read_inputs("/dev/null", image, 1), ErrorCode::bad_input, {"not a regular file"});
}

}  // namespace
}  // namespace podium::data
