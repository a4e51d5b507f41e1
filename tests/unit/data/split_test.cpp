#include "data/split.h"

#include <set>

#include "data_fixture.h"

namespace podium::data {
namespace {

using testing::HasSubstr;

InputSet samples_of(const std::vector<int>& contents) {
  InputSet set{{}, {}, "samples", true};
  for (const int content : contents) {
    set.samples.push_back({{std::byte(content)}});
    set.sources.push_back({"sample " + std::to_string(set.samples.size()), {}});
  }
  return set;
}

std::vector<int> contents_of(const InputSet& set) {
  std::vector<int> contents;
  for (const Sample& sample : set.samples) contents.push_back(std::to_integer<int>(sample[0][0]));
  return contents;
}

std::vector<int> numbers(int count) {
  std::vector<int> all;
  for (int i = 0; i < count; ++i) all.push_back(i);
  return all;
}

TEST(Split, IsDisjointAndWholeAndKeepsTheOrder) {
  const Split parts = split(samples_of(numbers(100)), 30, 1).value();
  EXPECT_EQ(parts.calibration.samples.size(), 30U);
  EXPECT_EQ(parts.test.samples.size(), 70U);
  EXPECT_TRUE(check_disjoint(parts.calibration, parts.test));
  const std::vector<int> test = contents_of(parts.test);
  EXPECT_TRUE(std::is_sorted(test.begin(), test.end()));
}

TEST(Split, IsTheSameForTheSameSeedOnly) {
  const InputSet set = samples_of(numbers(100));
  EXPECT_EQ(contents_of(split(set, 30, 1)->calibration), contents_of(split(set, 30, 1)->calibration));
  EXPECT_NE(contents_of(split(set, 30, 1)->calibration), contents_of(split(set, 30, 2)->calibration));
}

TEST(Split, KeepsEqualSamplesOnOneSide) {
  std::vector<int> contents = numbers(40);
  for (const int twice : numbers(40)) contents.push_back(twice);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Split parts = split(samples_of(contents), 20, seed).value();
    EXPECT_TRUE(check_disjoint(parts.calibration, parts.test)) << seed;
  }
}

TEST(Split, KeepsPairsAndTheirLabelsTogether) {
  InputSet set = samples_of(numbers(20));
  set.labels = Labels{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 1, false, "labels"};
  const Split parts = split(set, 8, 3).value();
  EXPECT_EQ(parts.calibration.samples.size(), 8U);
  ASSERT_EQ(parts.test.labels->rows(), 6U);
  const std::vector<int> test = contents_of(parts.test);
  for (std::size_t pair = 0; pair < 6; ++pair) {
    EXPECT_EQ(test[2 * pair], 2 * static_cast<int>(parts.test.labels->values[pair]));
    EXPECT_EQ(test[2 * pair + 1], test[2 * pair] + 1);
  }
}

TEST(Split, IsRefusedWhereNothingIsLeft) {
  EXPECT_EQ(split(samples_of(numbers(4)), 4, 0).error().code, ErrorCode::wrong_use);
  EXPECT_THAT(split(samples_of({7, 7, 7, 7}), 2, 0).error().message, HasSubstr("1 of different content"));
}

TEST(TwoSets, ThatShareASampleAreRefusedWithItsName) {
  EXPECT_TRUE(check_disjoint(samples_of({1, 2, 3}), samples_of({4, 5})));
  const auto shared = check_disjoint(samples_of({1, 2, 3}), samples_of({4, 2, 3}));
  ASSERT_FALSE(shared);
  EXPECT_THAT(shared.error().message, HasSubstr("2 of the samples"));
  EXPECT_THAT(shared.error().message, HasSubstr("sample 2, sample 3"));
}

TEST(TwoSets, ThatShareAFileAreRefusedThoughItWasPreparedOtherwise) {
  const TemporaryFolder folder;
  for (const char* name : {"test/x.jpg", "calibration/y.jpg"}) {
    std::filesystem::create_directories((folder.path() / name).parent_path());
    std::filesystem::copy_file(photos() / "imagenet_00_243.jpg", folder.path() / name);
  }
  const auto read = [&](const char* name, std::int64_t side) {
    return read_inputs(folder.path() / name, {{"image", DataType::uint8, {1, side, side, 3}, true}}, 10).value();
  };
  const auto shared = check_disjoint(read("calibration", 32), read("test", 64));
  ASSERT_FALSE(shared);
  EXPECT_THAT(shared.error().message, HasSubstr("x.jpg (there y.jpg)"));
}

TEST(TwoSets, NameNotMoreThanAScreenHolds) {
  const auto shared = check_disjoint(samples_of(numbers(50)), samples_of(numbers(50)));
  EXPECT_THAT(shared.error().message, HasSubstr("and 40 more"));
}

}  // namespace
}  // namespace podium::data
