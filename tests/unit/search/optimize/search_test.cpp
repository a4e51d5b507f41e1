// The whole search on made-up engines.
#include "search/optimize/made_up_engines.h"

namespace podium::search {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

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
