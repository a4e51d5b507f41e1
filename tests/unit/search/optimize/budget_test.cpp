// What a search does with the time that it has: builds, kept engines, loads.
#include "search/optimize/made_up_engines.h"

namespace podium::search {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

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

}  // namespace
}  // namespace podium::search
