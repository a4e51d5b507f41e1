#include "backends/api/request_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <vector>

#include "core/temporary_folder.h"

namespace podium::backend {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::vector<TensorSpec> declared{{"pixels", DataType::float32, {{-1, "batch"}, {3, ""}, {-1, ""}}},
                                       {"mask", DataType::boolean, {{6, ""}}}};

TEST(DeclaredInputs, TakeAnySizeOnAFreeAxisAndAnyOrder) {
  const std::vector<InputSpec> given{{"mask", DataType::boolean, {6}}, {"pixels", DataType::float32, {8, 3, 17}}};
  EXPECT_TRUE(check_declared_inputs(declared, given));
}

TEST(DeclaredInputs, NameTheInputWhatIsExpectedAndWhatWasGiven) {
  const std::vector<InputSpec> given{{"pixels", DataType::float32, {8, 4, 17}}, {"mask", DataType::boolean, {6}}};
  const auto checked = check_declared_inputs(declared, given);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::bad_input);
  EXPECT_THAT(checked.error().message, AllOf(HasSubstr("'pixels'"), HasSubstr("float32 [batchx3x?]"), HasSubstr("float32 [8x4x17]")));
  EXPECT_THAT(checked.error().remedy, HasSubstr("--shape pixels="));
}

TEST(DeclaredInputs, TellATypeFromAShape) {
  const std::vector<InputSpec> given{{"pixels", DataType::float64, {8, 3, 17}}, {"mask", DataType::boolean, {6}}};
  const auto checked = check_declared_inputs(declared, given);
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message, AllOf(HasSubstr("expects float32"), HasSubstr("float64 [8x3x17] was given")));
  EXPECT_THAT(checked.error().remedy, HasSubstr("float32"));
}

TEST(DeclaredInputs, MissTheOneThatWasNotGiven) {
  const std::vector<InputSpec> given{{"pixels", DataType::float32, {8, 3, 17}}};
  const auto checked = check_declared_inputs(declared, given);
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message, AllOf(HasSubstr("'mask'"), HasSubstr("not given")));
}

TEST(DeclaredInputs, ListTheModelsOwnWhereAnUnknownOneWasGiven) {
  const std::vector<InputSpec> given{
      {"pixels", DataType::float32, {8, 3, 17}}, {"mask", DataType::boolean, {6}}, {"more", DataType::int8, {}}};
  const auto checked = check_declared_inputs(declared, given);
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message, AllOf(HasSubstr("no input 'more'"), HasSubstr("pixels, mask")));
  const auto none = check_declared_inputs({}, std::span(given).subspan(2));
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message, HasSubstr("no inputs at all"));
}

TEST(DeclaredInputs, KeepAHostileNameFromTheTerminal) {
  const std::vector<TensorSpec> hostile{{"a\x1b[2J", DataType::float32, {}}};
  const auto checked = check_declared_inputs(hostile, {});
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message.find('\x1b'), std::string::npos);
}

class RunInputs : public ::testing::Test {
 protected:
  std::array<std::byte, 16> memory{};
  const std::vector<InputSpec> loaded{{"x", DataType::float32, {4}}};
};

TEST_F(RunInputs, AreThoseThatWereLoaded) {
  EXPECT_TRUE(check_run_inputs(loaded, std::vector<TensorView>{{"x", DataType::float32, {4}, memory.data()}}));
  EXPECT_FALSE(check_run_inputs(loaded, std::vector<TensorView>{{"x", DataType::int32, {4}, memory.data()}}));
  EXPECT_FALSE(check_run_inputs(loaded, std::vector<TensorView>{{"x", DataType::float32, {2, 2}, memory.data()}}));
  EXPECT_FALSE(check_run_inputs(loaded, std::vector<TensorView>{{"x", DataType::float32, {4}, nullptr}}));
  EXPECT_FALSE(check_run_inputs(loaded, {}));
}

TEST(Precisions, AreUnsupportedWithTheReason) {
  constexpr std::array can{Precision::fp32};
  EXPECT_TRUE(check_precision(Precision::fp32, can, "Engine", "of its age"));
  const auto checked = check_precision(Precision::bf16, can, "Engine", "of its age");
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::unsupported);
  EXPECT_EQ(checked.error().message, "Engine does not run bf16 here: of its age");
}

TEST(EngineMessage, IsOnePrintableLineOfBoundedLength) {
  EXPECT_EQ(engine_message("first\n\tsecond  third \n"), "first second third");
  EXPECT_EQ(engine_message("bell\x07").find('\x07'), std::string::npos);
  EXPECT_LT(engine_message(std::string(100'000, 'x')).size(), 1000U);
}

TEST(TemporaryFolder, IsGoneWithItsContentWhenItIsDestroyed) {
  std::filesystem::path path;
  {
    const auto folder = TemporaryFolder::create(::testing::TempDir(), "podium-test");
    ASSERT_TRUE(folder);
    path = folder->path();
    std::filesystem::create_directories(path / "inner");
    EXPECT_TRUE(std::filesystem::is_directory(path));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(TemporaryFolder, SaysWhereItCannotBeMade) {
  const auto folder = TemporaryFolder::create("/proc/no-such", "podium-test");
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, ErrorCode::io);
  EXPECT_THAT(folder.error().message, HasSubstr("/proc/no-such"));
}

}  // namespace
}  // namespace podium::backend
