#include "data/share.h"

#include <set>

#include "data_fixture.h"

namespace podium::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Samples of one byte each, from `first` on.
InputSet numbers(int count, int first = 0) {
  InputSet set{{}, {}, "numbers", true};
  for (int i = first; i < first + count; ++i) {
    set.samples.push_back({{std::byte(i)}});
    set.sources.push_back({"number " + std::to_string(i), {}});
  }
  return set;
}

std::vector<int> contents_of(const InputSet& set) {
  std::vector<int> contents;
  for (const Sample& sample : set.samples) contents.push_back(std::to_integer<int>(sample[0][0]));
  return contents;
}

TEST(SharedData, AreCalibratedWithBeyondThoseThatAreJudgedBy) {
  const Split parts = share(numbers(32), numbers(40), 0).value();
  EXPECT_EQ(parts.test.samples.size(), 32U);
  EXPECT_THAT(contents_of(parts.calibration), ElementsAre(32, 33, 34, 35, 36, 37, 38, 39));
}

TEST(SharedData, ThatWouldAllBeJudgedByAreKeptBackInPart) {
  for (const auto& [count, kept_back] : {std::pair{20, 8U}, std::pair{16, 8U}, std::pair{48, 12U}, std::pair{256, 64U}}) {
    const Split parts = share(numbers(count), numbers(count), 0).value();
    EXPECT_EQ(parts.calibration.samples.size(), kept_back) << count;
    EXPECT_EQ(parts.test.samples.size(), static_cast<std::size_t>(count) - kept_back) << count;
    EXPECT_TRUE(check_disjoint(parts.calibration, parts.test)) << count;
  }
}

TEST(SharedData, AreKeptBackBesidesTheFewThatAreLeft) {
  const Split parts = share(numbers(12), numbers(17), 0).value();
  EXPECT_EQ(parts.calibration.samples.size(), 8U);
  EXPECT_EQ(parts.calibration.sources.size(), 8U);
  EXPECT_EQ(parts.test.samples.size(), 9U);
  EXPECT_TRUE(check_disjoint(parts.calibration, parts.test));
  EXPECT_THAT(parts.calibration.description, HasSubstr("8 of numbers"));
}

TEST(SharedData, KeepTheLabelsOfThoseThatAreJudgedBy) {
  InputSet labelled = numbers(20);
  labelled.labels = Labels{{}, 1, true, "labels"};
  for (int i = 0; i < 20; ++i) labelled.labels->values.push_back(static_cast<float>(i));
  const Split parts = share(labelled, numbers(20), 5).value();
  EXPECT_FALSE(parts.calibration.labels);
  const std::vector<int> judged = contents_of(parts.test);
  ASSERT_EQ(parts.test.labels->rows(), judged.size());
  for (std::size_t i = 0; i < judged.size(); ++i) EXPECT_EQ(static_cast<int>(parts.test.labels->values[i]), judged[i]);
}

TEST(SharedData, OfTooFewDifferentInputsAreRefusedWithTheNumber) {
  const auto refused = share(numbers(15), numbers(15), 0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unsupported);
  EXPECT_THAT(refused.error().message, HasSubstr("hold 15"));
  EXPECT_THAT(refused.error().remedy, HasSubstr("--calibrate"));
  InputSet doubled = numbers(10);
  for (const Sample& sample : numbers(10).samples) doubled.samples.push_back(sample);
  EXPECT_THAT(share(doubled, doubled, 0).error().message, HasSubstr("hold 10"));
}

TEST(SharedData, OfEqualContentAreNeverOnBothSides) {
  InputSet doubled = numbers(24);
  for (const Sample& sample : numbers(24).samples) doubled.samples.push_back(sample);
  const InputSet first = numbers(24);
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const Split parts = share(first, doubled, seed).value();
    EXPECT_TRUE(check_disjoint(parts.calibration, parts.test)) << seed;
  }
}

}  // namespace
}  // namespace podium::data
