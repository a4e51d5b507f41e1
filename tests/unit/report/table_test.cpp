#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "core/text.h"
#include "podium/report.h"
#include "report/text_layout.h"
#include "unit/report/sample_results.h"

namespace podium::report::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr TableStyle wide{false, true, 100};

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  for (const std::string& line : split(text, '\n')) widest = std::max(widest, display_width(line));
  return widest;
}

Results with_cells(std::vector<Cell> cells) {
  Results results = sample_results();
  results.cells = std::move(cells);
  return results;
}

TEST(Table, SaysOfACellThatRanAsLongAsTheOthersWhatWasSetAsideAndNotThatItEndedEarly) {
  const auto ran = [](const char* backend, std::int64_t launches, std::int64_t set_aside) {
    Cell cell = measured_cell(backend, Precision::fp32, 1, 20.0);
    cell.blocks.clear();
    for (std::int64_t launch = 0; launch < launches; ++launch) {
      Block& block = cell.blocks.emplace_back();
      block.launch = launch;
      block.set_aside = launch < set_aside;
    }
    cell.launches = launches - set_aside;
    cell.stop_reason = "the budget ended";
    return cell;
  };
  const std::string text = to_table(with_cells({ran("openvino", 6, 1), ran("onnxruntime", 6, 0), ran("fake", 3, 0)}), wide);
  EXPECT_THAT(text, HasSubstr("- fake fp32 ended after 3 of 6 launches: the budget ended"));
  EXPECT_THAT(text, Not(HasSubstr("openvino fp32 ended")));
  EXPECT_THAT(text, HasSubstr("- openvino fp32: 1 of 6 launches was set aside whole"));
  EXPECT_THAT(text, Not(HasSubstr("onnxruntime fp32:")));
}

TEST(Table, KeepsToItsWidth) {
  for (const int width : {60, 80, 100, 132}) {
    for (const bool unicode : {true, false}) {
      const std::string text = to_table(sample_results(), {false, unicode, width});
      EXPECT_LE(widest_line(text), static_cast<std::size_t>(width)) << text;
    }
  }
}

TEST(Table, BearsWidthsThatNoTerminalHas) {
  EXPECT_THAT(to_table(sample_results(), {false, true, 0}), HasSubstr("openvino"));
  EXPECT_THAT(to_table(sample_results(), {false, true, -5}), HasSubstr("openvino"));
}

TEST(Table, WithoutUnicodeIsAscii) {
  const std::string text = to_table(sample_results(), {true, false, 80});
  EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
}

TEST(Table, WithoutColourHasNoEscapes) {
  EXPECT_THAT(to_table(sample_results(), wide), Not(HasSubstr("\x1b")));
}

TEST(Table, DoesNotLetANameDriveTheTerminal) {
  Results results = sample_results();
  results.model.name = "evil\x1b[2Jmodel";
  results.cells[0].output_error.verdict = Verdict::cannot_judge;
  results.cells[0].output_error.reason = "\x1b]0;title\x07";
  results.cells.back().reason = "line\r\nbreak\x1b[31m";
  results.environment.warnings = {"warn\x1b[5m"};
  for (const std::string& text : {to_table(results, wide), to_markdown(results), to_csv(results)})
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(Table, SortsByRankAndThenByMedian) {
  Cell slow = measured_cell("slow", Precision::fp32, 1, 90.0);
  Cell fast = measured_cell("fast", Precision::fp32, 1, 10.0);
  Cell unranked = measured_cell("unranked", Precision::fp32, 1, 5.0);
  slow.rank = 2;
  fast.rank = 1;
  unranked.status = CellStatus::partial;
  const std::string text = to_table(with_cells({slow, unranked, fast}), wide);
  EXPECT_LT(text.find("1  fast"), text.find("2  slow"));
  EXPECT_LT(text.find("2  slow"), text.find("–  unranked"));
}

TEST(Table, SaysThatATieIsATie) {
  Cell first = measured_cell("first", Precision::fp32, 1, 10.0);
  Cell second = measured_cell("second", Precision::fp32, 1, 10.1);
  first.rank = second.rank = 1;
  first.tied_with = {second.id};
  second.tied_with = {first.id};
  const std::string text = to_table(with_cells({first, second}), wide);
  EXPECT_THAT(text, HasSubstr("fastest: first fp32 and second fp32, the difference is inside the noise"));
  EXPECT_THAT(text, HasSubstr("= first fp32 is tied with second fp32"));
  EXPECT_THAT(text, Not(HasSubstr("second fp32 is tied")));
}

Cell tied_after(const char* backend, double median_ms, std::int64_t launches) {
  Cell cell = measured_cell(backend, Precision::fp32, 1, median_ms);
  cell.rank = 1;
  cell.blocks.clear();
  cell.launches = launches;
  cell.stop_reason = launches == 1 ? "one launch, as asked" : "";
  return cell;
}

TEST(Table, CallsNoDifferenceNoiseThatOneLaunchCannotTellFromIt) {
  std::vector<Cell> cells{tied_after("first", 10.0, 5), tied_after("second", 10.1, 5), tied_after("left", 17.0, 1),
                          tied_after("gone", 18.0, 1)};
  for (Cell& cell : cells) {
    for (const Cell& other : cells) {
      if (other.id != cell.id) cell.tied_with.push_back(other.id);
    }
  }
  const std::string text = to_table(with_cells(cells), wide);
  EXPECT_THAT(text, HasSubstr("fastest: first fp32 and second fp32, the difference"));
  EXPECT_THAT(text, HasSubstr("= first fp32 is tied with second fp32: the difference is inside the noise\n"));
  EXPECT_THAT(text, HasSubstr("= left fp32 and gone fp32: measured in one launch, which does not tell apart"));
  EXPECT_THAT(text, Not(HasSubstr("tied with left")));
  EXPECT_THAT(text, HasSubstr("- left fp32, gone fp32 ended after 1 of 5 launches: one launch, as asked"));
}

TEST(Table, TakesTiesOfARunOfOneLaunchForWhatTheyAre) {
  std::vector<Cell> cells{tied_after("first", 10.0, 1), tied_after("second", 10.1, 1)};
  cells[0].tied_with = {cells[1].id};
  cells[1].tied_with = {cells[0].id};
  EXPECT_THAT(to_table(with_cells(cells), wide), HasSubstr("= first fp32 is tied with second fp32"));
}

TEST(Table, NamesTheMendOfWhatDidNotRunOnce) {
  const std::string text = to_table(sample_results(), wide);
  EXPECT_THAT(text, HasSubstr("tensorrt fp32, bf16 at batch 1, 8 – unsupported: TensorRT is not installed"));
  EXPECT_EQ(text.find("pip install tensorrt"), text.rfind("pip install tensorrt"));
}

TEST(Table, NamesNoCellThatRanAmongThoseThatDidNot) {
  std::vector<Cell> cells;
  for (const std::int64_t batch : {1, 4}) {
    for (const Precision precision : {Precision::fp32, Precision::bf16}) {
      Cell cell = measured_cell("engine", precision, batch, 10.0);
      if (batch == 1 && precision == Precision::bf16) {
        cell.rank = 1;
      } else {
        cell.status = CellStatus::unsupported;
        cell.reason = "it refused";
      }
      cells.push_back(std::move(cell));
    }
  }
  EXPECT_THAT(to_table(with_cells(std::move(cells)), wide),
              HasSubstr("engine fp32 at batch 1, 4; bf16 at batch 4 – unsupported: it refused"));
}

TEST(Table, SaysWhenNothingWasMeasured) {
  Results results = sample_results();
  std::erase_if(results.cells, [](const Cell& cell) { return cell.latency_ms.has_value(); });
  const std::string text = to_table(results, wide);
  EXPECT_THAT(text, Not(HasSubstr("Batch")));
  EXPECT_THAT(text, HasSubstr("Did not run, or not to the end"));
}

TEST(Table, LeavesFiguresOfACellThatBrokeToTheFiles) {
  Cell broken = measured_cell("broken", Precision::fp32, 1, 1.0);
  broken.status = CellStatus::failed;
  broken.reason = "it crashed";
  Cell good = measured_cell("good", Precision::fp32, 1, 10.0);
  good.rank = 1;
  const std::string text = to_table(with_cells({broken, good}), wide);
  EXPECT_THAT(text, HasSubstr("broken fp32 at batch 1 – failed: it crashed"));
  EXPECT_THAT(text, Not(HasSubstr("–  broken")));
}

TEST(Table, OfAnEmptyRunIsNotEmpty) {
  EXPECT_THAT(to_table(Results{}, wide), HasSubstr("measured for 0.0 s"));
}

TEST(DiagnosisTable, BreaksWhatToDoWhereItIsASentenceAndNoCommand) {
  Diagnosis diagnosis = sample_diagnosis();
  ASSERT_TRUE(diagnosis.backends[1].remedy.starts_with("cmake "));
  diagnosis.backends[1].remedy += " -DPODIUM_PYTHON=/a/place/that/is/far/away/bin/python";
  diagnosis.backends[2].remedy =
      "put the engine's headers into FOLDER/include and build Podium again; docs/gpu.md tells where they come from";
  const std::string text = to_table(diagnosis, {false, true, 60});
  EXPECT_THAT(text, HasSubstr("try: " + diagnosis.backends[1].remedy + "\n"));
  EXPECT_THAT(text, HasSubstr("try: put the engine's headers into\n"));
}

TEST(DiagnosisTable, ShowsWhichEngineFailedItsSelfTestAndWhatMendsIt) {
  Diagnosis diagnosis = sample_diagnosis();
  diagnosis.backends[0].self_tests = {{"cpu", true, 0.52, "", ""}, {"cuda:0", false, 1.0, "its answer is [0]", "install it again"}};
  const std::string table = to_table(diagnosis, {false, true, 100});
  EXPECT_THAT(table, HasSubstr("self-test on cpu: works (0.5 s)"));
  EXPECT_THAT(table, HasSubstr("self-test on cuda:0: does not work: its answer is [0]"));
  EXPECT_THAT(table, HasSubstr("try: install it again"));
  EXPECT_THAT(table, HasSubstr("1 of 2 ran a tiny model and answered rightly"));
}

TEST(Table, SaysOfWhichCellsTimesOrRatesStillShowedATrend) {
  Cell by_times = measured_cell("openvino", Precision::fp32, 1, 20.0);
  by_times.warm_up = WarmUp{100, 10.0, false, {}};
  Cell by_rate = measured_cell("fake", Precision::fp32, 1, 20.0);
  by_rate.warm_up = WarmUp{100, 1.0, true, {}};
  by_rate.throughput->warm_up = WarmUp{100, 12.0, false, {}};
  const std::string text = to_table(with_cells({by_times, by_rate}), {false, true, 200});
  EXPECT_THAT(text, HasSubstr("openvino fp32: not steady: its times still showed a trend after 10"));
  EXPECT_THAT(text, HasSubstr("fake fp32: throughput not steady: its rate still showed a trend after 12"));
}

TEST(Table, LeavesOutColumnsThatNoRowHasAFigureFor) {
  Results results = sample_results();
  EXPECT_THAT(to_table(results, {false, true, 160}), AllOf(HasSubstr("per second"), HasSubstr("312.0 MB")));
  for (Cell& cell : results.cells) {
    cell.throughput.reset();
    cell.memory.peak_bytes.reset();
  }
  EXPECT_THAT(to_table(results, {false, true, 160}), AllOf(Not(HasSubstr("per second")), Not(HasSubstr(" MB")), HasSubstr("p90 ms")));
}

TEST(Markdown, EscapesWhatWouldBreakATable) {
  Results results = sample_results();
  results.cells[0].backend = "a|b<script>*x*";
  const std::string text = to_markdown(results);
  EXPECT_THAT(text, HasSubstr("a\\|b&lt;script&gt;\\*x\\*"));
  EXPECT_THAT(text, Not(HasSubstr("<script>")));
}

}  // namespace
}  // namespace podium::report::test
