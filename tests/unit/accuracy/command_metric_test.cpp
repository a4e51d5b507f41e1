#include "accuracy/command_metric.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podium::accuracy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<Row> answers{{{1, 2, 3}, {7}}, {{4, 5, 6}, {8}}};

std::string content_of(const std::string& file) {
  std::ostringstream content;
  content << std::ifstream(file, std::ios::binary).rdbuf();
  return content.str();
}

Result<std::vector<double>> printing(const std::vector<std::string>& lines) {
  return run_command_metric("score", answers, nullptr, [&](const std::vector<std::string>&) { return lines; });
}

TEST(CommandMetric, IsGivenTheOutputsAndLabelsAsArrays) {
  const Labels labels{{1, 0}, 1, true, ""};
  std::string folder;
  const auto look = [&](const std::vector<std::string>& arguments) -> Result<std::vector<std::string>> {
    EXPECT_THAT(arguments, ElementsAre("/bin/sh", "-c", "python3 score.py \"$0\"", testing::_));
    folder = arguments.back();
    const std::string first = content_of(folder + "/outputs_0.npy");
    EXPECT_THAT(first, HasSubstr("'descr': '<f4', 'fortran_order': False, 'shape': (2,3,)"));
    EXPECT_EQ((first.size() - 6 * sizeof(float)) % 64, 0U);
    EXPECT_THAT(content_of(folder + "/outputs_1.npy"), HasSubstr("(2,1,)"));
    EXPECT_THAT(content_of(folder + "/labels.npy"), HasSubstr("(2,)"));
    return std::vector<std::string>{"0.5"};
  };
  EXPECT_THAT(run_command_metric("python3 score.py", answers, &labels, look).value(), ElementsAre(0.5));
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST(CommandMetric, TakesTheNumbersAtTheEnd) {
  EXPECT_THAT(printing({"a warning", "0.25", ""}).value(), ElementsAre(0.25));
  EXPECT_THAT(printing({" 1 ", "-2e-3\r"}).value(), ElementsAre(1, -0.002));
}

TEST(CommandMetric, ThatPrintsNoNumberIsAnErrorWithWhatItPrinted) {
  EXPECT_THAT(printing({"Traceback"}).error().message, HasSubstr("'Traceback'"));
  EXPECT_THAT(printing({"nan"}).error().message, HasSubstr("'nan'"));
  EXPECT_THAT(printing({}).error().message, HasSubstr("nothing"));
}

TEST(CommandMetric, ThatFailsIsAnErrorWithItsOutput) {
  const auto failing = [](const std::vector<std::string>&) -> Result<std::vector<std::string>> {
    return fail(ErrorCode::failed, "no module named x");
  };
  EXPECT_THAT(run_command_metric("score", answers, nullptr, failing).error().message, HasSubstr("'score' failed: no module named x"));
}

TEST(CommandMetric, IsGivenNoOutputWhoseRowsDiffer) {
  EXPECT_THAT(run_command_metric("score", std::vector<Row>{{{1}}, {{1, 2}}}, nullptr, {}).error().message,
              HasSubstr("another size for each input"));
}

}  // namespace
}  // namespace podium::accuracy
