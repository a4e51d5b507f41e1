#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "reference/command_facts.h"
#include "reference/pages.h"

namespace cli {
namespace {

/// Characters that Markdown would take for marks.
std::string plain(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (std::string_view("\\`*_<>[]|#").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string entry(const std::string& term, const std::string& text) {
  return fmt::format("- `{}`: {}\n", term, plain(text));
}

std::string term_of(const CLI::Option& flag) {
  std::string term;
  for (const std::string& name : names_of(flag)) term += (term.empty() ? "" : ", ") + name;
  const std::string value = value_name_of(flag);
  return value.empty() ? term : term + " " + value;
}

std::string body_of(const Paragraph& paragraph) {
  std::string text;
  for (const std::string& line : paragraph.lines) {
    // Examples stand indented below their heading.
    const std::size_t indent = paragraph.heading.empty() ? 0 : std::min<std::size_t>(2, line.find_first_not_of(' '));
    text += (paragraph.is_verbatim ? line.substr(indent) : plain(line)) + "\n";
  }
  return paragraph.is_verbatim ? "```text\n" + text + "```\n" : text;
}

std::string list_of_commands(const CLI::App& app) {
  std::string text;
  for (const CLI::App* command : commands_of(app))
    text += fmt::format("- [`{0} {1}`]({0}-{1}.md): {2}\n", app.get_name(), command->get_name(), plain(command->get_description()));
  return text;
}

}  // namespace

std::string to_markdown_page(const CLI::App& command) {
  std::string page = fmt::format("# {}\n\n{}\n\n```text\n{} {}\n```\n", full_name_of(command), plain(command.get_description()),
                                 full_name_of(command), usage_of(command));
  if (const auto arguments = positionals_of(command); !arguments.empty()) {
    page += "\n## Arguments\n\n";
    for (const CLI::Option* argument : arguments) page += entry(value_name_of(*argument), help_of(*argument));
  }
  if (const std::string commands = list_of_commands(command); !commands.empty()) page += "\n## Commands\n\n" + commands;
  page += "\n## Options\n\n";
  for (const CLI::Option* flag : flags_of(command)) page += entry(term_of(*flag), help_of(*flag));
  for (const Paragraph& paragraph : paragraphs_of(command))
    page += "\n" + (paragraph.heading.empty() ? "" : fmt::format("## {}\n\n", paragraph.heading)) + body_of(paragraph);
  return page;
}

}  // namespace cli
