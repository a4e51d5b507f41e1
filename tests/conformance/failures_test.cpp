// What goes wrong costs one cell and is told clearly, on every real engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/types.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "core/files.h"
#include "engine.h"
#include "matchers.h"

namespace podium::conformance {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class EveryEngineFailing : public ::testing::TestWithParam<Engine> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(EveryEngineFailing);
INSTANTIATE_TEST_SUITE_P(Conformance, EveryEngineFailing, ::testing::ValuesIn(every_engine()), NamedByEngine());

/// The first half of a file, under a name of its own.
fs::path first_half(const fs::path& file, const std::string& owner) {
  const std::string whole = value_or_throw(read_text_file(file));
  const fs::path half = fs::path(::testing::TempDir()) / (owner + "-half" + file.extension().string());
  std::ofstream(half, std::ios::binary) << whole.substr(0, whole.size() / 2);
  return half;
}

TEST_P(EveryEngineFailing, RefusesAMissingOrTruncatedModelAndServesOn) {
  const Case& picture = case_named("picture-b4");
  Running running(GetParam(), picture);

  backend::LoadRequest request = running.request();
  request.model = "/nonexistent/model.onnx";
  const auto missing = running.worker().load(request);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().error.code, ErrorCode::bad_input) << missing.error().error.message;
  EXPECT_THAT(missing.error().error.message, HasSubstr("/nonexistent/model.onnx"));

  request.model = first_half(picture.file(GetParam().descriptor(), Precision::fp32), GetParam().descriptor().name);
  const auto truncated = running.worker().load(request);
  fs::remove(request.model);
  ASSERT_FALSE(truncated);
  EXPECT_EQ(truncated.error().error.code, ErrorCode::bad_input) << truncated.error().error.message;
  EXPECT_THAT(truncated.error().error.message, HasSubstr(request.model.filename().string()));
  EXPECT_EQ(truncated.error().failure.failure_class, "error");

  ASSERT_TRUE(succeeded(running.load()));
  const auto answers = running.answers();
  ASSERT_TRUE(succeeded(answers));
  EXPECT_TRUE(agree(*answers, picture));
}

TEST_P(EveryEngineFailing, KilledInTheMiddleOfABlockIsACrashWithItsSignal) {
  Running running(GetParam(), case_named("picture-b4"));
  ASSERT_TRUE(succeeded(running.load()));
  ASSERT_TRUE(succeeded(running.answers()));
  const auto pid = static_cast<pid_t>(running.worker().pid());
  // The block lasts far longer than the wait: whenever the signal comes, it comes in the middle.
  std::thread killer([pid] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    ::kill(pid, SIGKILL);
  });
  const auto block = running.worker().measure({std::chrono::minutes(1), 1, 16'000'000, 1});
  killer.join();
  ASSERT_FALSE(block);
  EXPECT_EQ(block.error().failure.failure_class, "crash") << block.error().error.message;
  EXPECT_EQ(block.error().failure.signal, SIGKILL);
  EXPECT_THAT(block.error().error.message, HasSubstr("SIGKILL"));
  const auto after = running.answers();
  ASSERT_FALSE(after) << "a dead worker answers nothing";
  EXPECT_EQ(after.error().failure.failure_class, "crash");
}

TEST_P(EveryEngineFailing, RefusesAPrecisionThatItDoesNotHave) {
  const std::vector<Precision> all = all_precisions();
  const auto lacking = std::find_if(all.begin(), all.end(), [](Precision precision) { return !GetParam().has(precision); });
  if (lacking == all.end()) GTEST_SKIP() << "it has them all";
  Running running(GetParam(), case_named("picture-b4"));
  backend::LoadRequest request = running.request();
  request.precision = *lacking;
  const auto loaded = running.worker().load(request);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().error.code, ErrorCode::unsupported) << loaded.error().error.message;
  EXPECT_THAT(loaded.error().error.message, HasSubstr(std::string(to_string(*lacking))));
  EXPECT_EQ(loaded.error().failure.failure_class, "unsupported");
}

}  // namespace
}  // namespace podium::conformance
