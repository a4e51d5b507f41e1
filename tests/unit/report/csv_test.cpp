#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "podium/report.h"
#include "unit/report/sample_results.h"

namespace podium::report::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Records of a text of RFC 4180, read as the standard says.
std::vector<std::vector<std::string>> parse_csv(const std::string& text) {
  std::vector<std::vector<std::string>> records{{""}};
  bool is_quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string& field = records.back().back();
    if (is_quoted && text[i] == '"' && i + 1 < text.size() && text[i + 1] == '"')
      field += text[++i];
    else if (text[i] == '"')
      is_quoted = !is_quoted;
    else if (!is_quoted && text[i] == ',')
      records.back().emplace_back();
    else if (!is_quoted && text[i] == '\r')
      continue;
    else if (!is_quoted && text[i] == '\n')
      records.push_back({""});
    else
      field += text[i];
  }
  records.pop_back();
  return records;
}

TEST(Csv, HasOneRecordForEachCellAndAsManyFieldsAsHeadings) {
  const Results results = sample_results();
  const auto records = parse_csv(to_csv(results));
  ASSERT_EQ(records.size(), results.cells.size() + 1);
  for (const auto& record : records) EXPECT_EQ(record.size(), records.front().size());
}

TEST(Csv, QuotesWhatHoldsASeparator) {
  Results results = sample_results();
  results.cells.resize(1);
  results.cells[0].reason = "said \"no\", and left";
  EXPECT_THAT(to_csv(results), HasSubstr("\"said \"\"no\"\", and left\""));
  EXPECT_EQ(parse_csv(to_csv(results))[1][7], "said \"no\", and left");
}

TEST(Csv, TakesTheTeethOutOfFormulas) {
  Results results = sample_results();
  results.cells.resize(1);
  for (const std::string hostile : {"=HYPERLINK(\"x\")", "+1+1", "-2+3", "@SUM(A1)"}) {
    results.cells[0].id = hostile;
    EXPECT_EQ(parse_csv(to_csv(results))[1][0], "'" + hostile);
  }
}

TEST(Csv, TakesTheTeethOutOfFormulasBehindASemicolonToo) {
  Results results = sample_results();
  results.cells.resize(1);
  results.cells[0].id = "fake; \"=1+1;x";
  EXPECT_EQ(parse_csv(to_csv(results))[1][0], "fake;' \"=1+1;x");
}

TEST(Csv, KeepsANegativeNumberANumber) {
  Results results = sample_results();
  results.cells.resize(1);
  results.cells[0].output_error.sqnr_db = -3.5;
  EXPECT_THAT(to_csv(results), HasSubstr(",-3.5,"));
}

TEST(Csv, LeavesFiguresThatAreNotThereEmpty) {
  Results results = sample_results();
  results.cells = {Cell{}};
  EXPECT_THAT(to_csv(results), HasSubstr(",partial,,false,,,,,,"));
}

TEST(Csv, OfNoCellsIsItsHeadings) {
  EXPECT_THAT(to_csv(Results{}), StartsWith("id,backend,precision,batch,"));
}

}  // namespace
}  // namespace podium::report::test
