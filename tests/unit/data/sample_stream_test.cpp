#include "data/sample_stream.h"

#include "data_fixture.h"

namespace podium::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const WantedInput pair{"x", DataType::float32, {1, 2}, true};

/// Sample i: 2i and 2i + 1.
std::string rows(std::int64_t samples) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < 2 * samples; ++i) values.push_back(static_cast<float>(i));
  return npy("<f4", fmt::format("({}, 2)", samples), bytes_of(values));
}

std::vector<float> first_input(SampleStream& stream, std::size_t index) {
  return values_of<float>(stream.read(index).value().front());
}

TEST(SampleStream, OfAnNpzGivesWhatReadingAllOfItGives) {
  const TemporaryFolder folder;
  const auto file = write_zip(folder, "data.npz", {{"x.npy", rows(5)}, {"labels.npy", "anything"}});
  const InputSet all = read_inputs(file, {pair}, 4).value();
  const auto stream = stream_npz(file, {pair}, 4).value();
  ASSERT_EQ(stream->size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(stream->read(i).value(), all.samples[i]);
}

TEST(SampleStream, OfAnNpzMayBeReadInAnyOrder) {
  const TemporaryFolder folder;
  const auto stream = stream_npz(write_zip(folder, "data.npz", {{"x.npy", rows(5)}}), {pair}, 100).value();
  ASSERT_EQ(stream->size(), 5U);
  EXPECT_THAT(first_input(*stream, 3), ElementsAre(6, 7));
  EXPECT_THAT(first_input(*stream, 1), ElementsAre(2, 3));
  EXPECT_THAT(first_input(*stream, 1), ElementsAre(2, 3));
  EXPECT_THAT(first_input(*stream, 4), ElementsAre(8, 9));
}

TEST(SampleStream, GivesAnInputWithoutBatchAxisToEverySample) {
  const TemporaryFolder folder;
  const std::string shared = npy("<f4", "(3,)", bytes_of(std::vector<float>{7, 8, 9}));
  const auto file = write_zip(folder, "data.npz", {{"x.npy", rows(2)}, {"scale.npy", shared}});
  const auto stream = stream_npz(file, {pair, {"scale", DataType::float32, {3}, false}}, 100).value();
  ASSERT_EQ(stream->size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_THAT(values_of<float>(stream->read(i).value()[1]), ElementsAre(7, 8, 9));
}

TEST(SampleStream, OfAnNpzThatDoesNotFitIsRefusedAtOnce) {
  const TemporaryFolder folder;
  const auto file = write_zip(folder, "data.npz", {{"x.npy", rows(2)}, {"y.npy", rows(3)}});
  WantedInput wide = pair, other = pair, missing = pair;
  wide.shape = {1, 3};
  other.name = "y";
  missing.name = "z";
  EXPECT_THAT(stream_npz(file, {wide}, 9).error().message, HasSubstr("has the shape 2x2"));
  EXPECT_THAT(stream_npz(file, {pair, other}, 9).error().message, HasSubstr("hold 2 and 3 samples"));
  EXPECT_THAT(stream_npz(file, {missing}, 9).error().message, HasSubstr("'z'"));
  EXPECT_THAT(stream_npz(folder.write("text.npz", "no archive"), {pair}, 9).error().message, HasSubstr("text.npz"));
}

TEST(SampleStream, SaysWhereAnNpzIsCutOff) {
  const TemporaryFolder folder;
  const std::string whole = rows(3);
  const auto file = write_zip(folder, "data.npz", {{"x.npy", whole.substr(0, whole.size() - 4)}});
  const auto stream = stream_npz(file, {pair}, 9).value();
  EXPECT_TRUE(stream->read(1));
  EXPECT_THAT(stream->read(2).error().message, HasSubstr("cut off"));
}

TEST(SampleStream, MayBeAPartOfAnother) {
  const std::vector<Sample> samples{{{std::byte{1}}}, {{std::byte{2}}}, {{std::byte{3}}}};
  const auto whole = stream_of(samples);
  const auto part = part_of(*whole, {2, 0});
  ASSERT_EQ(part->size(), 2U);
  EXPECT_EQ(part->read(0).value(), samples[2]);
  EXPECT_EQ(part->read(1).value(), samples[0]);
}

}  // namespace
}  // namespace podium::data
