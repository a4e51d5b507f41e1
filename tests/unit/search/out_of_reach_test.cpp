#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "search/batch_run_fixture.h"
#include "search/batch_state.h"

/// Cells so slow that one launch tells enough of them.
namespace podium::search {
namespace {

using ::testing::HasSubstr;

TEST_F(BatchRunTest, SpendsOneRoundOfOneLaunchAndNoBudgetOnACellOutOfReach) {
  add({{"latency-us", "300"}});
  add({{"latency-us", "400"}});
  add({{"latency-us", "60000"}});
  request_.launches = 0;
  ASSERT_TRUE(run());
  EXPECT_EQ(cell(2).status, CellStatus::ok) << cell(2).reason;
  EXPECT_EQ(cell(2).blocks.size(), 1U);
  EXPECT_THAT(cell(2).stop_reason, HasSubstr("× the time of the leader"));
  EXPECT_GE(cell(0).blocks.back().launch, 2) << "the others get their launches";
}

TEST_F(BatchRunTest, TriesACellOutOfReachAgainWhereItsOnlyBlockIsSetAside) {
  add({{"latency-us", "300"}});
  add({{"latency-us", "60000"}});
  request_.launches = 0;
  int blocks = 0;
  evidence_ = [&](const std::string& id) {
    const bool is_first = id == cell(1).id && ++blocks == 1;
    return is_first ? std::optional<std::string>("a foreign load took 40 % of the CPUs") : std::nullopt;
  };
  ASSERT_TRUE(run());
  ASSERT_EQ(cell(1).blocks.size(), 2U);
  EXPECT_TRUE(cell(1).blocks.front().set_aside);
  EXPECT_FALSE(cell(1).blocks.back().set_aside);
  EXPECT_THAT(cell(1).stop_reason, HasSubstr("× the time of the leader"));
}

TEST_F(BatchRunTest, EndsACellOutOfReachThatTheMachineDisturbsEachTime) {
  add({{"latency-us", "300"}});
  add({{"latency-us", "400"}});
  add({{"latency-us", "60000"}});
  request_.launches = 0;
  evidence_ = [&](const std::string& id) {
    return id == cell(2).id ? std::optional<std::string>("a foreign load took 40 % of the CPUs") : std::nullopt;
  };
  ASSERT_TRUE(run());
  EXPECT_EQ(cell(2).status, CellStatus::ok) << cell(2).reason;
  EXPECT_EQ(cell(2).blocks.size(), 2U) << "it is not loaded again in each launch of the others";
  EXPECT_THAT(cell(2).stop_reason, HasSubstr("while it warmed up; the machine disturbed each of its 2 launches"));
  EXPECT_GE(cell(0).blocks.back().launch, 2) << "the others get their launches";
}

TEST_F(BatchRunTest, EndsACellOutOfReachWhereTheLeadersBlocksAreSetAside) {
  add({{"latency-us", "300"}});
  add({{"latency-us", "400"}});
  add({{"latency-us", "60000"}});
  request_.launches = 0;
  evidence_ = [&](const std::string& id) {
    return id != cell(2).id ? std::optional<std::string>("a foreign load took 40 % of the CPUs") : std::nullopt;
  };
  ASSERT_TRUE(run());
  EXPECT_EQ(cell(2).blocks.size(), 1U) << "the only cell with a figure is not the leader for that";
  EXPECT_THAT(cell(2).stop_reason, HasSubstr("while it warmed up"));
  EXPECT_GE(cell(0).blocks.back().launch, 2);
}

TEST_F(BatchRunTest, GoesByScoredBlocksRatherThanByAWarmUpThatALoadSlowedDown) {
  add({{"latency-us", "300"}});
  add({{"latency-us", "400"}});
  const ModelInputs model{{{"x", DataType::float32, {1, 8}, true}}, std::nullopt};
  const auto batches = make_batches(inputs(), model, 2);
  ASSERT_TRUE(batches) << batches.error().message;
  const BatchRunHooks given = hooks();
  const BatchState state(cells_, *batches, request_, given, cancel_);
  using std::chrono::milliseconds;
  cells_[0].iteration = milliseconds(10);
  cells_[1].iteration = milliseconds(60);
  EXPECT_TRUE(state.is_out_of_reach(cells_[1])) << "nothing else is known";
  cells_[0].scored = milliseconds(10);
  cells_[1].scored = milliseconds(12);
  EXPECT_FALSE(state.is_out_of_reach(cells_[1]));
  cells_[1].iteration = milliseconds(12);
  cells_[1].scored = milliseconds(60);
  EXPECT_TRUE(state.is_out_of_reach(cells_[1]));
}

}  // namespace
}  // namespace podium::search
