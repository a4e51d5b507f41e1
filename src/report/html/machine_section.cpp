#include <fmt/format.h>

#include "core/text.h"
#include "report/html/html_text.h"
#include "report/html/sections.h"

namespace podium::report {
namespace {

using Facts = std::vector<std::pair<std::string, std::string>>;

std::string fact_list(const Facts& facts) {
  std::string text = "<dl>\n";
  for (const auto& [name, value] : facts) {
    if (!value.empty()) text += fmt::format("<dt>{}</dt><dd>{}</dd>\n", html_text(name), html_text(value));
  }
  return text + "</dl>\n";
}

std::string bytes(std::int64_t count) {
  return count == 0 ? "" : human_bytes(static_cast<double>(count));
}

Facts facts_of(const Results& results) {
  const Environment& machine = results.environment;
  Facts facts{{"Processor", machine.cpu},
              {"Instructions", join(machine.isa, " ")},
              {"CPUs that may be used", machine.cores == 0 ? "" : std::to_string(machine.cores)},
              {"Memory", bytes(machine.memory_bytes)},
              {"GPU", machine.gpu},
              {"Driver", machine.driver},
              {"Governor", machine.governor},
              {"System", machine.os},
              {"Podium", fmt::format("{} ({} build)", machine.podium_version, machine.build_type)}};
  for (const auto& [engine, version] : machine.versions) facts.emplace_back(engine, version);
  for (const auto& [what, found] : machine.preflight) {
    std::string name = what;
    for (char& letter : name) letter = letter == '_' ? ' ' : letter;
    facts.emplace_back(std::move(name), found);
  }
  facts.emplace_back("Model's SHA-256", results.model.sha256);
  facts.emplace_back("Inputs", results.data);
  facts.emplace_back("Started", results.started);
  return facts;
}

}  // namespace

std::string machine_facts(const Results& results) {
  std::string text = fact_list(facts_of(results));
  if (results.environment.warnings.empty()) return text;
  return text + "<h3>Warnings</h3>\n" + plain_list(results.environment.warnings, "warnings");
}

std::string repeat_commands(const Results& results) {
  if (results.command.empty()) return {};
  return fmt::format(
      "<p>The command that made this, and the one that measures its fastest cell again and says whether it agrees:</p>\n"
      "<pre><code>{}</code></pre>\n<pre><code>podium replay RESULTS.json</code></pre>\n",
      html_text(shell_line(results.command)));
}

}  // namespace podium::report
