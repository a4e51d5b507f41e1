#include "backends/tensorrt/driver.h"

#include <dlfcn.h>
#include <gmock/gmock.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace podium::tensorrt::cuda {
namespace {

using ::testing::HasSubstr;

const std::string today = std::string(PODIUM_TEST_MODULES) + "/test_cuda_today.so";
const std::string old = std::string(PODIUM_TEST_MODULES) + "/test_cuda_old.so";

/// Handles and memory of the tests' driver that nobody has given back.
int alive() {
  void* library = ::dlopen(today.c_str(), RTLD_NOW);
  return reinterpret_cast<int (*)()>(::dlsym(library, "podium_test_alive"))();
}

class CudaDriver : public ::testing::Test {
 protected:
  ~CudaDriver() override { ::unsetenv("PODIUM_TEST_CUDA"); }
  static void fails(const char* how) { ::setenv("PODIUM_TEST_CUDA", how, 1); }

  Driver driver_ = value_or_throw(Driver::open(today.c_str()));
};

TEST_F(CudaDriver, TellsWhatGpusThereAre) {
  EXPECT_EQ(driver_.gpu_count(), 2);
  const auto facts = driver_.facts(1);
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(facts->name, "Test GPU 1");
  EXPECT_EQ(facts->capability_major, 9);
  EXPECT_EQ(facts->capability_minor, 0);
}

TEST_F(CudaDriver, CopiesInAndOut) {
  const auto memory = driver_.memory(4 * sizeof(int));
  const auto stream = driver_.stream();
  ASSERT_TRUE(memory && stream);
  const std::array<int, 4> given{1, 2, 3, 4};
  std::array<int, 4> back{};
  ASSERT_TRUE(driver_.copy_in(memory->get(), given.data(), sizeof(given), stream->get()));
  ASSERT_TRUE(driver_.copy_out(back.data(), memory->get(), sizeof(back), stream->get()));
  ASSERT_TRUE(driver_.synchronize(stream->get()));
  EXPECT_EQ(back, given);
}

TEST_F(CudaDriver, CopiesBetweenAnyTwoPlaces) {
  const auto memory = driver_.memory(4 * sizeof(int));
  const auto stream = driver_.stream();
  ASSERT_TRUE(memory && stream);
  const std::array<int, 4> given{1, 2, 3, 4};
  std::array<int, 4> back{};
  void* const there = reinterpret_cast<void*>(static_cast<std::uintptr_t>(memory->get()));
  ASSERT_TRUE(driver_.copy(there, given.data(), sizeof(given), stream->get()));
  ASSERT_TRUE(driver_.copy(back.data(), there, sizeof(back), stream->get()));
  EXPECT_EQ(back, given);
  fails("cuMemcpyAsync=700");
  EXPECT_TRUE(driver_.copy(there, given.data(), 0, stream->get())) << "there is nothing to copy";
  const auto failed = driver_.copy(there, given.data(), sizeof(given), stream->get());
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("CUDA failed while copying a tensor"));
}

TEST_F(CudaDriver, LeavesAloneWhatSomebodyElseOwns) {
  const int before = alive();
  { const Owned<Address> lent(0x1000, nullptr); }
  EXPECT_EQ(alive(), before);
}

TEST_F(CudaDriver, GivesEverythingBackThatItsOwnersLetGo) {
  const int before = alive();
  {
    auto memory = driver_.memory(0);
    auto pinned = driver_.host_memory(8);
    auto stream = driver_.stream();
    auto event = driver_.event();
    ASSERT_TRUE(memory && pinned && stream && event);
    ASSERT_TRUE(driver_.begin_capture(stream->get()));
    auto graph = driver_.end_capture(stream->get());
    ASSERT_TRUE(graph);
    EXPECT_EQ(alive(), before + 5) << "the graph that was recorded is gone, what was prepared from it is not";
    Owned<GraphExec> moved = std::move(*graph);
    ASSERT_TRUE(driver_.launch(moved.get(), stream->get()));
    EXPECT_EQ(alive(), before + 5);
  }
  EXPECT_EQ(alive(), before);
}

TEST_F(CudaDriver, LeavesNothingBehindWhereAGraphCannotBePrepared) {
  const int before = alive();
  const auto stream = driver_.stream();
  ASSERT_TRUE(stream);
  ASSERT_TRUE(driver_.begin_capture(stream->get()));
  fails("cuGraphInstantiateWithFlags=700");
  EXPECT_FALSE(driver_.end_capture(stream->get()));
  EXPECT_EQ(alive(), before + 1) << "the stream";
}

TEST_F(CudaDriver, ReadsTheGpusClockInNanoseconds) {
  const auto from = driver_.event();
  const auto to = driver_.event();
  ASSERT_TRUE(from && to);
  EXPECT_EQ(driver_.elapsed_ns(from->get(), to->get()), 250'000);
}

TEST_F(CudaDriver, TellsAGpuWithoutMemoryFromOneThatFailed) {
  fails("cuMemAlloc_v2=2");
  const auto memory = driver_.memory(1000);
  ASSERT_FALSE(memory);
  EXPECT_EQ(memory.error().code, ErrorCode::out_of_memory);
  EXPECT_THAT(memory.error().message, HasSubstr("1000 bytes"));
  fails("cuStreamSynchronize=700");
  const auto done = driver_.synchronize(nullptr);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::failed);
  EXPECT_THAT(done.error().message,
              HasSubstr("waiting for the GPU: an illegal memory access was encountered (CUDA_ERROR_ILLEGAL_ADDRESS)"));
}

TEST_F(CudaDriver, IsUnavailableWhereItDoesNotStart) {
  fails("cuInit=999");
  const auto opened = Driver::open(today.c_str());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::unavailable);
}

TEST(CudaDriverFile, IsNamedWhereItIsTooOldOrNotThere) {
  const auto without_graphs = Driver::open(old.c_str());
  ASSERT_FALSE(without_graphs);
  EXPECT_EQ(without_graphs.error().code, ErrorCode::unavailable);
  EXPECT_THAT(without_graphs.error().message, HasSubstr("it has no cuGraphExecDestroy"));
  const auto missing = Driver::open("/nowhere/libcuda.so.1");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("/nowhere/libcuda.so.1"));
  EXPECT_THAT(missing.error().remedy, HasSubstr("driver"));
}

}  // namespace
}  // namespace podium::tensorrt::cuda
