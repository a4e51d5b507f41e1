#include "data_fixture.h"

namespace podium::data {
namespace {

using testing::ElementsAre;

const WantedInput ids{"input_ids", DataType::int64, {1, 4}, true};
const WantedInput mask{"attention_mask", DataType::int64, {1, 4}, true};
const WantedInput types{"token_type_ids", DataType::int64, {1, 4}, true};

Result<InputSet> read(const std::map<std::string, std::string>& members, const std::vector<WantedInput>& inputs) {
  const TemporaryFolder folder;
  return read_inputs(write_zip(folder, "text.npz", members), inputs, ReadOptions{});
}

std::string whole(const std::string& shape, const std::vector<std::int64_t>& values) {
  return npy("<i8", shape, bytes_of(values));
}

TEST(Text, ThatIsShorterThanTheModelsInputIsFilledUp) {
  const auto set =
      read({{"input_ids.npy", whole("(2, 2)", {7, 8, 9, 0})}, {"attention_mask.npy", whole("(2, 2)", {1, 1, 1, 0})}}, {ids, mask});
  EXPECT_THAT(values_of<std::int64_t>(set->samples[1][0]), ElementsAre(9, 0, 0, 0));
  EXPECT_THAT(values_of<std::int64_t>(set->samples[0][1]), ElementsAre(1, 1, 0, 0));
}

TEST(Text, IsNotFilledUpWhereNoInputMasksIt) {
  expect_error(read({{"input_ids.npy", whole("(2, 2)", {7, 8, 9, 0})}}, {ids}), ErrorCode::bad_input, {"the shape 2x2", "takes Nx4"});
}

TEST(Text, ThatIsLongerThanTheModelsInputIsRefused) {
  expect_error(
      read({{"input_ids.npy", whole("(1, 5)", {1, 2, 3, 4, 5})}, {"attention_mask.npy", whole("(1, 5)", {1, 1, 1, 1, 1})}}, {ids, mask}),
      ErrorCode::bad_input, {"the shape 1x5"});
}

TEST(Text, OfDifferentLengthsLiesOneBehindTheOther) {
  const auto set = read({{"input_ids.npy", whole("(4,)", {7, 8, 9, 5})}, {"lengths.npy", whole("(2,)", {3, 1})}}, {ids, mask, types});
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_THAT(values_of<std::int64_t>(set->samples[0][0]), ElementsAre(7, 8, 9, 0));
  EXPECT_THAT(values_of<std::int64_t>(set->samples[1][0]), ElementsAre(5, 0, 0, 0));
  EXPECT_THAT(values_of<std::int64_t>(set->samples[0][1]), ElementsAre(1, 1, 1, 0)) << "the mask is made of the lengths";
  EXPECT_THAT(values_of<std::int64_t>(set->samples[1][2]), ElementsAre(0, 0, 0, 0));
}

TEST(Text, ThatIsLongerThanTheInputIsLeftOutWhereOtherTextFits) {
  const std::map<std::string, std::string> members{{"input_ids.npy", whole("(8,)", {7, 8, 1, 2, 3, 4, 5, 9})}, {"lengths.npy", whole("(3,)", {2, 5, 1})}};
  const auto set = read(members, {ids, mask, types});
  ASSERT_TRUE(set) << set.error().message;
  ASSERT_EQ(set->samples.size(), 2U);
  EXPECT_EQ(set->too_long, 1U);
  EXPECT_THAT(set->description, testing::HasSubstr("1 longer than the input left out"));
  EXPECT_THAT(values_of<std::int64_t>(set->samples[0][0]), ElementsAre(7, 8, 0, 0));
  EXPECT_THAT(values_of<std::int64_t>(set->samples[1][0]), ElementsAre(9, 0, 0, 0)) << "the text between was read past";
  EXPECT_THAT(values_of<std::int64_t>(set->samples[1][1]), ElementsAre(1, 0, 0, 0));
  auto with_labels = members;
  with_labels["labels.npy"] = whole("(3,)", {0, 1, 0});
  expect_error(read(with_labels, {ids, mask, types}), ErrorCode::bad_input, {"is 5 long"});
}

TEST(Text, WhoseLengthsDoNotFitIsRefused) {
  const auto with_lengths = [](const std::string& lengths) {
    return read({{"input_ids.npy", whole("(4,)", {7, 8, 9, 5})}, {"lengths.npy", lengths}}, {ids, mask});
  };
  expect_error(with_lengths(whole("(1,)", {9})), ErrorCode::bad_input, {"is 9 long", "takes 4"});
  expect_error(with_lengths(whole("(1,)", {-1})), ErrorCode::bad_input, {"is -1 long"});
  expect_error(with_lengths(npy("<f4", "(1,)", bytes_of<float>({1e30F}))), ErrorCode::bad_input, {"takes 4"});
  expect_error(with_lengths(whole("(2,)", {4, 4})), ErrorCode::bad_input, {"cut off in sample 2 of 2"});
  expect_error(with_lengths(whole("(0,)", {})), ErrorCode::bad_input, {"'lengths'"});
  expect_error(read({{"input_ids.npy", whole("(2, 2)", {7, 8, 9, 5})}, {"lengths.npy", whole("(2,)", {2, 2})}}, {ids, mask}),
               ErrorCode::bad_input, {"must have one axis"});
}

}  // namespace
}  // namespace podium::data
