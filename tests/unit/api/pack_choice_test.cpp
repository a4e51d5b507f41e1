#include "api/pack_choice.h"

#include <gmock/gmock.h>

namespace podium::api {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

/// Two engines that are modules, and one that exists in Python only.
std::vector<backend::Registered> registry() {
  std::vector<backend::Registered> entries;
  for (const auto& [name, launch] :
       {std::pair{"alpha", backend::Launch::module}, {"beta", backend::Launch::module}, {"snake", backend::Launch::python}}) {
    backend::Registered& entry = entries.emplace_back();
    entry.descriptor.name = name;
    entry.launch = launch;
  }
  return entries;
}

Cell cell(const std::string& backend, std::int64_t batch, double median_ms, Precision precision = Precision::fp32) {
  Cell made;
  made.backend = backend;
  made.batch = batch;
  made.precision = precision;
  made.id = backend + "/" + std::string(to_string(precision)) + "/b" + std::to_string(batch) + "/cpu";
  made.status = CellStatus::ok;
  made.latency_ms.emplace().median = median_ms;
  made.output_error.verdict = Verdict::agrees;
  return made;
}

Results results_of(std::vector<Cell> cells) {
  Results results;
  results.cells = std::move(cells);
  return results;
}

std::vector<std::string> ids(const Result<PackChoice>& choice) {
  std::vector<std::string> all;
  for (const Cell* it : choice->cells) all.push_back(it->id);
  return all;
}

std::string refusal(const Results& results, const std::vector<std::string>& named = {}) {
  const auto choice = choose_cells(results, named, registry());
  return choice ? "" : choice.error().message;
}

TEST(PackChoice, IsTheFastestCellOfEachBatchSize) {
  const Results results =
      results_of({cell("alpha", 8, 9.0), cell("alpha", 1, 2.0), cell("alpha", 1, 1.5, Precision::int8_static), cell("beta", 1, 3.0)});
  const auto choice = choose_cells(results, {}, registry());
  ASSERT_TRUE(choice) << choice.error().message;
  EXPECT_THAT(ids(choice), ElementsAre("alpha/int8-static/b1/cpu", "alpha/fp32/b8/cpu"));
  EXPECT_THAT(choice->because, HasSubstr("1.5 ms at batch 1"));
}

TEST(PackChoice, IsOfTheOneEngineThatLosesLeastOnAllBatchSizes) {
  const Results results = results_of({cell("alpha", 1, 1.0), cell("alpha", 8, 40.0), cell("beta", 1, 1.2), cell("beta", 8, 10.0)});
  const auto choice = choose_cells(results, {}, registry());
  ASSERT_TRUE(choice);
  EXPECT_THAT(ids(choice), ElementsAre("beta/fp32/b1/cpu", "beta/fp32/b8/cpu"));
  EXPECT_THAT(choice->notes,
              Contains(HasSubstr("alpha/fp32/b1/cpu was faster at batch 1 (1 ms) and was not taken: it is of another engine")));
}

TEST(PackChoice, IsOfSeveralEnginesWhereThatIsAskedFor) {
  const Results results = results_of({cell("alpha", 1, 1.0), cell("alpha", 8, 40.0), cell("beta", 1, 1.2), cell("beta", 8, 10.0)});
  const auto choice = choose_cells(results, {}, registry(), true);
  ASSERT_TRUE(choice);
  EXPECT_THAT(ids(choice), ElementsAre("alpha/fp32/b1/cpu", "beta/fp32/b8/cpu"));
  EXPECT_THAT(choice->notes, testing::Not(Contains(HasSubstr("another engine"))));
  const std::vector<std::string> named{"alpha/fp32/b8/cpu", "beta/fp32/b1/cpu"};
  EXPECT_THAT(refusal(results, named), HasSubstr("one engine, unless --multi-engine"));
  const auto chosen = choose_cells(results, named, registry(), true);
  ASSERT_TRUE(chosen) << chosen.error().message;
  EXPECT_THAT(ids(chosen), ElementsAre("beta/fp32/b1/cpu", "alpha/fp32/b8/cpu"));
}

TEST(PackChoice, LeavesOutAnEngineThatLacksABatchSize) {
  const Results results = results_of({cell("alpha", 1, 0.1), cell("beta", 1, 5.0), cell("beta", 8, 50.0)});
  EXPECT_THAT(ids(choose_cells(results, {}, registry())), ElementsAre("beta/fp32/b1/cpu", "beta/fp32/b8/cpu"));
}

TEST(PackChoice, NeverIsACellThatExistsInPythonOnlyAndSaysSo) {
  const Results results = results_of({cell("snake", 1, 1.0), cell("alpha", 1, 2.0)});
  const auto choice = choose_cells(results, {}, registry());
  ASSERT_TRUE(choice);
  EXPECT_THAT(ids(choice), ElementsAre("alpha/fp32/b1/cpu"));
  EXPECT_THAT(choice->notes, Contains(HasSubstr("was not taken: it exists in Python only")));
  EXPECT_THAT(refusal(results_of({cell("snake", 1, 1.0)}), {"snake/fp32/b1/cpu"}), HasSubstr("exists in Python only"));
}

TEST(PackChoice, TakesALossyCellOfUnknownAnswersOnlyWhereItIsNamed) {
  Cell lossy = cell("alpha", 1, 1.0, Precision::int8_static);
  lossy.output_error.verdict = Verdict::cannot_judge;
  lossy.output_error.reason = "the outputs hardly differ";
  const Results results = results_of({lossy, cell("alpha", 1, 2.0)});
  const auto by_itself = choose_cells(results, {}, registry());
  EXPECT_THAT(ids(by_itself), ElementsAre("alpha/fp32/b1/cpu"));
  EXPECT_THAT(by_itself->notes, Contains(HasSubstr("its answers could not be judged")));
  const auto named = choose_cells(results, {lossy.id}, registry());
  ASSERT_TRUE(named);
  EXPECT_THAT(named->notes, Contains(HasSubstr("was not shown: the outputs hardly differ")));
}

TEST(PackChoice, LeavesOutCellsThatDidNotEndWell) {
  Cell wrong = cell("alpha", 1, 1.0);
  wrong.status = CellStatus::rejected;
  const Results results = results_of({wrong, cell("beta", 1, 2.0)});
  EXPECT_THAT(ids(choose_cells(results, {}, registry())), ElementsAre("beta/fp32/b1/cpu"));
  EXPECT_THAT(refusal(results, {wrong.id}), HasSubstr("has no time: it is rejected"));
}

TEST(PackChoice, OfABatchSizeThatWasStoppedIsOnlyACellThatIsNamed) {
  Cell contender = cell("alpha", 8, 1.0);
  contender.status = CellStatus::partial;
  const Results stopped = results_of({cell("alpha", 1, 1.0), contender, cell("beta", 8, 20.0), cell("beta", 1, 2.0)});
  EXPECT_THAT(refusal(stopped), HasSubstr("batch 8 was stopped before it was done"));
  EXPECT_TRUE(choose_cells(stopped, {"beta/fp32/b8/cpu"}, registry()));
}

TEST(PackChoice, DoesNotWaitForACellThatThereWasNoTimeToTry) {
  Cell ranked = cell("alpha", 1, 1.0);
  ranked.rank = 1;
  Cell never_tried = cell("beta", 1, 0.0);
  never_tried.status = CellStatus::partial;
  never_tried.latency_ms.reset();
  EXPECT_THAT(ids(choose_cells(results_of({ranked, never_tried}), {}, registry())), ElementsAre("alpha/fp32/b1/cpu"));
}

TEST(PackChoice, RefusesNamesThatDoNotGoTogether) {
  const Results results = results_of({cell("alpha", 1, 1.0), cell("alpha", 1, 1.0, Precision::bf16), cell("beta", 8, 2.0)});
  EXPECT_THAT(refusal(results, {"alpha/fp32/b1/cp"}), HasSubstr("is not in the results, did you mean 'alpha/fp32/b1/cpu'?"));
  EXPECT_THAT(refusal(results, {"alpha/fp32/b1/cpu", "alpha/bf16/b1/cpu"}), HasSubstr("is the second for batch 1"));
  EXPECT_THAT(refusal(results, {"alpha/fp32/b1/cpu", "beta/fp32/b8/cpu"}), HasSubstr("is not of alpha"));
}

TEST(PackChoice, RefusesResultsWithoutAMeasuredCell) {
  const auto choice = choose_cells(results_of({}), {}, registry());
  ASSERT_FALSE(choice);
  EXPECT_EQ(choice.error().code, ErrorCode::wrong_use);
}

TEST(PackChoice, SaysThatTaskAccuracyWasNotMeasured) {
  Results results = results_of({cell("alpha", 1, 1.0)});
  results.model.trained_weights = false;
  const auto choice = choose_cells(results, {}, registry());
  EXPECT_THAT(choice->notes, Contains(HasSubstr("task accuracy: not measured")));
  EXPECT_THAT(choice->notes, Contains(HasSubstr("weights came from a seed")));
}

}  // namespace
}  // namespace podium::api
