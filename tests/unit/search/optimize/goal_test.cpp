#include "search/optimize/goal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "search/optimize/bound.h"
#include "search/optimize/pareto.h"

namespace podium::search {
namespace {

using ::testing::HasSubstr;

Cell cell_with(double median_ms, std::optional<double> p99 = std::nullopt) {
  Cell cell;
  cell.status = CellStatus::ok;
  cell.latency_ms = Latency{};
  cell.latency_ms->median = median_ms;
  cell.latency_ms->p99 = p99;
  return cell;
}

TEST(Goals, AreReadWithLimitsAndWrittenBackInOneUnit) {
  const auto goals = parse_goals(" p99<=0.02s, throughput");
  ASSERT_TRUE(goals);
  EXPECT_EQ(goals->best, Goal::throughput);
  ASSERT_EQ(goals->limits.size(), 1U);
  EXPECT_DOUBLE_EQ(goals->limits.front().value, 20.0);
  EXPECT_EQ(podium::to_string(*goals), "p99<=20ms, throughput");
}

TEST(Goals, ThatCannotBeMeantAreRefusedWithARemedy) {
  for (const char* text : {"", "latncy", "latency, p99", "p99<=20ms", "p99<20ms, latency", "p99>=20ms, latency", "throughput<=5/s, latency",
                           "memory<=5, latency", "memory<=-5MB, latency", "p99<=1ms, p99<=2ms, latency"}) {
    const auto goals = parse_goals(text);
    ASSERT_FALSE(goals) << text;
    EXPECT_EQ(goals.error().code, ErrorCode::wrong_use) << text;
    EXPECT_FALSE(goals.error().remedy.empty()) << text;
  }
  EXPECT_THAT(parse_goals("latncy").error().message, HasSubstr("did you mean 'latency'"));
}

TEST(Limits, ObjectToAFigureBeyondThemAndAtTheEndToOneThatIsNotKnown) {
  const Goals goals = *parse_goals("p99<=20ms, latency");
  EXPECT_FALSE(limit_objection(goals, cell_with(5.0, 19.0), true));
  EXPECT_THAT(limit_objection(goals, cell_with(5.0, 21.0), false).value_or(""), HasSubstr("beyond the limit of 20 ms"));
  EXPECT_FALSE(limit_objection(goals, cell_with(5.0), false)) << "its tail may still turn out short";
  EXPECT_TRUE(limit_objection(goals, cell_with(5.0), true));
  EXPECT_TRUE(limit_objection(goals, cell_with(25.0), false)) << "a median beyond the limit needs no tail";
}

Cell judged(Precision precision, DropVerdict verdict) {
  Cell cell = cell_with(5.0);
  cell.precision = precision;
  cell.output_error.verdict = Verdict::agrees;
  cell.output_error.sqnr_db = 25.0;
  cell.accuracy = Accuracy{};
  cell.accuracy->metric = "top-1";
  cell.accuracy->n = 20;
  cell.accuracy->verdict = verdict;
  cell.accuracy->samples_needed = 300;
  return cell;
}

TEST(Bounds, OnTheDropMustSurelyHoldForLossyCells) {
  const Bound bound{0.01, std::nullopt, false};
  EXPECT_FALSE(bound_objection(bound, judged(Precision::int8_static, DropVerdict::holds)));
  const auto undecided = bound_objection(bound, judged(Precision::int8_static, DropVerdict::undecided));
  ASSERT_TRUE(undecided);
  EXPECT_THAT(*undecided, HasSubstr("20 samples are too few"));
  EXPECT_THAT(*undecided, HasSubstr("about 300"));
  EXPECT_FALSE(bound_objection(bound, judged(Precision::fp32, DropVerdict::undecided))) << "the same arithmetic loses nothing";
  EXPECT_FALSE(bound_objection({std::nullopt, std::nullopt, true}, judged(Precision::int8_static, DropVerdict::undecided)));
}

TEST(Bounds, OnTheNoiseHoldForEveryCellButTheBaseline) {
  const Bound bound{std::nullopt, 30.0, false};
  EXPECT_TRUE(bound_objection(bound, judged(Precision::int8_static, DropVerdict::not_asked)));
  Cell baseline = judged(Precision::fp32, DropVerdict::not_asked);
  baseline.is_baseline = true;
  EXPECT_FALSE(bound_objection(bound, baseline));
}

TEST(Bounds, LetNoLossyCellWinOfWhichNobodyCanTell) {
  Cell cell = judged(Precision::bf16, DropVerdict::not_asked);
  cell.output_error.verdict = Verdict::cannot_judge;
  EXPECT_THAT(bound_objection({}, cell).value_or(""), HasSubstr("--speed-only"));
}

TEST(ParetoFront, HoldsWhatNoOtherBeatsInLatencyAccuracyAndMemory) {
  Cell quick = cell_with(1.0);
  quick.id = "quick";
  quick.output_error = judged(Precision::int8_static, DropVerdict::not_asked).output_error;
  quick.memory.peak_bytes = 10;
  Cell exact = cell_with(3.0);
  exact.id = "exact";
  exact.is_baseline = true;
  exact.memory.peak_bytes = 20;
  Cell beaten = quick;
  beaten.id = "beaten";
  beaten.latency_ms->median = 2.0;
  const auto front = pareto_front({&exact, &beaten, &quick});
  ASSERT_EQ(front.size(), 2U);
  EXPECT_EQ(front[0].cell, "quick");
  EXPECT_EQ(front[1].cell, "exact");
}

}  // namespace
}  // namespace podium::search
