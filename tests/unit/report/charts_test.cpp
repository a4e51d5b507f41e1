#include "report/charts/charts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "measure/outliers.h"
#include "report/charts/pareto.h"
#include "report/charts/samples.h"
#include "unit/report/sample_results.h"

namespace podium::report::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<Block> noisy_blocks(std::size_t blocks, std::size_t samples) {
  std::mt19937 random(7);
  std::lognormal_distribution<double> ms(3.0, 0.1);
  std::vector<Block> all(blocks);
  for (Block& block : all) {
    for (std::size_t i = 0; i < samples; ++i)
      block.samples_ns.push_back(static_cast<std::int64_t>(ms(random) * 1e6 * (i % 50 == 7 ? 3.0 : 1.0)));
  }
  return all;
}

TEST(DrawnSamples, AreAllThereWhereTheyFit) {
  const DrawnSamples drawn = draw_samples(noisy_blocks(3, 100), 2000);
  EXPECT_EQ(drawn.ms.size(), 300U);
  EXPECT_EQ(drawn.of, 300U);
}

TEST(DrawnSamples, KeepToTheLimitWithEveryOutlierAmongThem) {
  const std::vector<Block> blocks = noisy_blocks(50, 200);
  const DrawnSamples all = draw_samples(blocks, 10'000);
  const DrawnSamples few = draw_samples(blocks, 2000);
  EXPECT_EQ(all.ms.size(), 10'000U);
  EXPECT_EQ(few.ms.size(), 2000U);
  ASSERT_GT(all.outliers.size(), 100U);
  EXPECT_EQ(few.outliers.size(), all.outliers.size());
  EXPECT_EQ(*std::max_element(few.ms.begin(), few.ms.end()), *std::max_element(all.ms.begin(), all.ms.end()));
}

TEST(DrawnSamples, OutliersTakeHalfTheRoomAtMost) {
  const DrawnSamples drawn = draw_samples(noisy_blocks(50, 200), 20);
  EXPECT_EQ(drawn.ms.size(), 20U);
  EXPECT_EQ(drawn.outliers.size(), 10U);
}

TEST(DrawnSamples, MarkAsManyOutliersAsTheMeasurementCounts) {
  const std::vector<Block> blocks = noisy_blocks(20, 99);
  std::int64_t counted = 0;
  for (const Block& block : blocks) {
    std::vector<double> sorted(block.samples_ns.begin(), block.samples_ns.end());
    std::sort(sorted.begin(), sorted.end());
    counted += measure::count_outliers(sorted).mad;
  }
  EXPECT_EQ(draw_samples(blocks, 10'000).outliers.size(), static_cast<std::size_t>(counted));
}

TEST(DrawnSamples, AreOfOneCallAndLeaveOutBlocksThatWereSetAside) {
  std::vector<Block> blocks(2);
  blocks[0].samples_ns = {8'000'000};
  blocks[0].iterations_per_sample = 4;
  blocks[1].samples_ns = {99'000'000};
  blocks[1].set_aside = true;
  EXPECT_THAT(draw_samples(blocks, 10).ms, ElementsAre(2.0));
}

TEST(ParetoFront, HoldsWhatNothingElseBeatsInBoth) {
  const std::vector<Trade> trades{{10, 90}, {20, 95}, {15, 80}, {30, 94}, {5, 50}, {20, 95}};
  EXPECT_THAT(pareto_front(trades), ElementsAre(4, 0, 1, 5));
  EXPECT_TRUE(pareto_front({}).empty());
}

TEST(ChartData, RoundsToWhatAChartCanShow) {
  EXPECT_EQ(rounded(23.7100049), 23.71);
  EXPECT_EQ(rounded(123456.0), 123460.0);
  EXPECT_EQ(rounded(0.000123456), 0.00012346);
  EXPECT_EQ(rounded(-2.0), -2.0);
  EXPECT_EQ(rounded(0.0), 0.0);
}

TEST(ChartData, HasARowForEachCellThatWasMeasuredTheFastestFirst) {
  const ChartData data = chart_data(sample_results());
  ASSERT_EQ(data.cells.size(), 9U);
  EXPECT_EQ(data.cells[0]["name"], "openvino fp32");
  EXPECT_TRUE(std::is_sorted(data.cells.begin(), data.cells.end(), [](const Json& a, const Json& b) { return a["ms"] < b["ms"]; }));
  EXPECT_THAT(data.batches, ElementsAre(1, 8));
}

TEST(ChartData, TurnsTheRatioOfTimesIntoOneOfSpeedsWithItsInterval) {
  const ChartData data = chart_data(sample_results());
  const auto row = std::find_if(data.cells.begin(), data.cells.end(), [](const Json& one) { return one["name"] == "openvino bf16"; });
  EXPECT_NEAR((*row)["times"].get<double>(), 54.8 / 23.71, 1e-3);
  EXPECT_LT((*row)["times_lo"].get<double>(), (*row)["times"].get<double>());
  EXPECT_GT((*row)["times_hi"].get<double>(), (*row)["times"].get<double>());
  EXPECT_EQ((*row)["label"], "2.31× (tied)");
}

TEST(ChartData, NamesNoTwoPointsOfAFrontThatLieUponEachOther) {
  Results results;
  const auto add = [&](const char* backend, double ms, double sqnr_db) {
    Cell cell = measured_cell(backend, Precision::fp16, 1, ms);
    cell.output_error.sqnr_db = sqnr_db;
    results.cells.push_back(cell);
  };
  add("fastest", 1.0, 20.0);
  add("near", 1.02, 21.0);
  add("above", 1.04, 50.0);
  add("slow", 10.0, 90.0);
  const ChartData data = chart_data(results);
  std::vector<std::string> named;
  for (const Json& row : data.cells) {
    EXPECT_TRUE(row.contains("front")) << row["name"];
    if (row.contains("named")) named.push_back(row["name"].get<std::string>() + " " + row["named"].get<std::string>());
  }
  EXPECT_THAT(named, ElementsAre("fastest fp16 right", "above fp16 right", "slow fp16 left"));
}

TEST(ChartData, CallsNoCellOfOneLaunchTiedWithTheFastest) {
  Results results = sample_results();
  Cell& tied = *std::find_if(results.cells.begin(), results.cells.end(), [](const Cell& cell) { return !cell.tied_with.empty(); });
  tied.blocks.resize(1);
  for (Cell& cell : results.cells) {
    if (&cell == &tied || cell.blocks.empty()) continue;
    cell.blocks.push_back(cell.blocks.back());
    cell.blocks.back().launch += 1;
  }
  const ChartData data = chart_data(results);
  const auto row =
      std::find_if(data.cells.begin(), data.cells.end(), [&](const Json& one) { return one["i"] == &tied - results.cells.data(); });
  EXPECT_THAT((*row)["label"].get<std::string>(), testing::EndsWith(" (one launch)"));
  EXPECT_EQ((*row)["leads"], false);
}

TEST(ChartData, DrawsFewerSamplesOfEachWhereThereAreVeryManyCells) {
  Results results = sample_results();
  results.cells.assign(1000, measured_cell("fake", Precision::fp32, 1, 5.0));
  for (Cell& cell : results.cells) cell.blocks = noisy_blocks(1, 500);
  const ChartData data = chart_data(results);
  EXPECT_EQ(data.samples_each, 400U);
  EXPECT_TRUE(data.samples_left_out);
  EXPECT_EQ(data.samples["0"]["ms"].size(), 400U);
  const Chart chart = latency_chart(data, 1);
  EXPECT_THAT(chart.about, HasSubstr("At most 400 points of a cell are drawn"));
}

TEST(ChartData, JudgesByTheMetricWhereThereIsOne) {
  Results results = sample_results();
  EXPECT_THAT(chart_data(results).worth, HasSubstr("signal to noise"));
  for (Cell& cell : results.cells) {
    cell.accuracy = Accuracy{};
    cell.accuracy->metric = "top-1";
    cell.accuracy->value = 0.8;
  }
  const ChartData data = chart_data(results);
  EXPECT_EQ(data.worth, "top-1");
  EXPECT_TRUE(data.worth_is_share);
  // All are equally right, so only the fastest of each batch size is on the front.
  const auto on_front = std::count_if(data.cells.begin(), data.cells.end(), [](const Json& row) { return row.contains("front"); });
  EXPECT_EQ(on_front, 2);
}

TEST(ChartData, HasTheThroughputOfEachNumberOfRequestsThatWasTried) {
  Results results = sample_results();
  const Json row = chart_data(results).cells[0];
  const double alone = 1000.0 / row["ms"].get<double>() * row["batch"].get<double>();
  EXPECT_NEAR(row["per_s"].get<double>(), 1.25 * alone, 1e-3 * alone);
  EXPECT_THAT(row["per_s_label"].get<std::string>(), testing::EndsWith(" @2"));
  ASSERT_EQ(row["tried"].size(), 3U);
  EXPECT_EQ(row["tried"][2]["requests"], 4);
  EXPECT_NEAR(row["tried"][2]["per_s"].get<double>(), 1.2 * alone, 1e-3 * alone);
  for (Cell& cell : results.cells) {
    if (cell.throughput) cell.throughput->tried = {{"no number", 3.0}, {"1", alone}};
  }
  EXPECT_EQ(chart_data(results).cells[0]["tried"].size(), 1U);
}

TEST(Charts, ThroughputIsDrawnOnlyWhereItWasMeasured) {
  Results results = sample_results();
  for (Cell& cell : results.cells) {
    if (cell.batch == 8) cell.throughput.reset();
    if (cell.throughput && cell.batch == 1) cell.throughput->tried.erase("2");
    if (cell.throughput && cell.batch == 1) cell.throughput->tried.erase("4");
  }
  std::vector<std::string> ids;
  for (const Chart& chart : charts_of(chart_data(results))) ids.push_back(chart.id);
  EXPECT_THAT(ids, testing::Contains("throughput-b1"));
  EXPECT_THAT(ids, testing::Not(testing::Contains("requests-b1")));  // an engine that takes one request at a time
  EXPECT_THAT(ids, testing::Not(testing::Contains("throughput-b8")));
}

TEST(Charts, AreThereForWhatWasMeasuredAndForNothingElse) {
  Results results = sample_results();
  std::vector<std::string> ids;
  for (const Chart& chart : charts_of(chart_data(results))) ids.push_back(chart.id);
  EXPECT_THAT(ids, testing::IsSupersetOf({"speed", "times-b1", "ratios-b8", "accuracy-b1", "latency-b1", "memory-b1", "build-b8"}));
  EXPECT_THAT(ids, testing::Not(testing::Contains("energy-b1")));
  EXPECT_THAT(ids, testing::Not(testing::Contains("warm-up-b1")));
  for (Cell& cell : results.cells) {
    cell.energy_j_per_inference = 1.5;
    cell.warm_up = WarmUp{20, 1.0, true, {9.0, 8.0, 8.1}};
  }
  ids.clear();
  for (const Chart& chart : charts_of(chart_data(results))) ids.push_back(chart.id);
  EXPECT_THAT(ids, testing::IsSupersetOf({"energy-b1", "warm-up-b1", "warm-up-b8"}));
}

TEST(Charts, OverviewHasItsRowsInItAndNoWidthOfAPage) {
  Results results = sample_results();
  for (Cell& cell : results.cells) cell.throughput.reset();
  const Json spec = Json::parse(to_chart(results));
  ASSERT_EQ(spec["vconcat"].size(), 3U);
  EXPECT_EQ(spec["vconcat"][1]["data"]["values"].size(), 6U);
  EXPECT_EQ(spec["vconcat"][1]["width"], 640);
  EXPECT_EQ(spec.dump().find("container"), std::string::npos);
}

TEST(Charts, OverviewShowsThroughputOfTheBatchSizesThatHaveIt) {
  Results results = sample_results();
  for (Cell& cell : results.cells) {
    if (cell.batch == 8) cell.throughput.reset();
  }
  const Json spec = Json::parse(to_chart(results));
  std::vector<std::string> titles;
  for (const Json& chart : spec["vconcat"]) titles.push_back(chart["title"]["text"]);
  ASSERT_EQ(titles.size(), 5U);
  EXPECT_EQ(titles[2], "Inputs a second at most, batch 1");
  EXPECT_EQ(titles[3], "Inputs a second by requests in flight, batch 1");
  // A row for each cell, then one for each number of requests that it tried, with the name of its line.
  EXPECT_EQ(spec["vconcat"][2]["data"]["values"].size(), 6U);
  const Json points = spec["vconcat"][3]["data"]["values"];
  ASSERT_EQ(points.size(), 18U);
  EXPECT_EQ(points[1]["requests"], 2);
  EXPECT_EQ(points[1]["name"], spec["vconcat"][2]["data"]["values"][0]["name"]);
}

}  // namespace
}  // namespace podium::report::test
