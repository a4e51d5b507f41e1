// The whole search on made-up engines: what each candidate takes is a function of it, and nothing is measured.
#include "search/optimize/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

#include "search/optimize/choice.h"
#include "search/optimize/goal.h"
#include "search/ranking.h"

namespace podium::search {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

backend::Registered engine(const std::string& name, std::vector<Precision> precisions) {
  backend::Registered entry;
  entry.launch = backend::Launch::module;
  entry.descriptor.name = name;
  entry.descriptor.engine = name;
  entry.descriptor.precisions = std::move(precisions);
  entry.descriptor.options = {{"layout", OptionType::flag, OptionValue{false}, {}, 0, 0, "an option"},
                              {"threads", OptionType::flag, OptionValue{false}, {}, 0, 0, "another"}};
  entry.descriptor.worth_trying = {{"layout", {"on"}, false}, {"threads", {"on"}, false}};
  return entry;
}

/// Engines whose times are known, and a search among them.
class MadeUpEngines : public ::testing::Test {
 protected:
  void add(const backend::Registered& entry, Precision precision) {
    const auto options = *backend::resolve_options(entry.descriptor, {});
    candidates_.push_back({entry, precision, options, {}, 1});
  }

  std::vector<LiveCell> make_cells(const std::vector<Candidate>& candidates) const {
    std::vector<LiveCell> cells;
    for (const Candidate& candidate : candidates) cells.push_back(new_cell(candidate, 1, "cpu"));
    return cells;
  }

  /// One launch of all, at their true times; 1 % of noise that is the same every time.
  Result<void> measure(std::vector<LiveCell>& cells, const Round& round) {
    rounds_.push_back(round.stage);
    seconds_a_cell_[round.stage] = round.seconds_a_cell;
    const bool has_baseline = std::any_of(cells.begin(), cells.end(), [](const LiveCell& cell) { return cell.cell.is_baseline; });
    if (!has_baseline) cells[round.baseline_order.front()].cell.is_baseline = true;
    const std::int64_t launches = round.launches == 0 ? 3 : 1;
    for (std::int64_t launch = 0; launch < launches; ++launch, ++launch_) {
      for (LiveCell& cell : cells) {
        const bool is_new = cell.cell.blocks.empty() && !cell.cell.is_baseline;
        if (is_new && round.until_s > 0.0 && may_open_ == 0) continue;
        if (is_new) --may_open_;
        cell.cell.variant_sha256 = "made up";
        opened_.push_back(cell.cell.id);
        open(cell);
        clock_s_ += takes_time() ? round.seconds_a_cell / static_cast<double>(launches) : 0.0;
        for (std::int64_t number = 0; number < 4; ++number) {
          Block block;
          block.launch = launch_;
          block.round = 4 * launch_ + number;
          const double stray = 1.0 + 0.002 * static_cast<double>((number * 7 + static_cast<std::int64_t>(cell.cell.id.size())) % 5 - 2);
          block.samples_ns.assign(5, static_cast<std::int64_t>(1e6 * milliseconds_(cell.candidate) * stray));
          block.set_aside = disturbed_ == cell.candidate.backend.descriptor.name;
          cell.cell.blocks.push_back(block);
        }
      }
    }
    for (LiveCell& cell : cells) {
      if (cell.cell.blocks.empty()) continue;
      cell.cell.status = CellStatus::ok;
      cell.cell.build_s = build_s_;
      cell.cell.output_error.verdict = Verdict::agrees;
      cell.cell.output_error.sqnr_db = is_lossy(cell.cell.precision) ? 20.0 : 100.0;
      if (!round.with_throughput) continue;
      cell.cell.throughput = Throughput{inputs_per_s_(cell.candidate), std::nullopt, 1, {}};
      cell.cell.throughput_per_s = cell.cell.throughput->per_s;
    }
    return {};
  }

  /// Only where the test says what opening takes does the clock go on.
  bool takes_time() const { return !opening_s_.empty(); }

  void open(LiveCell& cell) {
    const auto takes = opening_s_.find(cell.cell.backend);
    if (takes == opening_s_.end()) return;
    cell.opening_s = takes->second;
    ++cell.openings;
    clock_s_ += takes->second;
  }

  Choice search(SearchPolicy policy, double until_s = 0.0, std::vector<std::size_t> baseline_order = {0}) {
    CandidateSearch rounds(std::move(policy));
    std::vector<LiveCell> cells = make_cells(candidates_);
    SearchHooks hooks;
    hooks.make_cells = [this](const std::vector<Candidate>& candidates) { return make_cells(candidates); };
    hooks.measure = [this](std::vector<LiveCell>& live, const Round& round) { return measure(live, round); };
    hooks.elapsed_s = [this] { return clock_s_; };
    hooks.kept_load_s = [this](const Candidate& candidate) { return kept_load_s_ ? kept_load_s_(candidate) : std::nullopt; };
    hooks.is_cancelled = [] { return false; };
    hooks.on_message = [](const std::string&) {};
    EXPECT_TRUE(rounds.run(cells, {std::move(baseline_order), until_s}, hooks));
    std::vector<Cell> measured;
    for (LiveCell& cell : cells) measured.push_back(std::move(cell.cell));
    std::vector<Cell*> pointers;
    for (Cell& cell : measured) pointers.push_back(&cell);
    rank_cells(pointers);
    log_ = rounds.log();
    return choose(measured, {rounds.policy(), {"python"}, rounds.finalists()});
  }

  std::string reason_of(const std::string& id) const {
    for (const SearchStep& step : log_) {
      if (step.candidate == id) return step.stage + ": " + step.reason;
    }
    return "stayed";
  }

  std::vector<Candidate> candidates_;
  std::function<double(const Candidate&)> milliseconds_;
  std::function<double(const Candidate&)> inputs_per_s_;
  std::vector<std::string> opened_;
  std::vector<std::string> rounds_;
  std::map<std::string, double> seconds_a_cell_;  ///< by round, as last asked for
  std::map<std::string, double> opening_s_;       ///< of each engine's cells, every time
  std::function<std::optional<double>(const Candidate&)> kept_load_s_;
  double clock_s_ = 0.0;
  std::vector<SearchStep> log_;
  std::int64_t launch_ = 0;
  std::optional<double> build_s_;
  std::string disturbed_;  ///< the engine whose blocks are all set aside
  int may_open_ = 1000;    ///< so many cells, where the round has an end
};

bool has(const Candidate& candidate, const std::string& option) {
  return candidate.unusual.contains(option);
}

TEST_F(MadeUpEngines, FindTheBestOptionsAndTellThemToEachOther) {
  const auto alpha = engine("alpha", {Precision::fp32, Precision::bf16});
  add(alpha, Precision::fp32);
  add(alpha, Precision::bf16);
  milliseconds_ = [](const Candidate& it) {
    return 10.0 * (it.precision == Precision::bf16 ? 1.02 : 1.0) * (has(it, "layout") ? 0.9 : 1.0) * (has(it, "threads") ? 0.95 : 1.0);
  };
  const Choice choice = search({});
  ASSERT_EQ(choice.winners.size(), 1U);
  EXPECT_EQ(choice.winners.front().cell, "alpha/fp32/b1/cpu/layout=on/threads=on") << "both changes help, and together most";
}

TEST_F(MadeUpEngines, LeaveAsSoonAsTheyCannotWin) {
  add(engine("alpha", {Precision::fp32}), Precision::fp32);
  add(engine("slow", {Precision::fp32}), Precision::fp32);
  milliseconds_ = [](const Candidate& it) { return it.backend.descriptor.name == "slow" ? 30.0 : 10.0; };
  const Choice choice = search({});
  EXPECT_THAT(reason_of("slow/fp32/b1/cpu"), AllOf(StartsWith("defaults: "), HasSubstr(" times the ")));
  EXPECT_EQ(std::count(opened_.begin(), opened_.end(), "slow/fp32/b1/cpu"), 1) << "it was measured once and no more";
  EXPECT_THAT(opened_, Not(Contains(HasSubstr("slow/fp32/b1/cpu/"))));
  EXPECT_EQ(choice.winners.front().cell, "alpha/fp32/b1/cpu");
}

TEST_F(MadeUpEngines, LeaveThoughTheMachineDisturbedTheirBlocksWhereTheyAreFarBehind) {
  add(engine("alpha", {Precision::fp32}), Precision::fp32);
  add(engine("slow", {Precision::fp32}), Precision::fp32);
  milliseconds_ = [](const Candidate& it) { return it.backend.descriptor.name == "slow" ? 30.0 : 10.0; };
  disturbed_ = "slow";
  const Choice choice = search({});
  EXPECT_THAT(reason_of("slow/fp32/b1/cpu"), AllOf(StartsWith("defaults: "), HasSubstr(" times the ")));
  EXPECT_EQ(choice.winners.front().cell, "alpha/fp32/b1/cpu");
}

TEST_F(MadeUpEngines, ThatTakeLongToBuildAreNotBuiltWhereTheForecastIsBad) {
  auto compiler = engine("compiler", {Precision::fp32, Precision::bf16, Precision::int8_static});
  compiler.descriptor.builds_slowly = true;
  const auto quick = engine("quick", {Precision::fp32, Precision::bf16, Precision::int8_static});
  for (const Precision precision : {Precision::fp32, Precision::bf16, Precision::int8_static}) {
    add(quick, precision);
    add(compiler, precision);
  }
  milliseconds_ = [](const Candidate& it) {
    return 10.0 * (it.precision == Precision::bf16 ? 2.0 : it.precision == Precision::int8_static ? 0.5 : 1.0);
  };
  static_cast<void>(search({}));
  EXPECT_THAT(reason_of("compiler/bf16/b1/cpu"), HasSubstr("forecast: "));
  EXPECT_THAT(opened_, Not(Contains("compiler/bf16/b1/cpu")));
  EXPECT_THAT(opened_, Contains("compiler/int8-static/b1/cpu"));
}

TEST_F(MadeUpEngines, GiveWayToTheNextWhereTheFastestDoesNotKeepToTheBound) {
  const auto alpha = engine("alpha", {Precision::fp32, Precision::int8_static});
  add(alpha, Precision::fp32);
  add(alpha, Precision::int8_static);
  milliseconds_ = [](const Candidate& it) { return it.precision == Precision::fp32 ? 10.0 : 3.0; };
  SearchPolicy strict;
  strict.bound.min_sqnr_db = 30.0;
  const Choice bounded = search(strict);
  EXPECT_EQ(bounded.winners.front().cell, "alpha/fp32/b1/cpu");
  EXPECT_THAT(reason_of("alpha/int8-static/b1/cpu"), HasSubstr("bound: its SQNR of 20.0 dB is below 30 dB"));
  EXPECT_EQ(search({}).winners.front().cell, "alpha/int8-static/b1/cpu");
}

TEST_F(MadeUpEngines, ThatWereBeatenAreCalledBackWhereNoFinalistKeepsToALimitThatOnlyTheFinalsTell) {
  add(engine("alpha", {Precision::fp32}), Precision::fp32);
  add(engine("beta", {Precision::fp32}), Precision::fp32);
  milliseconds_ = [](const Candidate& it) { return it.backend.descriptor.name == "alpha" ? 10.0 : 20.0; };
  inputs_per_s_ = [](const Candidate& it) { return it.backend.descriptor.name == "alpha" ? 100.0 : 150.0; };
  SearchPolicy policy;
  policy.goals = *parse_goals("throughput>=120/s, latency");
  const Choice choice = search(policy);
  ASSERT_EQ(choice.winners.size(), 1U) << choice.why_none;
  EXPECT_EQ(choice.winners.front().cell, "beta/fp32/b1/cpu");
  EXPECT_THAT(log_, Contains(AllOf(Field(&SearchStep::candidate, "beta/fp32/b1/cpu"), Field(&SearchStep::stage, "called back"))));
}

TEST_F(MadeUpEngines, ThatExistOnlyInPythonAreTheBaselineAndDoNotWin) {
  auto python = engine("python", {Precision::fp32, Precision::bf16});
  python.launch = backend::Launch::python;
  add(python, Precision::fp32);
  add(python, Precision::bf16);
  add(engine("alpha", {Precision::fp32}), Precision::fp32);
  milliseconds_ = [](const Candidate& it) { return it.backend.descriptor.name == "python" ? 1.0 : 10.0; };
  EXPECT_EQ(search({}).winners.front().cell, "alpha/fp32/b1/cpu");
  EXPECT_THAT(opened_, Not(Contains("python/bf16/b1/cpu")));
  SearchPolicy allowed;
  allowed.allow_python = true;
  EXPECT_THAT(search(allowed).winners.front().cell, HasSubstr("python/"));
}

TEST_F(MadeUpEngines, ThatWereMeasuredInDifferentRoundsAreComparedOverABaselineThatIsNoCandidate) {
  auto python = engine("python", {Precision::fp32});
  python.launch = backend::Launch::python;
  add(python, Precision::fp32);
  const auto alpha = engine("alpha", {Precision::fp32, Precision::bf16});
  add(alpha, Precision::fp32);
  add(alpha, Precision::bf16);
  milliseconds_ = [](const Candidate& it) {
    if (it.backend.descriptor.name == "python") return 20.0;
    return it.precision == Precision::bf16 ? 10.3 : has(it, "layout") ? 5.0 : 10.0;
  };
  EXPECT_THAT(search({}).winners.front().cell, StartsWith("alpha/fp32/b1/cpu/layout=on"));
  EXPECT_THAT(reason_of("alpha/bf16/b1/cpu"), AllOf(StartsWith("options: "), HasSubstr("2.06 times the ")));
}

TEST_F(MadeUpEngines, AreNotTriedWhereTheBudgetIsOver) {
  auto compiler = engine("compiler", {Precision::fp32});
  compiler.descriptor.builds_slowly = true;
  add(engine("alpha", {Precision::fp32}), Precision::fp32);
  add(compiler, Precision::fp32);
  milliseconds_ = [](const Candidate&) { return 10.0; };
  EXPECT_EQ(search({}, 20.0).winners.size(), 1U);
  EXPECT_THAT(reason_of("compiler/fp32/b1/cpu"), HasSubstr("budget: "));
}

TEST_F(MadeUpEngines, ThatPromiseMostAreTriedWhereTheBudgetEndsInTheFirstRound) {
  for (const char* name : {"alpha", "beta"}) {
    const auto one = engine(name, {Precision::bf16, Precision::int8_static, Precision::fp32});
    for (const Precision precision : one.descriptor.precisions) add(one, precision);
  }
  milliseconds_ = [](const Candidate& it) { return it.precision == Precision::fp32 ? 10.0 : 5.0; };
  may_open_ = 2;  // beside the baseline, the first of all
  const Choice choice = search({}, 20.0, {2});
  ASSERT_EQ(choice.winners.size(), 1U) << choice.why_none;
  EXPECT_EQ(choice.winners.front().cell, "alpha/int8-static/b1/cpu");
  for (const char* late : {"beta/int8-static/b1/cpu", "alpha/bf16/b1/cpu", "beta/bf16/b1/cpu"})
    EXPECT_THAT(reason_of(late), AllOf(StartsWith("budget: "), HasSubstr("--budget"))) << late;
  EXPECT_THAT(reason_of("beta/fp32/b1/cpu"), StartsWith("defaults: "));
}

TEST_F(MadeUpEngines, AreTriedWithOptionsThatBuildNothingThoughTheirFirstBuildTookMostOfTheBudget) {
  add(engine("alpha", {Precision::fp32}), Precision::fp32);
  milliseconds_ = [](const Candidate& it) { return has(it, "layout") ? 5.0 : 10.0; };
  build_s_ = 60.0;
  EXPECT_THAT(search({}, 40.0).winners.front().cell, StartsWith("alpha/fp32/b1/cpu/layout=on"));
}

/// An engine that compiles for a minute or more.
backend::Registered compiler_of(const std::vector<Precision>& precisions) {
  auto compiler = engine("compiler", precisions);
  compiler.descriptor.builds_slowly = true;
  return compiler;
}

TEST_F(MadeUpEngines, ThatHaveKeptWhatTheyBuiltAreMeasuredAmongTheQuickOnes) {
  add(engine("alpha", {Precision::fp32}), Precision::fp32);
  add(compiler_of({Precision::fp32}), Precision::fp32);
  milliseconds_ = [](const Candidate& it) { return it.backend.descriptor.builds_slowly ? 5.0 : 10.0; };
  kept_load_s_ = [](const Candidate& it) { return it.backend.descriptor.builds_slowly ? std::optional(6.0) : std::nullopt; };
  const Choice choice = search({}, 50.0);
  ASSERT_EQ(choice.winners.size(), 1U) << choice.why_none;
  EXPECT_THAT(choice.winners.front().cell, StartsWith("compiler/"));
  EXPECT_THAT(rounds_, Not(Contains("long builds")));
}

TEST_F(MadeUpEngines, WhoseLastLoadBuiltForAMinuteArePutOffAsABuildIs) {
  add(engine("alpha", {Precision::fp32}), Precision::fp32);
  add(compiler_of({Precision::fp32}), Precision::fp32);
  milliseconds_ = [](const Candidate&) { return 10.0; };
  kept_load_s_ = [](const Candidate& it) { return it.backend.descriptor.builds_slowly ? std::optional(75.0) : std::nullopt; };
  static_cast<void>(search({}, 50.0));
  EXPECT_THAT(reason_of("compiler/fp32/b1/cpu"), StartsWith("budget: long builds: "));
  static_cast<void>(search({}, 200.0));
  EXPECT_THAT(rounds_, Contains("long builds")) << "there is time for it, and nothing says that it would take longer";
}

TEST_F(MadeUpEngines, AreTriedWithAnOptionThatBuildsWhereTheBudgetSufficesOnlySinceItsBuildWasKept) {
  auto alpha = engine("alpha", {Precision::fp32});
  alpha.descriptor.worth_trying = {{"layout", {"on"}, true}};
  add(alpha, Precision::fp32);
  milliseconds_ = [](const Candidate& it) { return has(it, "layout") ? 5.0 : 10.0; };
  build_s_ = 60.0;
  EXPECT_EQ(search({}, 40.0).winners.front().cell, "alpha/fp32/b1/cpu");
  EXPECT_THAT(reason_of("alpha/fp32/b1/cpu/layout=on"), StartsWith("budget: options that build: "));
  kept_load_s_ = [](const Candidate& it) { return has(it, "layout") ? std::optional(2.0) : std::nullopt; };
  EXPECT_EQ(search({}, 40.0).winners.front().cell, "alpha/fp32/b1/cpu/layout=on");
}

/// Engines that are as good as each other for the rounds before the finals, and offer no options.
class SlowToLoad : public MadeUpEngines {
 protected:
  void add_engines(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      auto one = engine(name, {Precision::fp32});
      one.descriptor.worth_trying.clear();
      add(one, Precision::fp32);
      opening_s_[name] = 0.0;
    }
    milliseconds_ = [names](const Candidate& it) {
      const auto place = std::find(names.begin(), names.end(), it.backend.descriptor.name) - names.begin();
      return 10.0 + 0.15 * static_cast<double>(place);
    };
  }
  std::int64_t times_opened(const std::string& id) const { return std::count(opened_.begin(), opened_.end(), id); }
};

TEST_F(SlowToLoad, LeavesLessTimeToMeasureTheFinalists) {
  add_engines({"alpha", "beta"});
  static_cast<void>(search({}, 24.0));
  const double quick_s = seconds_a_cell_["finals"];
  clock_s_ = 0.0;
  opening_s_ = {{"alpha", 1.0}, {"beta", 1.0}};
  static_cast<void>(search({}, 24.0));
  EXPECT_LT(seconds_a_cell_["finals"], quick_s);
  EXPECT_GE(seconds_a_cell_["finals"], 3.0) << "the least";
  EXPECT_LE(clock_s_, 24.0) << "the search is over in time";
}

TEST_F(SlowToLoad, SendsTheLeastPromisingFinalistsAwayWhereTheBudgetIsTooShortToLoadThem) {
  add_engines({"alpha", "beta", "gamma"});
  opening_s_ = {{"alpha", 6.0}, {"beta", 6.0}, {"gamma", 6.0}};
  const Choice choice = search({}, 60.0);
  ASSERT_EQ(choice.winners.size(), 1U) << choice.why_none;
  EXPECT_EQ(choice.winners.front().cell, "alpha/fp32/b1/cpu");
  EXPECT_EQ(reason_of("gamma/fp32/b1/cpu"), "budget: finals: the budget leaves no time to measure it again; give more with --budget");
  EXPECT_EQ(times_opened("gamma/fp32/b1/cpu"), 1);
  EXPECT_EQ(times_opened("beta/fp32/b1/cpu"), 4) << "there is time for two";
}

TEST_F(SlowToLoad, MeasuresTheLeaderAndTheBaselineInTheFinalsThoughTheBudgetIsOver) {
  add_engines({"beta", "gamma", "alpha"});
  opening_s_ = {{"alpha", 20.0}, {"beta", 20.0}, {"gamma", 20.0}};
  milliseconds_ = [](const Candidate& it) { return it.backend.descriptor.name == "alpha" ? 10.0 : 10.3; };
  EXPECT_EQ(search({}, 30.0).winners.front().cell, "alpha/fp32/b1/cpu");
  EXPECT_EQ(times_opened("alpha/fp32/b1/cpu"), 4);
  EXPECT_EQ(times_opened("beta/fp32/b1/cpu"), 4) << "the baseline is what all are told against";
  EXPECT_EQ(times_opened("gamma/fp32/b1/cpu"), 1);
}

TEST_F(SlowToLoad, TakesOnlyTheBestIntoASecondLookWhereTheBudgetIsTooShortForAll) {
  add_engines({"alpha", "beta", "gamma", "delta", "epsilon", "zeta"});
  milliseconds_ = [](const Candidate& it) { return it.backend.descriptor.name == "zeta" ? 10.3 : 10.0; };
  for (auto& [name, seconds] : opening_s_) seconds = 5.0;
  static_cast<void>(search({}, 90.0));
  EXPECT_THAT(log_,
              Contains(AllOf(Field(&SearchStep::candidate, "zeta/fp32/b1/cpu"), Field(&SearchStep::reason, StartsWith("second look: ")))));
  clock_s_ = 0.0;
  log_.clear();
  static_cast<void>(search({}, 900.0));
  EXPECT_THAT(log_, Not(Contains(Field(&SearchStep::stage, "budget")))) << "there is time for all";
}

TEST_F(SlowToLoad, IsNotSaidOfAnEngineThatBuiltWhenItWasLoadedForTheOnlyTime) {
  add_engines({"alpha"});
  auto compiler = compiler_of({Precision::fp32});
  compiler.descriptor.worth_trying.clear();
  add(compiler, Precision::fp32);
  opening_s_["compiler"] = 70.0;
  milliseconds_ = [](const Candidate& it) { return it.backend.descriptor.builds_slowly ? 10.1 : 10.0; };
  static_cast<void>(search({}, 150.0));
  EXPECT_EQ(times_opened("compiler/fp32/b1/cpu"), 4) << "it is a finalist: the build is not paid again";
}

Cell measured_at(const std::string& backend, std::int64_t batch, double ms) {
  Cell cell;
  cell.backend = backend;
  cell.batch = batch;
  cell.id = backend + "/fp32/b" + std::to_string(batch) + "/cpu";
  cell.status = CellStatus::ok;
  cell.latency_ms = Latency{};
  cell.latency_ms->median = ms;
  for (std::int64_t round = 0; round < 12; ++round) {
    Block block;
    block.launch = round / 4;
    block.round = round;
    block.samples_ns.assign(5, static_cast<std::int64_t>(1e6 * ms * (1.0 + 0.001 * static_cast<double>(round % 3))));
    cell.blocks.push_back(block);
  }
  return cell;
}

TEST(Choice, IsOfOneEngineUnlessSeveralAreAllowed) {
  const std::vector<Cell> cells{measured_at("alpha", 1, 1.0), measured_at("beta", 1, 2.0), measured_at("alpha", 8, 9.0),
                                measured_at("beta", 8, 6.0)};
  ChoiceRequest request;
  const Choice one = choose(cells, request);
  ASSERT_EQ(one.winners.size(), 2U) << one.why_none;
  EXPECT_EQ(one.winners[0].cell, "alpha/fp32/b1/cpu");
  EXPECT_EQ(one.winners[1].cell, "alpha/fp32/b8/cpu");
  request.policy.multi_engine = true;
  const Choice several = choose(cells, request);
  ASSERT_EQ(several.winners.size(), 2U) << several.why_none;
  EXPECT_EQ(several.winners[0].cell, "alpha/fp32/b1/cpu");
  EXPECT_EQ(several.winners[1].cell, "beta/fp32/b8/cpu");
  EXPECT_THAT(several.winners[1].reason, Not(HasSubstr("an artefact has one")));
}

TEST(Choice, TakesAnotherEngineOnlyForMoreThanAProcessOfItsOwnCosts) {
  ChoiceRequest request;
  request.policy.multi_engine = true;
  const auto backend_at_8 = [&](double alpha_ms, double beta_ms) {
    const Choice choice = choose(
        {measured_at("alpha", 1, 0.1), measured_at("beta", 1, 0.2), measured_at("alpha", 8, alpha_ms), measured_at("beta", 8, beta_ms)},
        request);
    return choice.winners.size() == 2 ? choice.winners[1].cell.substr(0, choice.winners[1].cell.find('/')) : choice.why_none;
  };
  EXPECT_EQ(backend_at_8(0.06, 0.03), "alpha") << "twice as fast, and less than the call to the other process takes";
  EXPECT_EQ(backend_at_8(6.03, 6.0), "alpha") << "within the noise";
  EXPECT_EQ(backend_at_8(9.0, 6.0), "beta");
  request.policy.home_engine = "beta";
  EXPECT_EQ(backend_at_8(6.0, 6.03), "beta") << "what an earlier set of shapes has brought into the program stays there";
}

TEST_F(MadeUpEngines, ThatAreAsGoodLeaveTheChoiceToTheLosslessAndPlainOne) {
  const auto alpha = engine("alpha", {Precision::fp32, Precision::bf16});
  add(alpha, Precision::bf16);
  add(alpha, Precision::fp32);
  milliseconds_ = [](const Candidate&) { return 10.0; };
  EXPECT_EQ(search({}).winners.front().cell, "alpha/fp32/b1/cpu");
}

}  // namespace
}  // namespace podium::search
