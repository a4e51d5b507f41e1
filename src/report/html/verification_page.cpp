#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/text.h"
#include "podium/verify.h"
#include "report/document.h"
#include "report/html/html_text.h"
#include "report/html/page.h"
#include "report/html/sections.h"

namespace podium {
namespace report {
namespace {

struct OutcomeLook {
  CheckOutcome outcome;
  const char* words;
  const char* css_class;  ///< of the cell that says it
};
constexpr OutcomeLook looks[] = {{CheckOutcome::passed, "passed", "status"},
                                 {CheckOutcome::failed, "failed", "status bad"},
                                 {CheckOutcome::not_judged, "not judged", "status doubt"}};

const OutcomeLook& look_of(CheckOutcome outcome) {
  const auto* const found =
      std::find_if(std::begin(looks), std::end(looks), [&](const OutcomeLook& look) { return look.outcome == outcome; });
  return found == std::end(looks) ? looks[1] : *found;
}

/// Names of the checks with this outcome, each once: there is one check of the outputs for each variant.
std::string checks_that(const Verification& verification, CheckOutcome outcome) {
  std::vector<std::string> names;
  for (const VerifyStep& step : verification.steps) {
    if (step.outcome == outcome && std::find(names.begin(), names.end(), step.name) == names.end()) names.push_back(step.name);
  }
  return join(names, ", ");
}

std::string verdict(const Verification& verification, const std::string& name) {
  const std::string failed = checks_that(verification, CheckOutcome::failed);
  const std::string open = checks_that(verification, CheckOutcome::not_judged);
  const char* kind = !failed.empty() ? "bad" : !open.empty() ? "doubtful" : "sure";
  const std::string sentence = failed.empty() ? fmt::format("The artefact {} holds here.", html_name(name))
                                              : fmt::format("The artefact {} does not hold here: {}.", html_name(name), html_text(failed));
  const std::string rest = open.empty() ? "" : fmt::format("<small>Not judged: {}.</small>", html_text(open));
  return fmt::format("<ul class=\"verdicts\"><li class=\"{}\">{}{}</li></ul>\n", kind, sentence, rest);
}

std::string checks_table(const Verification& verification) {
  std::string rows;
  for (const VerifyStep& step : verification.steps) {
    const OutcomeLook& look = look_of(step.outcome);
    const std::string remedy = step.remedy.empty() ? "" : "<br>Try: " + html_text(step.remedy);
    rows += fmt::format("<tr><th scope=\"row\">{}</th><td class=\"{}\">{}</td><td class=\"wide\">{}{}</td></tr>\n", html_text(step.name),
                        look.css_class, look.words, html_text(step.finding), remedy);
  }
  return fmt::format(
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Checks\">\n<table>\n<thead><tr><th scope=\"col\">check</th><th "
      "scope=\"col\">outcome</th><th scope=\"col\" class=\"wide\">finding</th></tr></thead>\n<tbody>\n{}</tbody>\n</table>\n</div>\n",
      rows);
}

}  // namespace
}  // namespace report

std::string to_html(const Verification& verification, const std::string& artifact, const std::vector<std::string>& command) {
  using namespace report;
  Results here;  // what the part about the machine is made of
  here.environment = verification.environment;
  Page page;
  page.title = "Podium: verification of " + artifact;
  page.heading = last_part(artifact);
  page.facts = machine_line(verification.environment);
  page.footer =
      "Files: every hash. Outputs: the recorded ones, within the precision's tolerance. Speed: not slower than recorded, outside ±1 % at "
      "95 %.";
  page.sections = section("verdict", "Verdict", verdict(verification, last_part(artifact)));
  page.sections += section("checks", "Checks", checks_table(verification));
  page.sections += section("machine", "Machine, versions and warnings", machine_facts(here));
  if (!command.empty())
    page.sections += section("repeat", "To repeat this", fmt::format("<pre><code>{}</code></pre>\n", html_text(shell_line(command))));
  page.data = {{"cells", Json::array()}, {"charts", Json::array()}};
  return whole_page(page);
}

}  // namespace podium
