#include <memory>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "reference/command_facts.h"
#include "reference/pages.h"

namespace cli {
namespace {

/// The parser's own texts hold what only it can read: the type behind a name ("MODEL TEXT"), the value of a flag that takes none
/// ("--no-keep-io{false}"), "Excludes: --json".
class HelpFormatter : public CLI::Formatter {
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    if (is_positional) return value_name_of(*option) + (takes_many(*option) ? "..." : "");
    return fmt::format("{}", fmt::join(names_of(*option), ","));
  }

  std::string make_option_opts(const CLI::Option* option) const override {
    const std::string value = option->get_positional() ? "" : value_name_of(*option);
    return value.empty() ? "" : fmt::format(" {}{}", value, takes_many(*option) ? " ..." : "");
  }

  std::string make_option_desc(const CLI::Option* option) const override { return option->get_description() + demands_of(*option); }

  std::string make_usage(const CLI::App* app, std::string name) const override {
    return fmt::format("Usage: {} {}\n", name, cli::usage_of(*app));
  }
};

}  // namespace

std::shared_ptr<CLI::FormatterBase> help_formatter() {
  return std::make_shared<HelpFormatter>();
}

std::string to_help_text(const CLI::App& command) {
  return command.get_formatter()->make_help(&command, full_name_of(command), CLI::AppFormatMode::Normal);
}

}  // namespace cli
