#include "search/throughput_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <utility>

#include "core/install_paths.h"
#include "search/batch_run_fixture.h"
#include "temporary_folder.h"

namespace podium::search {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;

/// Runs fake cells, as run_batch() would leave them, through run_throughput.
class ThroughputRunTest : public ::testing::Test {
 protected:
  void add(const FakeOptions& options) {
    ASSERT_NO_FATAL_FAILURE(add_fake_cell(cells_, options));
    cells_.back().cell.status = CellStatus::ok;
    cells_.back().cell.latency_ms = Latency{};
    cells_.back().cell.is_baseline = cells_.size() == 1;
  }

  Result<void> run() {
    auto batches = make_batches(inputs(), {{{"x", DataType::float32, {1, 8}, true}}, std::nullopt}, 2);
    if (!batches) return tl::unexpected(batches.error());
    BatchRunRequest request;
    request.threads = 2;
    request.throughput_budget = std::chrono::duration<double>(0.2);
    request.warm_up.shortest = std::chrono::milliseconds(10);
    request.limits = {std::chrono::seconds(10), std::chrono::seconds(5), 0};
    request.logs = folder_.path();
    return run_throughput(cells_, *batches, request, hooks(), cancel_);
  }

  BatchRunHooks hooks() {
    BatchRunHooks hooks;
    hooks.prepare = [this](const Candidate&, const auto&, std::int64_t) -> Result<PreparedModel> {
      ++prepared_;
      return PreparedModel{folder_.write("model.onnx", "any content"), "0", 1, std::nullopt, false, false, {}};
    };
    hooks.command = [](const Candidate& candidate) {
      return worker::WorkerCommand{{find_install_paths().worker.string(), "--module", candidate.backend.module.string()}, {}};
    };
    hooks.key = [](const LiveCell& live) { return live.cell.id; };
    hooks.evidence_against = [this](const auto&, auto, auto) { return evidence_(++blocks_); };
    hooks.on_foreign_load = [](const auto&) {};
    hooks.on_load_beside = [this](const auto&) { ++looks_beside_; };
    hooks.on_stage = [this](const auto& stage, const auto&, auto, auto) {
      EXPECT_EQ(stage, "throughput");
      if (++stages_ == cancel_at_) cancel_.request();
    };
    hooks.on_measure = [](double, double, const std::string&) {};
    hooks.on_message = [this](const std::string& message) { messages_.push_back(message); };
    hooks.on_cell = [this](const Cell&) -> Result<void> {
      return disk_is_full_ ? fail(ErrorCode::io, "the disk is full") : Result<void>();
    };
    hooks.on_block = [](const std::string&, const Block&) -> Result<void> { return {}; };
    hooks.on_throughput_block = [this](const std::string& id, const ThroughputBlock& block) -> Result<void> {
      kept_.emplace_back(id, block.start_ns);
      return no_block_fits_ ? fail(ErrorCode::io, "the disk is full") : Result<void>();
    };
    return hooks;
  }

  const Cell& cell(std::size_t index) const { return cells_[index].cell; }

  test::TemporaryFolder folder_;
  std::vector<LiveCell> cells_;
  CancelToken cancel_;
  std::vector<std::string> messages_;
  int prepared_ = 0;
  int stages_ = 0;
  int cancel_at_ = 0;
  bool disk_is_full_ = false;
  bool no_block_fits_ = false;
  int looks_beside_ = 0;                                    ///< for programs that run beside
  int blocks_ = 0;                                          ///< measured so far
  std::vector<std::pair<std::string, std::int64_t>> kept_;  ///< cell and start of each block, as it was told to be kept
  /// Why a block is set aside, by its number from 1 on. None is, so that no test hangs on what else the machine does.
  std::function<std::optional<std::string>(int block)> evidence_ = [](int) { return std::nullopt; };
};

std::vector<std::int64_t> starts_of(const Cell& cell) {
  std::vector<std::int64_t> starts;
  for (const ThroughputBlock& block : cell.throughput_blocks) starts.push_back(block.start_ns);
  return starts;
}

TEST_F(ThroughputRunTest, TriesMoreRequestsAndGivesTheBestOfThem) {
  add({{"latency-us", "20000"}});
  ASSERT_TRUE(run());
  ASSERT_TRUE(cell(0).throughput.has_value()) << cell(0).missing.at("throughput");
  const Throughput& found = *cell(0).throughput;
  EXPECT_THAT(found.tried, Contains(Key("1")));
  EXPECT_THAT(found.tried, Contains(Key("2")));
  EXPECT_THAT(found.tried, Contains(Key("4")));
  EXPECT_GT(found.requests, 1) << "the fake sleeps, so requests do not hinder each other";
  EXPECT_EQ(found.per_s, found.tried.at(std::to_string(found.requests)));
  EXPECT_TRUE(found.ci95.has_value());
  EXPECT_LE(found.tried.at("1"), 2 / 0.020) << "inputs a second: two in each call of 20 ms";
  EXPECT_EQ(cell(0).throughput_per_s, found.per_s);
  EXPECT_EQ(prepared_, 1) << "the model is made ready once for all launches";
  EXPECT_EQ(looks_beside_, blocks_ / 2) << "one for each launch: a load that the workers go before disturbs no block";
}

TEST_F(ThroughputRunTest, FindsThatAnEngineServesOneRequestAtATime) {
  add({{"latency-us", "20000"}, {"parallel", "1"}});
  ASSERT_TRUE(run());
  ASSERT_TRUE(cell(0).throughput.has_value());
  EXPECT_LT(cell(0).throughput->tried.at("2"), 1.5 * cell(0).throughput->tried.at("1"));
}

TEST_F(ThroughputRunTest, RejectsACellThatMixesUpAnswersUnderSeveralRequests) {
  add({{"latency-us", "5000"}});
  add({{"latency-us", "5000"}, {"mixed-answers", "on"}});
  ASSERT_TRUE(run());
  EXPECT_EQ(cell(0).status, CellStatus::ok);
  EXPECT_EQ(cell(1).status, CellStatus::rejected);
  EXPECT_THAT(cell(1).reason, HasSubstr("wrong answers: with 2 requests in flight"));
  EXPECT_EQ(cell(1).failure->failure_class, "wrong_output");
  EXPECT_FALSE(cell(1).throughput.has_value());
}

TEST_F(ThroughputRunTest, JudgesAnswersAgainstTheBaselinesToo) {
  add({{"latency-us", "1000"}});
  add({{"latency-us", "1000"}, {"output", "constant"}});
  ASSERT_TRUE(run());
  EXPECT_EQ(cell(1).status, CellStatus::rejected);
  EXPECT_THAT(cell(1).reason, HasSubstr("set up for 1 requests in flight"));
}

TEST_F(ThroughputRunTest, KeepsTheThroughputOfOneRequestWhereMoreAreRefused) {
  add({{"latency-us", "1000"}, {"single-request", "on"}});
  ASSERT_TRUE(run());
  ASSERT_TRUE(cell(0).throughput.has_value());
  EXPECT_EQ(cell(0).throughput->requests, 1);
  EXPECT_EQ(cell(0).throughput->tried.size(), 1U);
}

TEST_F(ThroughputRunTest, LeavesACellThatFailsWithItsLatencyAndTheReason) {
  add({{"latency-us", "1000"}});
  add({{"latency-us", "1000"}, {"crash-at", "measure"}});
  ASSERT_TRUE(run());
  EXPECT_TRUE(cell(0).throughput.has_value());
  EXPECT_EQ(cell(1).status, CellStatus::ok);
  EXPECT_TRUE(cell(1).latency_ms.has_value());
  EXPECT_FALSE(cell(1).throughput.has_value());
  EXPECT_THAT(cell(1).missing.at("throughput"), HasSubstr("with 1 requests in flight"));
  EXPECT_THAT(messages_, Contains(HasSubstr("throughput of fake/fp32/b2/cpu")));
}

TEST_F(ThroughputRunTest, WarmsUpWithItsRequestsInFlightBeforeAnyBlockIsScored) {
  add({{"latency-us", "20000"}, {"crash-at", "measure"}, {"after-calls", "12"}});  // two blocks are ten calls, six windows are thirty
  ASSERT_TRUE(run());
  EXPECT_TRUE(cell(0).throughput_blocks.empty());
  EXPECT_EQ(blocks_, 0);
  EXPECT_THAT(cell(0).missing.at("throughput"), HasSubstr("with 1 requests in flight"));
}

TEST_F(ThroughputRunTest, LeavesCellsAloneThatWereNotMeasured) {
  add({{"latency-us", "1000"}});
  add({});
  cells_[1].cell.status = CellStatus::failed;
  ASSERT_TRUE(run());
  EXPECT_FALSE(cell(1).throughput.has_value());
  EXPECT_FALSE(cell(1).missing.contains("throughput"));
}

TEST_F(ThroughputRunTest, SaysThatASearchWasCutOff) {
  add({{"latency-us", "1000"}});
  cancel_at_ = 4;
  ASSERT_TRUE(run());
  EXPECT_EQ(cell(0).status, CellStatus::ok);
  EXPECT_FALSE(cell(0).throughput.has_value()) << "the best number of requests was not found";
  EXPECT_THAT(cell(0).missing.at("throughput"), HasSubstr("stopped"));
}

TEST_F(ThroughputRunTest, TellsEachBlockWhenItHasEnded) {
  add({{"latency-us", "1000"}});
  ASSERT_TRUE(run());
  ASSERT_TRUE(cell(0).throughput.has_value());
  ASSERT_EQ(kept_.size(), cell(0).throughput_blocks.size());
  for (std::size_t i = 0; i < kept_.size(); ++i) EXPECT_EQ(kept_[i].second, cell(0).throughput_blocks[i].start_ns);
  EXPECT_EQ(cell(0).throughput_blocks.size(), 6 * cell(0).throughput->tried.size()) << "three launches of two blocks for each number";
  EXPECT_EQ(cell(0).throughput->blocks_set_aside, 0);
}

TEST_F(ThroughputRunTest, TellsOfEachLaunchHowItWarmedUp) {
  add({{"latency-us", "1000"}, {"single-request", "on"}});
  ASSERT_TRUE(run());
  ASSERT_EQ(cell(0).throughput_blocks.size(), 6U);
  for (std::size_t i = 0; i < 6; ++i) {
    const std::optional<WarmUp>& warm_up = cell(0).throughput_blocks[i].warm_up;
    EXPECT_EQ(warm_up.has_value(), i % 2 == 0) << "the first of a launch's two blocks has it";
    if (!warm_up) continue;
    EXPECT_GT(warm_up->iterations, 0);
    EXPECT_GE(warm_up->seconds, 0.01);
    EXPECT_FALSE(warm_up->trace_ms.empty());
  }
  ASSERT_TRUE(cell(0).throughput->warm_up);
  EXPECT_FALSE(cell(0).throughput->warm_up->trace_ms.empty());
}

TEST_F(ThroughputRunTest, GoesOnBehindTheBlocksOfARunThatWasCutOff) {
  add({{"latency-us", "1000"}});
  add({{"latency-us", "2000"}});
  cancel_at_ = 6;
  ASSERT_TRUE(run());
  const std::vector<std::int64_t> of_baseline = starts_of(cell(0));
  const std::vector<std::int64_t> of_other = starts_of(cell(1));
  ASSERT_FALSE(of_baseline.empty() || of_other.empty());
  cancel_ = CancelToken();
  cancel_at_ = 0;
  ASSERT_TRUE(run());
  for (std::size_t i = 0; i < 2; ++i) {
    ASSERT_TRUE(cell(i).throughput.has_value()) << cell(i).missing.at("throughput");
    const std::vector<std::int64_t> now = starts_of(cell(i));
    const std::vector<std::int64_t>& before = i == 0 ? of_baseline : of_other;
    ASSERT_GT(now.size(), before.size());
    EXPECT_TRUE(std::equal(before.begin(), before.end(), now.begin())) << "no block is lost";
    EXPECT_EQ(std::set<std::int64_t>(now.begin(), now.end()).size(), now.size()) << "and none doubled";
    std::map<std::int64_t, std::set<std::int64_t>> launches;
    for (const ThroughputBlock& block : cell(i).throughput_blocks) launches[block.requests].insert(block.launch);
    for (const auto& [requests, of_number] : launches) EXPECT_EQ(of_number.size(), 3U) << requests << " requests";
  }
}

TEST_F(ThroughputRunTest, JudgesByABaselineThatAnEarlierRunHasMeasured) {
  add({{"latency-us", "1000"}});
  ASSERT_TRUE(run());
  const std::vector<std::int64_t> before = starts_of(cell(0));
  add({{"latency-us", "1000"}, {"output", "constant"}});
  ASSERT_TRUE(run());
  EXPECT_EQ(starts_of(cell(0)), before) << "it answers, and is not measured again";
  EXPECT_EQ(cell(1).status, CellStatus::rejected);
}

TEST_F(ThroughputRunTest, MeasuresALaunchMoreWhereOneWasDisturbed) {
  add({{"latency-us", "1000"}, {"single-request", "on"}});
  evidence_ = [](int block) { return block <= 2 ? std::optional<std::string>("a foreign load took 40 % of the CPUs") : std::nullopt; };
  ASSERT_TRUE(run());
  ASSERT_TRUE(cell(0).throughput.has_value());
  EXPECT_EQ(cell(0).throughput_blocks.size(), 8U) << "four launches";
  EXPECT_TRUE(cell(0).throughput_blocks.front().set_aside);
  EXPECT_EQ(cell(0).throughput->blocks_set_aside, 2);
  EXPECT_THAT(messages_, ::testing::IsEmpty());
}

TEST_F(ThroughputRunTest, ScoresWhatWasDisturbedAllTheTimeAndKeepsTheEvidence) {
  add({{"latency-us", "1000"}, {"single-request", "on"}});
  evidence_ = [](int) { return std::optional<std::string>("a foreign load took 40 % of the CPUs"); };
  ASSERT_TRUE(run());
  ASSERT_TRUE(cell(0).throughput.has_value());
  EXPECT_GT(cell(0).throughput->per_s, 0.0);
  EXPECT_EQ(cell(0).throughput_blocks.size(), 10U) << "five launches and no more";
  EXPECT_EQ(cell(0).throughput->blocks_set_aside, 0);
  for (const ThroughputBlock& block : cell(0).throughput_blocks) EXPECT_FALSE(block.evidence.empty());
  EXPECT_THAT(messages_, Contains(HasSubstr("nearly every launch was disturbed")));
}

TEST_F(ThroughputRunTest, EndsWithTheErrorWhereABlockCannotBeKept) {
  add({{"latency-us", "1000"}});
  no_block_fits_ = true;
  const auto done = run();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::io);
  EXPECT_EQ(kept_.size(), 1U) << "nothing is measured that cannot be kept";
}

TEST_F(ThroughputRunTest, AFullDiskEndsTheRun) {
  add({{"latency-us", "1000"}});
  disk_is_full_ = true;
  const auto done = run();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::io);
}

}  // namespace
}  // namespace podium::search
