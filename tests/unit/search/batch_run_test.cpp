#include "search/batch_run.h"

#include <cmath>
#include <csignal>
#include <map>
#include <optional>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "search/batch_run_fixture.h"
#include "search/earlier_run.h"
#include "search/ranking.h"

namespace podium::search {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(BatchRunTest, MeasuresEveryCellInTheSameRounds) {
  add({{"latency-us", "300"}});
  add({{"latency-us", "600"}});
  ASSERT_TRUE(run());
  EXPECT_TRUE(cell(0).is_baseline);
  std::vector<std::set<std::int64_t>> rounds(2);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(cell(i).status, CellStatus::ok) << cell(i).reason;
    for (const Block& block : cell(i).blocks) rounds[i].insert(block.round);
  }
  EXPECT_GE(rounds[0].size(), 3U);
  EXPECT_EQ(rounds[0], rounds[1]);
  EXPECT_EQ(cell(1).output_error.verdict, Verdict::agrees);
  EXPECT_EQ(cell(1).output_error.samples, samples);
  EXPECT_TRUE(cell(0).audit.has_value());
}

TEST_F(BatchRunTest, ReadsTheDevicesOwnClockOfACellOnAGpu) {
  add({{"latency-us", "1000"}, {"device-clock-percent", "50"}}, Precision::fp32, "cuda:0");
  ASSERT_TRUE(run());
  ASSERT_EQ(cell(0).status, CellStatus::ok) << cell(0).reason;
  EXPECT_EQ(cell(0).device, "cuda:0");
  EXPECT_EQ(cell(0).timing_boundary, "device");
  ASSERT_TRUE(cell(0).device_clock);
  EXPECT_FALSE(cell(0).missing.contains("device_clock"));
  EXPECT_GE(cell(0).device_clock->device_ms, 0.5);
  EXPECT_LT(cell(0).device_clock->device_ms, cell(0).device_clock->host_ms);
  for (const Block& block : cell(0).blocks) EXPECT_TRUE(block.device_clock);
}

TEST_F(BatchRunTest, RejectsACellThatAnswersAnotherInputOrAConstantOrNoNumber) {
  add({});
  add({{"output", "swapped"}});
  add({{"output", "constant"}});
  add({{"output", "nan"}});
  add({{"output-shape", "one-row-less"}});
  ASSERT_TRUE(run());
  EXPECT_EQ(cell(0).status, CellStatus::ok) << cell(0).reason;
  for (std::size_t i = 1; i < cells_.size(); ++i) {
    EXPECT_EQ(cell(i).status, CellStatus::rejected) << cell(i).id;
    EXPECT_TRUE(cell(i).blocks.empty()) << "no time is measured of a wrong answer: " << cell(i).id;
    EXPECT_EQ(cell(i).failure->failure_class, "wrong_output");
    EXPECT_THAT(cell(i).reason, HasSubstr("wrong answers")) << cell(i).id;
  }
}

TEST_F(BatchRunTest, LeavesTheTimeOfRejectedCellsToTheOthers) {
  add({});
  add({{"output", "constant"}});
  add({{"output", "swapped"}});
  ASSERT_TRUE(run());
  EXPECT_EQ(cell(2).status, CellStatus::rejected);
  EXPECT_DOUBLE_EQ(budget_s_, request_.budget.count());
}

TEST_F(BatchRunTest, LetsABrokenCellCostOnlyItself) {
  add({{"latency-us", "200"}});
  add({{"crash-at", "load"}});
  add({{"crash-at", "measure"}, {"signal", "abrt"}});
  add({{"refuse-at", "load"}});
  add({{"error-at", "answers"}});
  add({{"hang-at", "answers"}});
  add({{"latency-us", "400"}});
  ASSERT_TRUE(run());
  EXPECT_EQ(cell(0).status, CellStatus::ok) << cell(0).reason;
  EXPECT_EQ(cell(6).status, CellStatus::ok);
  EXPECT_EQ(cell(1).failure->failure_class, "crash");
  EXPECT_EQ(cell(1).failure->signal, SIGSEGV);
  EXPECT_EQ(cell(2).failure->signal, SIGABRT);
  EXPECT_EQ(cell(3).status, CellStatus::unsupported);
  EXPECT_FALSE(cell(3).failure.has_value());
  EXPECT_EQ(cell(4).status, CellStatus::failed);
  EXPECT_EQ(cell(5).status, CellStatus::timeout);
  for (const std::size_t broken : {1U, 2U, 3U, 4U, 5U}) EXPECT_FALSE(cell(broken).reason.empty());
}

TEST_F(BatchRunTest, TakesTheNextChoiceWhereTheBaselineFails) {
  add({{"crash-at", "load"}});
  add({});
  ASSERT_TRUE(run());
  EXPECT_FALSE(cell(0).is_baseline);
  EXPECT_TRUE(cell(1).is_baseline);
  EXPECT_THAT(messages_, Contains(HasSubstr("cannot be the baseline")));
}

TEST_F(BatchRunTest, SaysThatAnswersWereNotCheckedWhereNoBaselineAnswers) {
  add({{"crash-at", "load"}});
  ASSERT_TRUE(run());
  EXPECT_THAT(messages_, Contains(HasSubstr("answers are not checked")));
}

TEST_F(BatchRunTest, MeasuresInHeatsWhereMemoryIsShortAndKeepsTheBaselineInEach) {
  for (const char* latency : {"200", "300", "400", "500"}) add({{"latency-us", latency}});
  request_.memory_for_all = 1;  // nothing fits beside anything
  ASSERT_TRUE(run());
  EXPECT_THAT(messages_, Contains(HasSubstr("memory is short")));
  std::map<std::size_t, std::set<std::int64_t>> rounds;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    EXPECT_EQ(cell(i).status, CellStatus::ok) << cell(i).reason;
    for (const Block& block : cell(i).blocks) rounds[i].insert(block.round);
  }
  for (std::size_t i = 1; i < cells_.size(); ++i) {
    for (const std::int64_t round : rounds[i]) EXPECT_TRUE(rounds[0].contains(round)) << "the baseline is measured beside every cell";
  }
  std::vector<Cell*> all;
  for (LiveCell& live : cells_) all.push_back(&live.cell);
  rank_cells(all);
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    EXPECT_TRUE(cell(i).ratio_to_best && cell(i).ratio_to_best->ci95) << "cells of different heats are compared: " << cell(i).id;
  }
}

TEST_F(BatchRunTest, LeavesOutTheCellsThatThereIsNoTimeToOpen) {
  for (const char* us : {"300", "400", "500", "600"}) add({{"latency-us", us}});
  request_.may_open = [](const LiveCell&, std::size_t open) { return open < 2; };
  ASSERT_TRUE(run());
  for (const std::size_t measured : {0U, 1U}) EXPECT_EQ(cell(measured).status, CellStatus::ok) << measured;
  for (const std::size_t late : {2U, 3U}) {
    EXPECT_EQ(cell(late).status, CellStatus::partial) << late;
    EXPECT_TRUE(cell(late).blocks.empty()) << late;
    EXPECT_THAT(cell(late).reason, HasSubstr("no time")) << late;
  }
}

TEST_F(BatchRunTest, EndsWithTheFewestLaunchesWhereThereIsNoTimeToOpenTheCellsOnceMore) {
  for (const char* us : {"1000", "1010"}) add({{"latency-us", us}, {"jitter-us", "400"}, {"load-us", "20000"}});
  request_.launches = 0;
  request_.budget = std::chrono::seconds(4);
  request_.stopping.fewest_launches = 2;
  request_.stopping.interval_target = 1e-9;  // never reached
  std::vector<double> asked;
  request_.may_launch = [&](double seconds) { return asked.push_back(seconds), false; };
  ASSERT_TRUE(run());
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_GT(asked.front(), 2 * 0.02) << "both loads count";
  for (const LiveCell& live : cells_) {
    EXPECT_EQ(live.cell.status, CellStatus::ok) << live.cell.reason;
    EXPECT_EQ(live.openings, 2);
    EXPECT_THAT(live.cell.stop_reason, HasSubstr("budget"));
  }
}

TEST_F(BatchRunTest, TellsWhatEachLoadTook) {
  add({{"latency-us", "300"}, {"load-us", "20000"}});
  request_.launches = 2;
  ASSERT_TRUE(run());
  ASSERT_EQ(loads_s_.size(), 2U);
  for (const double seconds : loads_s_) EXPECT_GE(seconds, 0.02);
  EXPECT_GE(cells_.front().opening_s.value_or(0.0), 0.02);
}

TEST_F(BatchRunTest, KeepsWhatWasMeasuredWhenItIsStopped) {
  add({{"latency-us", "200"}});
  add({{"latency-us", "300"}});
  request_.budget = std::chrono::seconds(4);
  int calls = 0;
  on_measure_ = [&] {
    if (++calls == 9) cancel_.request();
  };
  ASSERT_TRUE(run());
  for (const LiveCell& live : cells_) {
    EXPECT_EQ(live.cell.status, CellStatus::partial);
    EXPECT_FALSE(live.cell.blocks.empty());
    EXPECT_THAT(live.cell.reason, HasSubstr("stopped"));
  }
}

TEST_F(BatchRunTest, BlamesNoCellWhereItIsStoppedBeforeItBegan) {
  add({});
  add({});
  cancel_.request();
  ASSERT_TRUE(run());
  EXPECT_THAT(messages_, ::testing::IsEmpty());
  for (const LiveCell& live : cells_) EXPECT_EQ(live.cell.status, CellStatus::partial);
}

TEST_F(BatchRunTest, EndsWithTheErrorWhereABlockCannotBeKept) {
  add({{"latency-us", "200"}});
  on_block_ = [](const std::string&) -> Result<void> { return fail(ErrorCode::io, "the disk is full"); };
  const auto outcome = run();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message, "the disk is full");
}

TEST_F(BatchRunTest, DoesNotScoreTheSlowCallsAfterASwitch) {
  add({{"latency-us", "2000"}, {"lead-in", "3"}, {"lead-in-us", "4000"}});
  add({{"latency-us", "1000"}});  // between whose blocks the first is paused
  request_.budget = std::chrono::duration<double>(1.0);
  ASSERT_TRUE(run());
  ASSERT_EQ(cell(0).status, CellStatus::ok) << cell(0).reason;
  for (const Block& block : cell(0).blocks) EXPECT_GE(block.lead_in_ns.size(), 1U);
}

TEST_F(BatchRunTest, SumsSeveralFastCallsIntoOneSample) {
  add({});
  ASSERT_TRUE(run());
  ASSERT_FALSE(cell(0).blocks.empty());
  EXPECT_GT(cell(0).blocks.front().iterations_per_sample, 1);
}

TEST_F(BatchRunTest, MeasuresEveryCellInAsManyLaunchesAsAreAskedFor) {
  add({{"latency-us", "300"}});
  add({{"latency-us", "600"}});
  request_.launches = 3;
  ASSERT_TRUE(run());
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(launches_of(cell(i)), (std::set<std::int64_t>{0, 1, 2}));
    EXPECT_THAT(cell(i).stop_reason, HasSubstr("3 launches"));
  }
}

TEST_F(BatchRunTest, EndsACellThatCannotWinBeforeTheOthers) {
  for (const char* latency : {"1000", "1010", "2000"}) add({{"latency-us", latency}, {"jitter-us", "40"}});
  request_.launches = 0;
  request_.stopping.interval_target = 1e-6;  // the contenders are never done
  request_.budget = std::chrono::duration<double>(3.0);
  ASSERT_TRUE(run());
  EXPECT_GE(launches_of(cell(2)).size(), 3U);
  EXPECT_LT(launches_of(cell(2)).size(), launches_of(cell(0)).size());
  EXPECT_THAT(cell(2).stop_reason, HasSubstr("cannot win"));
  EXPECT_THAT(cell(0).stop_reason, HasSubstr("budget"));
}

/// Blocks of an earlier run that used up a budget of half a second a cell: one value a launch, in milliseconds.
void measured_before(LiveCell& live, const std::vector<double>& launches) {
  live.cell.status = CellStatus::partial;
  live.cell.key = live.cell.id;
  for (std::size_t launch = 0; launch < launches.size(); ++launch) {
    for (std::int64_t round = 0; round < 2; ++round) {
      Block block;
      block.launch = static_cast<std::int64_t>(launch);
      block.round = 2 * block.launch + round;
      block.samples_ns.assign(static_cast<std::size_t>(90.0 / launches[launch]), std::llround(launches[launch] * 1e6));
      live.cell.blocks.push_back(block);
    }
  }
}

TEST_F(BatchRunTest, DoublesTheDefaultBudgetOnlyForCellsThatSeemToDifferAndAreNotToldApart) {
  request_.launches = 0;
  request_.budget = std::chrono::duration<double>(0);
  request_.default_budget_a_cell = std::chrono::duration<double>(0.5);
  const std::vector<std::vector<double>> alike{{2.0, 2.0, 2.0}, {2.01, 2.0, 2.02}};
  const std::vector<std::vector<double>> in_doubt{{2.0, 2.0, 2.0}, {2.0, 2.8, 2.1}};
  std::vector<std::size_t> launches;
  for (const auto& times : {alike, in_doubt}) {
    cells_.clear();
    request_.baseline_order.clear();
    elapsed_s_ = 0.0;
    add({{"latency-us", "2000"}});
    add({{"latency-us", "2010"}});
    for (std::size_t i = 0; i < times.size(); ++i) measured_before(cells_[i], times[i]);
    ASSERT_TRUE(run());
    EXPECT_THAT(cell(1).stop_reason, HasSubstr("the budget was used"));
    launches.push_back(launches_of(cell(1)).size());
  }
  EXPECT_EQ(launches[0], 4U) << "one beside the earlier ones";
  EXPECT_GT(launches[1], 4U);
}

TEST_F(BatchRunTest, GoesOnBehindTheBlocksOfAnEarlierRun) {
  add({{"latency-us", "300"}});
  add({{"latency-us", "900"}});
  add({{"latency-us", "600"}});
  request_.launches = 2;
  ASSERT_TRUE(run());
  const std::vector<Block> before = cell(1).blocks;
  cells_[1].cell.status = CellStatus::partial;  // as where the run was killed before its end
  for (LiveCell& live : cells_) live.prepared = false;
  request_.launches = 3;
  elapsed_s_ = 0.0;
  request_.baseline_order.clear();
  ASSERT_TRUE(run());
  EXPECT_EQ(launches_of(cell(1)), (std::set<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(launches_of(cell(0)), (std::set<std::int64_t>{0, 1, 2})) << "the baseline, who leads too, is measured beside it";
  EXPECT_EQ(launches_of(cell(2)), (std::set<std::int64_t>{0, 1})) << "nothing is measured twice";
  ASSERT_GE(cell(1).blocks.size(), before.size());
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_EQ(cell(1).blocks[i].start_ns, before[i].start_ns);
  std::set<std::int64_t> rounds;
  for (const Block& block : cell(1).blocks) EXPECT_TRUE(rounds.insert(block.round).second) << "a round has one block of a cell";
}

TEST_F(BatchRunTest, MeasuresNobodyAgainWhereTheCellsThatWereLeftDoNotOpen) {
  add({{"latency-us", "300"}});
  add({{"error-at", "load"}});
  ASSERT_TRUE(run());
  ASSERT_EQ(cell(1).status, CellStatus::failed);
  const std::size_t before = cell(0).blocks.size();
  const std::string stop_reason = cell(0).stop_reason;
  reopen(cells_[1].cell);
  for (LiveCell& live : cells_) live.prepared = false;
  elapsed_s_ = 0.0;
  request_.baseline_order.clear();
  ASSERT_TRUE(run());
  EXPECT_EQ(cell(1).status, CellStatus::failed) << "it was tried";
  EXPECT_EQ(cell(0).status, CellStatus::ok);
  EXPECT_EQ(cell(0).blocks.size(), before);
  EXPECT_EQ(cell(0).stop_reason, stop_reason);
}

TEST_F(BatchRunTest, CountsWhatAnEarlierRunMeasuredOfEveryCellAgainstTheBudget) {
  for (const char* latency : {"300", "400", "500"}) add({{"latency-us", latency}});
  ASSERT_TRUE(run());
  std::vector<const Cell*> all;
  for (const LiveCell& live : cells_) all.push_back(&live.cell);
  const double spent_s = std::chrono::duration<double>(time_from_budget(all)).count();
  ASSERT_GT(spent_s, 0.0);
  cells_[2].cell.status = CellStatus::partial;  // as where the run was killed before its end
  for (LiveCell& live : cells_) live.prepared = false;
  request_.launches = 2;
  request_.budget = std::chrono::duration<double>(10.0 * spent_s);
  elapsed_s_ = 0.0;
  std::optional<double> told_first;
  on_measure_ = [&] { told_first = told_first.value_or(elapsed_s_); };
  request_.baseline_order.clear();
  ASSERT_TRUE(run());
  ASSERT_TRUE(told_first);
  EXPECT_DOUBLE_EQ(*told_first, spent_s) << "what is done was paid from the same budget";
  EXPECT_NEAR(budget_s_, request_.budget.count(), 1e-6);
}

TEST_F(BatchRunTest, RebuildsTheArtefactsOfCellsThatCouldStillWin) {
  add({{"latency-us", "1000"}});
  add({{"latency-us", "1002"}});
  add({{"latency-us", "9000"}});
  is_compiled_ = true;
  request_.launches = 0;
  request_.rebuilds = 1;
  request_.stopping.interval_target = 1e-6;
  request_.budget = std::chrono::duration<double>(2.0);
  ASSERT_TRUE(run());
  EXPECT_THAT(builds_[cell(0).id], Contains(1));
  EXPECT_THAT(builds_[cell(2).id], ::testing::Each(0));
  bool of_another_build = false;
  for (const Block& block : cell(0).blocks) of_another_build = of_another_build || block.build == 1;
  EXPECT_TRUE(of_another_build);
}

TEST_F(BatchRunTest, RecordsHowACellCameToSteadyState) {
  add({{"latency-us", "500"}});
  ASSERT_TRUE(run());
  ASSERT_TRUE(cell(0).warm_up);
  EXPECT_GE(cell(0).warm_up->iterations, 10);
  EXPECT_GE(cell(0).warm_up->seconds, 0.02);
  EXPECT_FALSE(cell(0).warm_up->trace_ms.empty());
}

}  // namespace
}  // namespace podium::search
