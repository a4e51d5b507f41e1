#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>

#include "core/text.h"
#include "report/html/html_text.h"
#include "report/html/sections.h"

namespace podium::report {
namespace {

using Facts = std::vector<std::pair<std::string, std::string>>;

/// Empty where none of them is known.
std::string fact_list(const Facts& facts) {
  std::string text;
  for (const auto& [name, value] : facts) {
    if (!value.empty()) text += fmt::format("<dt>{}</dt><dd>{}</dd>\n", html_text(name), html_text(value));
  }
  return text.empty() ? text : "<dl>\n" + text + "</dl>\n";
}

std::string bytes(std::int64_t count) {
  return count == 0 ? "" : human_bytes(static_cast<double>(count));
}

Facts machine_of(const Results& results) {
  const Environment& machine = results.environment;
  return {{"Processor", machine.cpu},
          {"Instructions", join(machine.isa, " ")},
          {"CPUs that may be used", machine.cores == 0 ? "" : std::to_string(machine.cores)},
          {"Memory", bytes(machine.memory_bytes)},
          {"GPU", machine.gpu},
          {"Driver", machine.driver},
          {"Governor", machine.governor},
          {"System", machine.os}};
}

Facts versions_of(const Results& results) {
  const Environment& machine = results.environment;
  Facts facts{{"podium", fmt::format("{} ({} build)", machine.podium_version, machine.build_type)}};
  facts.insert(facts.end(), machine.versions.begin(), machine.versions.end());
  return facts;
}

/// "CPU frequency" of cpu_frequency.
std::string in_words(std::string_view key) {
  constexpr std::string_view abbreviations[] = {"cpu", "gpu", "numa", "smt"};
  std::vector<std::string> words = split(key, '_');
  for (std::string& word : words) {
    const bool is_short = std::find(std::begin(abbreviations), std::end(abbreviations), word) != std::end(abbreviations);
    for (char& letter : word) {
      if (is_short || (&word == &words.front() && &letter == word.data()))
        letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    }
  }
  return join(words, " ");
}

/// What was looked at before the first sample; what the machine does not tell stands in one line.
Facts preflight_of(const Results& results) {
  Facts facts;
  std::vector<std::string> unknown;
  for (const auto& [what, found] : results.environment.preflight) {
    if (found == "not readable")
      unknown.push_back(in_words(what));
    else
      facts.emplace_back(in_words(what), found);
  }
  facts.emplace_back("Not readable here", join(unknown, ", "));
  return facts;
}

Facts run_of(const Results& results) {
  return {{"Model's SHA-256", results.model.sha256}, {"Inputs", results.data}, {"Started", results.started}};
}

}  // namespace

std::string machine_facts(const Results& results) {
  struct Part {
    const char* heading;
    Facts facts;
  };
  const Part parts[] = {{"Machine", machine_of(results)},
                        {"Versions", versions_of(results)},
                        {"When it began", results.environment.preflight.empty() ? Facts() : preflight_of(results)},
                        {"Run", run_of(results)}};
  std::string text;
  if (!results.environment.warnings.empty()) text += "<h3>Warnings</h3>\n" + plain_list(results.environment.warnings, "warnings");
  text += "<div class=\"facts-grid\">\n";
  for (const Part& part : parts) {
    const std::string facts = fact_list(part.facts);
    if (!facts.empty()) text += fmt::format("<div><h3>{}</h3>\n{}</div>\n", part.heading, facts);
  }
  return text + "</div>\n";
}

std::string repeat_commands(const Results& results) {
  if (results.command.empty()) return {};
  return fmt::format(
      "<p>The command that made this, and the one that measures its fastest cell again and says whether it agrees (RESULTS.json: what "
      "<code>--json</code> wrote):</p>\n"
      "<pre><code>{}</code></pre>\n<pre><code>podium replay RESULTS.json</code></pre>\n",
      html_text(shell_line(results.command)));
}

}  // namespace podium::report
