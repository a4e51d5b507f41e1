#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <regex>
#include <string>

#include "podium/report.h"
#include "podium/verify.h"
#include "report/html/html_text.h"
#include "unit/report/sample_results.h"

namespace podium::report::test {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* hostile = "</script><img src=x onerror=alert(1)>\x1b[31m'\"&{{data}}";

/// The page without the chart library, which is nobody's text but its authors'.
std::string without_scripts(const std::string& page) {
  const std::size_t data = page.find("<script>");
  return page.substr(0, data);
}

Results hostile_results() {
  Results results = sample_results();
  results.model.name = hostile;
  results.command = {"podium", "bench", hostile};
  results.data = hostile;
  results.environment.cpu = hostile;
  results.environment.versions[hostile] = hostile;
  results.environment.warnings = {hostile};
  for (Cell& cell : results.cells) {
    cell.backend = hostile;
    cell.reason = hostile;
    cell.remedy = hostile;
    if (cell.audit) cell.audit->providers = {{hostile, 3}};
    if (cell.audit) cell.audit->fallback_reason = hostile;
  }
  return results;
}

TEST(Html, TextIsNoMarkup) {
  EXPECT_EQ(html_text("<b a=\"1\">'&'</b>"), "&lt;b a=&quot;1&quot;&gt;&#39;&amp;&#39;&lt;/b&gt;");
  EXPECT_THAT(html_text("a\x1b[31mb"), Not(HasSubstr("\x1b")));
}

TEST(Html, JsonCannotEndItsScript) {
  const std::string text = script_json({{"name", "</script><!--\xe2\x80\xa8&"}});
  EXPECT_THAT(text, Not(HasSubstr("<")));
  EXPECT_THAT(text, Not(HasSubstr("&")));
  EXPECT_EQ(Json::parse(text)["name"], "</script><!--\xe2\x80\xa8&");
}

TEST(Html, WhatIsFilledInIsNotLookedThroughForSlots) {
  EXPECT_EQ(filled("a {{x}} b {{y}}{{none}}", {{"x", "{{y}}"}, {"y", "2"}}), "a {{y}} b 2");
  EXPECT_EQ(filled("open {{x", {{"x", "1"}}), "open {{x");
}

TEST(Html, CommandIsQuotedAsAShellNeedsIt) {
  EXPECT_EQ(shell_line({"podium", "bench", "my model.onnx", "--batch", "1,8", "it's", ""}),
            "podium bench 'my model.onnx' --batch 1,8 'it'\\''s' ''");
}

TEST(Html, PolicyNamesTheHashOfEachScript) {
  // echo -n 'alert(1)' | openssl dgst -sha256 -binary | base64
  EXPECT_THAT(content_policy({"alert(1)"}), HasSubstr("script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"));
  EXPECT_THAT(content_policy({"alert(1)"}), HasSubstr("default-src 'none'"));
}

TEST(Html, HostileNamesStandThereAsText) {
  const std::string page = to_html(hostile_results());
  EXPECT_THAT(without_scripts(page), Not(HasSubstr("<img")));
  EXPECT_THAT(page, Not(HasSubstr("<img src=x")));
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
  EXPECT_THAT(page, HasSubstr("&lt;img src=x onerror=alert(1)&gt;"));
  EXPECT_THAT(page, EndsWith("</html>\n"));
  // Two scripts, the data, and no more.
  const std::regex script("<script[ >]");
  EXPECT_EQ(std::distance(std::sregex_iterator(page.begin(), page.end(), script), std::sregex_iterator()), 3);
}

TEST(Html, PageRefersToNothingOutsideIt) {
  const std::string head = without_scripts(to_html(sample_results()));
  for (const char* reference : {"src=", "<link", "@import", "url(", "href=\"http"}) EXPECT_THAT(head, Not(HasSubstr(reference)));
}

TEST(Html, SaysAllThatTheIssueIsAbout) {
  const std::string page = without_scripts(to_html(sample_results()));
  EXPECT_THAT(page, HasSubstr("openvino bf16 is 2.31× faster than torch-eager fp32 at batch 1"));
  EXPECT_THAT(page, HasSubstr("the worker was ended by signal 11 (SIGSEGV) while it loaded the model"));
  EXPECT_THAT(page, HasSubstr("<code>pip install tensorrt==8.5.3.1</code>"));
  EXPECT_THAT(page, HasSubstr("CPUExecutionProvider"));
  EXPECT_THAT(page, HasSubstr("Intel(R) Xeon(R) Platinum 8481C"));
  EXPECT_THAT(page, HasSubstr("the frequency governor is not known"));
  EXPECT_THAT(page, HasSubstr("podium bench torchvision:resnet50 --batch 1,8"));
  for (const char* chart : {"speed", "times-b1", "ratios-b1", "throughput-b1", "requests-b8", "accuracy-b1", "latency-b8", "memory-b8", "build-b1"})
    EXPECT_THAT(page, HasSubstr("id=\"chart-" + std::string(chart) + "\""));
}

TEST(Html, OutcomeOfAReplayStandsFirst) {
  const std::string page = to_html(sample_results(), "It agrees <really>.");
  EXPECT_LT(page.find("It agrees &lt;really&gt;."), page.find("Verdict</h2>"));
}

TEST(Html, ComparisonTellsEveryCellAndNothingInItIsMarkup) {
  Comparison comparison = sample_comparison();
  comparison.what_changed.push_back({hostile, hostile, hostile});
  comparison.model = hostile;
  const std::string page = to_html(comparison);
  EXPECT_THAT(page, Not(HasSubstr("<img src=x")));
  EXPECT_THAT(page, Not(HasSubstr("evil|<b>")));
  const std::string text = without_scripts(page);
  EXPECT_THAT(text, HasSubstr("id=\"chart-change-b1\""));
  EXPECT_THAT(text, HasSubstr("20.3 % slower"));
  EXPECT_THAT(text, HasSubstr("broken now"));
  EXPECT_THAT(text, HasSubstr("missing now"));
  EXPECT_THAT(text, HasSubstr("2026.3.0 → 2026.4.1"));
  const std::regex row("<tr class");
  EXPECT_EQ(std::distance(std::sregex_iterator(text.begin(), text.end(), row), std::sregex_iterator()), 9);
  EXPECT_THAT(text, HasSubstr("16.8 % less")) << "throughput has a table of its own";
}

TEST(Html, VerificationTellsEveryCheckAndNothingInItIsMarkup) {
  Verification verification;
  verification.environment = sample_results().environment;
  verification.steps = {{"files", CheckOutcome::passed, "7 files are as they were written", ""},
                        {"outputs", CheckOutcome::failed, hostile, "measure <again>"},
                        {"outputs", CheckOutcome::failed, "another variant", ""},
                        {"speed", CheckOutcome::not_judged, "it was measured on another machine", ""}};
  const std::string page = to_html(verification, std::string("folder/") + hostile, {"podium", "verify", hostile});
  EXPECT_THAT(page, Not(HasSubstr("<img src=x")));
  const std::string text = without_scripts(page);
  EXPECT_THAT(text, HasSubstr("does not hold here: outputs.<small>Not judged: speed."));
  EXPECT_THAT(text, HasSubstr("Try: measure &lt;again&gt;"));
  EXPECT_THAT(text, HasSubstr("Intel(R) Xeon(R) Platinum 8481C"));
  EXPECT_THAT(text, Not(HasSubstr("<h3>Run</h3>")));  // nothing of a run is in it
  const std::regex row("<tr><th scope=\"row\"");
  EXPECT_EQ(std::distance(std::sregex_iterator(text.begin(), text.end(), row), std::sregex_iterator()), 4);
  verification.steps.erase(verification.steps.begin() + 1, verification.steps.end());
  EXPECT_THAT(without_scripts(to_html(verification, "best")), HasSubstr("<li class=\"sure\">The artefact <bdi>best</bdi> holds here.</li>"));
}

TEST(Html, RunWithoutAnyMeasuredCellIsAPageAllTheSame) {
  Results results = sample_results();
  results.cells = {results.cells.back()};
  EXPECT_THAT(without_scripts(to_html(results)), HasSubstr("No ranking at batch 8"));
  EXPECT_THAT(without_scripts(to_html(Results{})), HasSubstr("No cell was measured."));
}

TEST(Html, PageOfAThousandCellsIsUnderTenMegabytes) {
  Results results = sample_results();
  results.cells.assign(1000, measured_cell("onnxruntime", Precision::fp32, 1, 23.7));
  for (std::size_t i = 0; i < results.cells.size(); ++i) {
    Cell& cell = results.cells[i];
    cell.id += fmt::format("/number={}", i);
    for (std::int64_t sample = 0; sample < 500; ++sample)
      cell.blocks.front().samples_ns.push_back(23'700'000 + 7919 * (sample + static_cast<std::int64_t>(i)) % 2'370'001);
  }
  const std::string page = to_html(results);
  EXPECT_LT(page.size(), 10'000'000U);
  EXPECT_THAT(page, HasSubstr("At most 400 points of a cell are drawn"));
  EXPECT_THAT(page, HasSubstr("number=999"));
}

TEST(HostileNames, DoNoHarmInMarkdownCsvOrTerminal) {
  const Results results = hostile_results();
  for (const std::string& text : {to_markdown(results), to_csv(results), to_table(results, {true, true, 100})})
    EXPECT_THAT(text, Not(HasSubstr("\x1b[31m'")));
  EXPECT_THAT(to_markdown(results), Not(HasSubstr("<img")));
}

TEST(HostileNames, CallNobodyAndLinkNowhereInMarkdown) {
  Results results = sample_results();
  results.model.name = "@everyone https://example.org www.example.org 142 @2";
  EXPECT_THAT(to_markdown(results), HasSubstr("# @<!-- -->everyone https:<!-- -->//example.org www.<!-- -->example.org 142 @2 "));
}

}  // namespace
}  // namespace podium::report::test
