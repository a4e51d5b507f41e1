#include "data_fixture.h"

namespace podium::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<WantedInput> wanted{{"input_ids", DataType::int64, {1, 2}, true}, {"attention_mask", DataType::int64, {1, 2}, true}};

std::string ids(std::int64_t samples, std::int64_t first) {
  std::vector<std::int64_t> values;
  for (std::int64_t i = 0; i < 2 * samples; ++i) values.push_back(first + i);
  return npy("<i8", fmt::format("({}, 2)", samples), bytes_of(values));
}

TEST(Npz, GivesEachInputTheArrayOfItsName) {
  const TemporaryFolder folder;
  const auto file =
      write_zip(folder, "data.npz", {{"attention_mask.npy", ids(3, 100)}, {"input_ids.npy", ids(3, 0)}, {"labels.npy", "anything"}});
  const InputSet set = read_inputs(file, wanted, 10).value();
  ASSERT_EQ(set.samples.size(), 3U);
  EXPECT_THAT(values_of<std::int64_t>(set.samples[2][0]), ElementsAre(4, 5));
  EXPECT_THAT(values_of<std::int64_t>(set.samples[2][1]), ElementsAre(104, 105));
  EXPECT_TRUE(set.real);
}

TEST(Npz, NamesTheInputThatIsMissingAndTheNearestKey) {
  const TemporaryFolder folder;
  const auto file = write_zip(folder, "data.npz", {{"input_id.npy", ids(1, 0)}, {"attention_mask.npy", ids(1, 0)}});
  expect_error(read_inputs(file, wanted, 10), ErrorCode::bad_input,
               {"no array for the model's input 'input_ids'", "did you mean 'input_id'?", "attention_mask"});
}

TEST(Npz, WithUnequalNumbersOfSamplesIsRefused) {
  const TemporaryFolder folder;
  const auto file = write_zip(folder, "data.npz", {{"attention_mask.npy", ids(2, 0)}, {"input_ids.npy", ids(3, 0)}});
  expect_error(read_inputs(file, wanted, 10), ErrorCode::bad_input, {"3 samples of 'input_ids', but 2 of 'attention_mask'"});
}

TEST(Npz, SharesTheArrayOfAnInputWithoutBatchAxis) {
  const TemporaryFolder folder;
  const auto file = write_zip(folder, "data.npz", {{"x.npy", ids(3, 0)}, {"scale.npy", npy("<f4", "()", bytes_of<float>({2}))}});
  const InputSet set = read_inputs(file, {{"x", DataType::int64, {1, 2}, true}, {"scale", DataType::float32, {}, false}}, 10).value();
  ASSERT_EQ(set.samples.size(), 3U);
  EXPECT_THAT(values_of<float>(set.samples[2][1]), ElementsAre(2));
}

TEST(Npz, NamesTheArrayThatDoesNotFit) {
  const TemporaryFolder folder;
  const auto file = write_zip(folder, "data.npz", {{"attention_mask.npy", npy("<f4", "(1, 2)", "12345678")}, {"input_ids.npy", ids(1, 0)}});
  expect_error(read_inputs(file, wanted, 10), ErrorCode::bad_input, {"the array 'attention_mask' of", "data.npz", "float32", "int64"});
}

TEST(Npz, ThatIsDamagedIsRefused) {
  const TemporaryFolder folder;
  const std::string whole = slurp(write_zip(folder, "whole.npz", {{"attention_mask.npy", ids(50, 0)}, {"input_ids.npy", ids(50, 0)}}));
  expect_error(read_inputs(folder.write("cut.npz", whole.substr(0, whole.size() / 2)), wanted, 100), ErrorCode::bad_input, {"cut.npz"});
  std::string damaged = whole;
  for (std::size_t at = 60; at < 120; ++at) damaged[at] = static_cast<char>(~damaged[at]);
  expect_error(read_inputs(folder.write("damaged.npz", damaged), wanted, 100), ErrorCode::bad_input, {"damaged.npz"});
}

TEST(Npz, WithoutArraysSaysSo) {
  const TemporaryFolder folder;
  const auto file = write_zip(folder, "data.npz", {{"readme.txt", "no arrays here"}});
  expect_error(read_inputs(file, wanted, 1), ErrorCode::bad_input, {"it has: none"});
}

}  // namespace
}  // namespace podium::data
