#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "podium/compare.h"
#include "podium/report.h"
#include "unit/report/sample_results.h"
#include "unit/temporary_folder.h"

namespace podium::report::test {
namespace {

using podium::test::slurp;

/// What a person sees is kept in files that a person reads. PODIUM_UPDATE_GOLDEN=1 writes them anew; look at the difference before
/// committing it.
void expect_golden(const std::string& name, const std::string& text) {
  const std::filesystem::path file = std::filesystem::path(PODIUM_GOLDEN_FOLDER) / name;
  if (std::getenv("PODIUM_UPDATE_GOLDEN") != nullptr) std::ofstream(file, std::ios::binary) << text;
  EXPECT_EQ(text, slurp(file)) << "differs from " << file;
}

TEST(Golden, TableOfAHundredColumns) {
  expect_golden("table_100.txt", to_table(sample_results(), {false, true, 100}));
}

TEST(Golden, TableOfSixtyColumns) {
  expect_golden("table_60.txt", to_table(sample_results(), {false, true, 60}));
}

TEST(Golden, TableWithoutUnicode) {
  expect_golden("table_ascii.txt", to_table(sample_results(), {false, false, 100}));
}

TEST(Golden, TableInColour) {
  expect_golden("table_colour.txt", to_table(sample_results(), {true, true, 120}));
}

TEST(Golden, Markdown) {
  expect_golden("report.md", to_markdown(sample_results()));
}

TEST(Golden, Csv) {
  expect_golden("results.csv", to_csv(sample_results()));
}

TEST(Golden, ResultsFile) {
  expect_golden("results.json", to_json(sample_results()));
}

TEST(Golden, Diagnosis) {
  expect_golden("diagnosis_100.txt", to_table(sample_diagnosis(), {false, true, 100}));
  expect_golden("diagnosis_60.txt", to_table(sample_diagnosis(), {false, false, 60}));
}

TEST(Golden, Options) {
  expect_golden("options.txt", to_options_table(sample_diagnosis().backends, {false, true, 100}));
}

TEST(Golden, Inspection) {
  expect_golden("inspection.txt", to_table(sample_inspection(), {false, true, 80}));
}

TEST(Golden, Comparison) {
  expect_golden("comparison_100.txt", to_table(sample_comparison(), {false, true, 100}));
  expect_golden("comparison_60.txt", to_table(sample_comparison(), {false, false, 60}));
  expect_golden("comparison_colour.txt", to_table(sample_comparison(), {true, true, 120}));
  expect_golden("comparison.md", to_markdown(sample_comparison()));
  expect_golden("comparison.json", to_json(sample_comparison()));
}

}  // namespace
}  // namespace podium::report::test
