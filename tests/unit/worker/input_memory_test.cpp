#include "worker/input_memory.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mman.h>

#include <array>

namespace podium::worker {
namespace {

std::vector<std::span<const std::byte>> batch_of(const std::vector<float>& a, const std::vector<float>& b) {
  return {std::as_bytes(std::span(a)), std::as_bytes(std::span(b))};
}

const std::vector<InputLayout> layout{{"a", DataType::float32, {1, 3}, {}}, {"b", DataType::float32, {1, 1}, {}}};
const std::vector<float> first_a{1, 2, 3}, first_b{4}, second_a{5, 6, 7}, second_b{8};

Result<InputMemory> two_batches() {
  return InputMemory::create(layout, {batch_of(first_a, first_b), batch_of(second_a, second_b)});
}

float read_at(int fd, std::uint64_t offset) {
  float value = 0;
  EXPECT_EQ(::pread(fd, &value, sizeof value, static_cast<off_t>(offset)), static_cast<ssize_t>(sizeof value));
  return value;
}

TEST(InputMemory, EachBatchOfEachInputLiesAligned) {
  const auto memory = two_batches();
  ASSERT_TRUE(memory) << memory.error().message;
  EXPECT_EQ(memory->batches(), 2);
  for (const InputLayout& input : memory->layout()) {
    for (const std::uint64_t offset : input.offsets) EXPECT_EQ(offset % 64, 0U);
  }
  EXPECT_EQ(read_at(memory->descriptor(), memory->layout()[0].offsets[1]), 5.0F);
  EXPECT_EQ(read_at(memory->descriptor(), memory->layout()[1].offsets[1]), 8.0F);
}

TEST(InputMemory, ForOneBatchAtATimeCanBeWrittenAnew) {
  auto memory = InputMemory::create_rewritable(layout);
  ASSERT_TRUE(memory) << memory.error().message;
  EXPECT_EQ(memory->batches(), 1);
  const auto bytes = [](const std::vector<float>& values) {
    const auto raw = std::as_bytes(std::span(values));
    return std::vector<std::byte>(raw.begin(), raw.end());
  };
  ASSERT_TRUE(memory->rewrite({bytes(first_a), bytes(first_b)}));
  ASSERT_TRUE(memory->rewrite({bytes(second_a), bytes(second_b)}));
  EXPECT_EQ(read_at(memory->descriptor(), memory->layout()[0].offsets[0]), 5.0F);
  EXPECT_EQ(read_at(memory->descriptor(), memory->layout()[1].offsets[0]), 8.0F);
  EXPECT_FALSE(memory->rewrite({bytes(first_a)}));
  EXPECT_FALSE(memory->rewrite({bytes(first_b), bytes(first_a)}));
}

TEST(InputMemory, CannotBeChangedByAnyWorker) {
  const auto memory = two_batches();
  ASSERT_TRUE(memory);
  EXPECT_LT(::pwrite(memory->descriptor(), "x", 1, 0), 0);
  EXPECT_LT(::ftruncate(memory->descriptor(), 0), 0);
  EXPECT_EQ(::mmap(nullptr, 64, PROT_READ | PROT_WRITE, MAP_SHARED, memory->descriptor(), 0), MAP_FAILED);
}

TEST(InputMemory, BytesThatDoNotFitTheShapeAreRefused) {
  const auto memory = InputMemory::create(layout, {batch_of(first_b, first_b)});
  ASSERT_FALSE(memory);
  EXPECT_EQ(memory.error().code, ErrorCode::bad_input);
  EXPECT_THAT(memory.error().message, ::testing::HasSubstr("takes 12 bytes, 4 were given"));
}

TEST(InputMemory, BatchThatLacksAnInputIsRefused) {
  EXPECT_FALSE(InputMemory::create(layout, {{std::as_bytes(std::span(first_a))}}));
}

TEST(InputMemory, OfAProbeIsEmptyAndThere) {
  const InputMemory memory = InputMemory::empty();
  EXPECT_GE(memory.descriptor(), 0);
  EXPECT_EQ(memory.batches(), 0);
}

}  // namespace
}  // namespace podium::worker
