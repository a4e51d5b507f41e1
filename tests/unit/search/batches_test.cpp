#include "search/batches.h"

#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podium::search {
namespace {

using ::testing::ElementsAre;

data::InputSet five_numbers() {
  data::InputSet set;
  for (int i = 0; i < 5; ++i) {
    const auto value = static_cast<float>(i);
    std::vector<std::byte> bytes(sizeof(value));
    std::memcpy(bytes.data(), &value, sizeof(value));
    set.samples.push_back({bytes});
  }
  return set;
}

ModelInputs one_number() {
  return {{{"x", DataType::float32, {1, 1}, true}}, std::nullopt};
}

worker::OutputTensor output(Shape shape, std::vector<float> values) {
  return {"y", DataType::float32, std::move(shape), std::move(values)};
}

TEST(Batches, PutEverySampleIntoABatchAndFillUpTheLast) {
  const auto batches = make_batches(five_numbers(), one_number(), 2);
  ASSERT_TRUE(batches);
  EXPECT_EQ(batches->memory.batches(), 3);
  EXPECT_EQ(batches->samples, 5U);
  EXPECT_THAT(batches->memory.layout().front().shape, ElementsAre(2, 1));
  for (const std::uint64_t offset : batches->memory.layout().front().offsets) EXPECT_EQ(offset % 64, 0U);
}

TEST(Batches, RefuseAnEmptySetOfInputs) {
  EXPECT_FALSE(make_batches({}, one_number(), 1));
}

TEST(Batches, CutOutputsIntoRowsAndLeaveRepetitionsOut) {
  const auto batches = make_batches(five_numbers(), one_number(), 2);
  ASSERT_TRUE(batches);
  worker::Answers answers;
  answers.batches = {{output({2, 2}, {0, 0, 1, 1})}, {output({2, 2}, {2, 2, 3, 3})}, {output({2, 2}, {4, 4, 0, 0})}};
  const auto rows = rows_of(answers, *batches);
  ASSERT_EQ(rows.size(), 5U);
  EXPECT_THAT(rows[3].front(), ElementsAre(3, 3));
}

TEST(Batches, TakeAWholeBatchAsOneRowWhereAnOutputHasNoBatchAxis) {
  const auto batches = make_batches(five_numbers(), one_number(), 2);
  ASSERT_TRUE(batches);
  worker::Answers answers;
  answers.batches = {{output({3}, {1, 2, 3})}, {output({3}, {4, 5, 6})}, {output({3}, {7, 8, 9})}};
  EXPECT_EQ(rows_of(answers, *batches).size(), 3U);
}

}  // namespace
}  // namespace podium::search
