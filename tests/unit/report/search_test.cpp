// What a person and a program read of a search.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "podium/optimize.h"
#include "report/json_writer.h"

namespace podium {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

OptimizeReport found() {
  OptimizeReport report;
  report.results.model.name = "model.onnx";
  report.goal = "p99<=20ms, latency";
  report.bound = "SQNR at least 20 dB";
  Cell quick;
  quick.id = "engine/int8-static/b1/cpu";
  quick.latency_ms = Latency{};
  Cell refused;
  refused.id = "engine/bf16/b1/cpu";
  report.results.cells = {quick, refused};
  report.log = {{"engine/bf16/b1/cpu", 1, "refused", "it does not compute in bf16"},
                {"engine/int8-static/b1/cpu", 1, "winner", "8 ms, 3 times as fast as the baseline"}};
  report.winners = {{1, "engine/int8-static/b1/cpu", "8 ms, 3 times as fast as the baseline"}};
  report.pareto_front = {{"engine/int8-static/b1/cpu", 1, 8.0, std::nullopt, 25.0, 20'000'000}};
  report.advice = "add -o DIR";
  report.seconds = 90.0;
  return report;
}

TEST(TheTableOfASearch, HasTheWinnerAndWhyTheOthersLeft) {
  const std::string table = to_table(found(), {});
  EXPECT_THAT(table, HasSubstr("2 candidates, of which 1 were measured"));
  EXPECT_THAT(table, HasSubstr("[refused] it does not compute in bf16"));
  EXPECT_THAT(table, HasSubstr("winner at batch 1: engine/int8-static/b1/cpu: 8 ms, 3 times as fast as the baseline"));
  EXPECT_THAT(table, HasSubstr("next: add -o DIR"));
  EXPECT_THAT(table, Not(HasSubstr("[winner]"))) << "it has a line of its own";
}

TEST(TheTableOfASearch, SaysWhyThereIsNoWinner) {
  OptimizeReport report = found();
  report.winners.clear();
  report.verdict = "at batch 1 no candidate ran";
  EXPECT_THAT(to_table(report, {}), HasSubstr("no winner: at batch 1 no candidate ran"));
  EXPECT_THAT(to_markdown(report), HasSubstr("none: at batch 1 no candidate ran"));
}

TEST(TheSearchAsJson, HoldsEveryStepAndNullForWhatIsNotKnown) {
  const report::Json document = report::Json::parse(to_json(found()));
  EXPECT_EQ(document["schema"], "podium.search/1");
  EXPECT_EQ(document["log"].size(), 2U);
  EXPECT_EQ(document["preset"], "constrained");
  EXPECT_EQ(document["winners"][0]["cell"], "engine/int8-static/b1/cpu");
  EXPECT_TRUE(document["pareto_front"][0]["drop"].is_null());
  EXPECT_EQ(document["pareto_front"][0]["sqnr_db"], 25.0);
  EXPECT_TRUE(document["artifact"].is_null());
}

}  // namespace
}  // namespace podium
