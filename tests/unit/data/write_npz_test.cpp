#include "data/write_npz.h"

#include "data_fixture.h"

namespace podium::data {
namespace {

std::vector<std::byte> floats(const std::vector<float>& values) {
  const auto* const first = reinterpret_cast<const std::byte*>(values.data());
  return {first, first + values.size() * sizeof(float)};
}

TEST(WriteNpz, IsReadBackAsItWas) {
  const TemporaryFolder folder;
  const std::vector<WantedInput> inputs{{"image", DataType::float32, {1, 2, 2}, true}, {"mask", DataType::uint8, {1, 3}, true}};
  const std::vector<std::byte> mask{std::byte{1}, std::byte{0}, std::byte{1}};
  const InputSet set{inputs, {{floats({1, 2, 3, 4}), mask}, {floats({5, 6, 7, 8}), mask}}, {}, true};
  const auto file = folder.path() / "set.npz";
  ASSERT_TRUE(write_npz(file, set));
  const auto read = read_inputs(file, inputs, 10);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->samples, set.samples);
}

TEST(WriteNpz, SaysWhereItCannotWrite) {
  const InputSet set{{{"x", DataType::float32, {1, 1}, true}}, {{floats({1})}}, {}, true};
  EXPECT_EQ(write_npz("/nowhere/set.npz", set).error().code, ErrorCode::io);
}

}  // namespace
}  // namespace podium::data
