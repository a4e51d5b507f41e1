#include "data_fixture.h"

namespace podium::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<WantedInput> image{{"image", DataType::uint8, {1, 7, 7, 3}, true}};

ReadOptions labels_by(LabelSource source) {
  ReadOptions options;
  options.label_source = source;
  options.classes = 10;
  return options;
}

/// A folder of plain pictures.
class PictureLabels : public testing::Test {
 protected:
  void picture(const std::string& name) {
    std::filesystem::create_directories((folder_.path() / name).parent_path());
    write_png(folder_, name, 8, 8, PNG_FORMAT_RGB, std::vector<std::uint8_t>(8 * 8 * 3, static_cast<std::uint8_t>(++pictures_)));
  }
  Result<InputSet> read(const ReadOptions& options = labels_by(LabelSource::automatic)) const {
    return read_inputs(folder_.path(), image, options);
  }
  std::vector<float> labels(const ReadOptions& options = labels_by(LabelSource::automatic)) const { return read(options)->labels->values; }

  TemporaryFolder folder_;
  int pictures_ = 0;
};

TEST_F(PictureLabels, AreReadFromNamesThatCanHardlyMeanAnythingElse) {
  for (const char* name : {"photo_00_7.png", "photo_01_3.png", "photo_02_7.png"}) picture(name);
  EXPECT_THAT(labels(), ElementsAre(7, 3, 7));
  EXPECT_THAT(read()->description, HasSubstr("3 labelled pictures from"));
  EXPECT_EQ(read()->labels->source, "file names");
  EXPECT_FALSE(read(labels_by(LabelSource::none))->labels);
}

TEST_F(PictureLabels, AreNotGuessedFromOtherNames) {
  for (const char* name : {"IMG_20260101_1.png", "IMG_20260101_2.png"}) picture(name);
  EXPECT_FALSE(read()->labels) << "the date stands twice where an index would";
  EXPECT_THAT(read()->description, HasSubstr("2 pictures from"));
  EXPECT_THAT(labels(labels_by(LabelSource::file_names)), ElementsAre(1, 2));
}

TEST_F(PictureLabels, AreNotGuessedBeyondTheModelsClasses) {
  for (const char* name : {"photo_00_7.png", "photo_01_12.png"}) picture(name);
  EXPECT_FALSE(read()->labels);
  ReadOptions unknown = labels_by(LabelSource::automatic);
  unknown.classes.reset();
  EXPECT_FALSE(read(unknown)->labels);
}

TEST_F(PictureLabels, ThatAreAskedOfNamesMustBeInEach) {
  picture("photo_1.png");
  picture("photo_x.png");
  expect_error(read(labels_by(LabelSource::file_names)), ErrorCode::bad_input, {"photo_x.png", "no number"});
}

TEST_F(PictureLabels, OfRealPhotosAreTheLastNumbersOfTheirNames) {
  const TemporaryFolder copies;
  for (const char* name : {"imagenet_00_243.jpg", "imagenet_01_559.jpg", "imagenet_15_99.jpg"})
    std::filesystem::copy_file(photos() / name, copies.path() / name);
  ReadOptions options = labels_by(LabelSource::automatic);
  options.classes = 1000;
  EXPECT_THAT(read_inputs(copies.path(), image, options)->labels->values, ElementsAre(243, 559, 99));
}

TEST_F(PictureLabels, AreFoldersInOrderOfName) {
  for (const char* name : {"dogs/a.png", "cats/a.png", "cats/b.png"}) picture(name);
  std::filesystem::create_directory(folder_.path() / "birds");
  const InputSet set = read().value();
  EXPECT_THAT(set.labels->values, ElementsAre(1, 1, 2)) << "birds are class 0 though there is no picture of one";
  EXPECT_EQ(set.sources[2].name, "dogs/a.png");
}

TEST_F(PictureLabels, OfFoldersAreSpreadWhereThereAreTooMany) {
  for (const char* name : {"a/1.png", "a/2.png", "b/1.png", "b/2.png"}) picture(name);
  ReadOptions options = labels_by(LabelSource::automatic);
  options.labelled_limit = 2;
  EXPECT_THAT(labels(options), ElementsAre(0, 1));
}

TEST_F(PictureLabels, AreReadFromATableInTheFolder) {
  for (const char* name : {"b.png", "a, the first.png", "more/c.png", "d.png"}) picture(name);
  folder_.write("labels.csv", "file,label\r\nmore/c.png,2\r\n\"a, the first.png\",0\r\nb.png,1\r\n\r\n");
  const InputSet set = read().value();
  EXPECT_THAT(set.labels->values, ElementsAre(0, 1, 2));
  EXPECT_TRUE(set.labels->are_classes);
}

TEST_F(PictureLabels, OfATableThatAreNoWholeNumbersAreNumbersToPredict) {
  picture("a.png");
  folder_.write("labels.csv", "a.png,0.5\n");
  EXPECT_FALSE(read()->labels->are_classes);
}

TEST_F(PictureLabels, OfATableNameWhatIsWrongInIt) {
  picture("a.png");
  const auto expect = [this](const std::string& table, std::initializer_list<std::string> parts) {
    folder_.write("labels.csv", table);
    expect_error(read(), ErrorCode::bad_input, parts);
  };
  expect("a.png,1\nb.png,2\n", {"'b.png'", "no file in"});
  expect("../a.png,1\n", {"'../a.png'"});
  expect("/etc/hostname,1\n", {"'/etc/hostname'"});
  expect("a.png,1\na.png,2\n", {"line 2", "a second time"});
  expect("a.png,cat\nb.png,dog\n", {"line 2", "'dog', which is no number"});
  expect("a.png\n", {"line 1", "a file and a label"});
  expect("a.png,1,2\n", {"line 1"});
  expect("\"a.png,1\n", {"line 1"});
  expect("a.png,nan\nb.png,1\n", {"no file in"});
  expect("file,label\n", {"holds no labels"});
  expect("", {"holds no labels"});
}

TEST_F(PictureLabels, OfATableThatIsNotThereAreAnError) {
  picture("a.png");
  ReadOptions options = labels_by(LabelSource::file);
  options.label_file = folder_.path() / "nothing.csv";
  const auto set = read(options);
  ASSERT_FALSE(set);
  EXPECT_THAT(set.error().message, HasSubstr("nothing.csv"));
}

TEST_F(PictureLabels, DoNotKeepAPreprocessingFileFromBeingRead) {
  picture("a.png");
  folder_.write("preprocess.json", R"({"resize": 8, "mean": 3})");
  expect_error(read(), ErrorCode::bad_input, {"preprocess.json", "a mean of 3"});
  folder_.write("preprocess.json", R"({"resize": 8})");
  EXPECT_TRUE(read());
}

const std::vector<WantedInput> features{{"x", DataType::float32, {1, 2}, true}};

std::map<std::string, std::string> four_samples() {
  return {{"x.npy", npy("<f4", "(4, 2)", bytes_of(std::vector<float>(8, 1.0F)))}};
}

Result<InputSet> read_with_labels(const std::string& labels, ReadOptions options = {}) {
  const TemporaryFolder folder;
  auto members = four_samples();
  members["labels.npy"] = labels;
  return read_inputs(write_zip(folder, "data.npz", members), features, options);
}

TEST(ArrayLabels, OfWholeNumbersAreClasses) {
  const InputSet set = read_with_labels(npy("<i8", "(4,)", bytes_of<std::int64_t>({3, 1, 2, 0}))).value();
  EXPECT_THAT(set.labels->values, ElementsAre(3, 1, 2, 0));
  EXPECT_TRUE(set.labels->are_classes);
  EXPECT_THAT(set.description, HasSubstr("4 labelled samples"));
}

TEST(ArrayLabels, OfFractionsAreNumbersToPredictOneOrSeveralASample) {
  const InputSet set = read_with_labels(npy("<f4", "(4, 3)", bytes_of(std::vector<float>(12, 0.5F)))).value();
  EXPECT_FALSE(set.labels->are_classes);
  EXPECT_EQ(set.labels->rows(), 4U);
}

TEST(ArrayLabels, MayBeForPairsOfSamples) {
  const InputSet set = read_with_labels(npy("<f8", "(2,)", bytes_of<double>({4.5, 0.5}))).value();
  EXPECT_EQ(set.labels->rows(), 2U);
  EXPECT_FALSE(set.labels->are_classes);
}

TEST(ArrayLabels, AreCutToTheSamplesThatWereRead) {
  ReadOptions options;
  options.labelled_limit = 2;
  EXPECT_THAT(read_with_labels(npy("<i8", "(4,)", bytes_of<std::int64_t>({3, 1, 2, 0})), options)->labels->values, ElementsAre(3, 1));
  EXPECT_THAT(read_with_labels(npy("<f4", "(2,)", bytes_of<float>({3, 1})), options)->labels->values, ElementsAre(3));
}

TEST(ArrayLabels, ThatDoNotFitAreRefused) {
  expect_error(read_with_labels(npy("<i8", "(3,)", bytes_of<std::int64_t>({3, 1, 2}))), ErrorCode::bad_input,
               {"'labels'", "there are 4 samples"});
  expect_error(read_with_labels(npy("<i8", "(4,)", bytes_of<std::int64_t>({3, -1, 2, 0}))), ErrorCode::bad_input, {"-1", "counted from 0"});
  expect_error(read_with_labels(npy("<i8", "()", bytes_of<std::int64_t>({3}))), ErrorCode::bad_input, {"'labels'"});
  expect_error(read_with_labels(npy("<i8", "(4,)", "short")), ErrorCode::bad_input, {"cut off"});
  expect_error(read_with_labels(npy("<i8", "(99999999999,)", "")), ErrorCode::bad_input, {"too many"});
}

TEST(ArrayLabels, MayLieInAFileOfTheirOwn) {
  const TemporaryFolder folder;
  folder.write("data.npy", npy("<f4", "(4, 2)", bytes_of(std::vector<float>(8, 1.0F))));
  folder.write("right.npy", npy("<i4", "(4,)", bytes_of<std::int32_t>({1, 0, 1, 0})));
  ReadOptions options = labels_by(LabelSource::file);
  options.label_file = folder.path() / "right.npy";
  EXPECT_THAT(read_inputs(folder.path() / "data.npy", features, options)->labels->values, ElementsAre(1, 0, 1, 0));
  options.label_file = folder.path() / "wrong.npy";
  expect_error(read_inputs(folder.path() / "data.npy", features, options), ErrorCode::bad_input, {"wrong.npy"});
  expect_error(read_inputs(folder.path() / "data.npy", features, labels_by(LabelSource::folders)), ErrorCode::wrong_use,
               {"neither file names nor folders"});
}

TEST(ArrayLabels, AreNotTakenFromAnInputOfThatName) {
  const TemporaryFolder folder;
  const auto file = write_zip(folder, "data.npz", {{"labels.npy", npy("<f4", "(4, 2)", bytes_of(std::vector<float>(8, 1.0F)))}});
  EXPECT_FALSE(read_inputs(file, {{"labels", DataType::float32, {1, 2}, true}}, ReadOptions{})->labels);
}

}  // namespace
}  // namespace podium::data
