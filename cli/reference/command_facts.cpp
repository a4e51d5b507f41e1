#include "command_facts.h"

#include <algorithm>
#include <array>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

namespace cli {
namespace {

/// Paragraphs that pages give a section of their own.
constexpr std::array<std::string_view, 2> headings{"Examples", "Exit status"};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// Takes "Examples:" off the first line where it begins so.
void take_heading(Paragraph& paragraph) {
  for (const std::string_view heading : headings) {
    std::string& first = paragraph.lines.front();
    if (!first.starts_with(std::string(heading) + ":")) continue;
    paragraph.heading = heading;
    first.erase(0, heading.size() + 1);
    first.erase(0, first.find_first_not_of(' '));
    if (first.empty()) paragraph.lines.erase(paragraph.lines.begin());
    return;
  }
}

/// Indented lines, and columns with wide gaps between.
bool is_laid_out(const std::string& line) {
  return line.starts_with(' ') || line.find("  ") != std::string::npos;
}

}  // namespace

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
}

std::vector<const CLI::Option*> positionals_of(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) { return option->get_positional(); });
}

std::vector<const CLI::Option*> flags_of(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) { return option->nonpositional() && !option->get_group().empty(); });
}

std::vector<std::string> names_of(const CLI::Option& flag) {
  std::vector<std::string> names;
  for (const std::string& name : flag.get_snames()) names.push_back("-" + name);
  for (const std::string& name : flag.get_lnames()) names.push_back("--" + name);
  return names;
}

bool takes_value(const CLI::Option& flag) {
  return flag.get_items_expected_max() > 0;
}

bool takes_many(const CLI::Option& positional) {
  return positional.get_expected_max() >= CLI::detail::expected_max_vector_size;
}

std::string value_name_of(const CLI::Option& option) {
  return option.get_positional() ? option.get_name(true, false) : takes_value(option) ? option.get_type_name() : "";
}

std::string demands_of(const CLI::Option& option) {
  std::string text;
  std::vector<std::string> excluded;
  for (const CLI::Option* other : option.get_excludes()) excluded.push_back(other->get_name());
  std::sort(excluded.begin(), excluded.end());  // they come in the order of their addresses
  if (!excluded.empty()) text += fmt::format("; not together with {}", fmt::join(excluded, ", "));
  return option.get_required() && !option.get_positional() ? text + " (required)" : text;
}

std::string help_of(const CLI::Option& option) {
  std::string text = option.get_description();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text + demands_of(option);
}

std::string full_name_of(const CLI::App& command) {
  return command.get_parent() == nullptr ? command.get_name() : full_name_of(*command.get_parent()) + " " + command.get_name();
}

std::string usage_of(const CLI::App& command) {
  std::vector<std::string> words{"[OPTIONS]"};
  for (const CLI::Option* option : positionals_of(command)) {
    const std::string name = value_name_of(*option) + (takes_many(*option) ? "..." : "");
    words.push_back(option->get_required() ? name : "[" + name + "]");
  }
  if (!commands_of(command).empty()) words.emplace_back("COMMAND");
  return fmt::format("{}", fmt::join(words, " "));
}

std::string first_example_of(const CLI::App& command) {
  for (const Paragraph& paragraph : paragraphs_of(command)) {
    if (paragraph.heading != headings[0] || paragraph.lines.empty()) continue;
    const std::string& line = paragraph.lines.front();
    const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
    return line.substr(begin, line.find("  ", begin) - begin);  // what it does stands behind a gap
  }
  return full_name_of(command);
}

std::vector<Paragraph> paragraphs_of(const CLI::App& command) {
  std::vector<Paragraph> paragraphs;
  Paragraph next;
  const auto finish = [&] {
    if (next.lines.empty()) return;
    take_heading(next);
    next.is_verbatim = std::any_of(next.lines.begin(), next.lines.end(), is_laid_out);
    paragraphs.push_back(std::move(next));
    next = {};
  };
  for (const std::string& line : lines_of(command.get_footer())) {
    if (line.empty())
      finish();
    else
      next.lines.push_back(line);
  }
  finish();
  return paragraphs;
}

}  // namespace cli
