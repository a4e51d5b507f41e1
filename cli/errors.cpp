#include "errors.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "podium/names.h"
#include "terminal.h"

namespace cli {
namespace {

const CLI::App& chosen_command(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : *chosen.front();
}

std::vector<std::string> flags_of(const CLI::App& app) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
  return flags;
}

/// The first argument that looks like a flag and is none.
std::string unknown_flag(const std::vector<std::string>& command_line, const std::vector<std::string>& known) {
  for (const std::string& argument : command_line) {
    const std::string name = argument.substr(0, argument.find('='));
    if (name.starts_with("--") && name.size() > 2 && std::find(known.begin(), known.end(), name) == known.end()) return name;
  }
  return {};
}

podium::Error explain(const CLI::App& app, const CLI::ParseError& error, const std::vector<std::string>& command_line) {
  const CLI::App& command = chosen_command(app);
  const std::string help = app.get_subcommands().empty() ? "podium --help" : "podium " + command.get_name() + " --help";
  if (&command == &app) {
    std::vector<std::string> names;
    for (const CLI::App* known : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(known->get_name());
    const auto typed =
        std::find_if(command_line.begin() + 1, command_line.end(), [](const std::string& word) { return !word.starts_with("-"); });
    if (typed == command_line.end() && unknown_flag(command_line, flags_of(app)).empty()) {
      return {podium::ErrorCode::wrong_use, "no command was given",
              "start with 'podium doctor' or 'podium bench MODEL'; 'podium --help' tells more"};
    }
    if (typed != command_line.end()) {
      return {podium::ErrorCode::wrong_use,
              fmt::format("there is no command '{}'{}", podium::printable(*typed), podium::did_you_mean(*typed, names)), help};
    }
  }
  const std::vector<std::string> known = flags_of(command);
  const std::string flag = unknown_flag(command_line, known);
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !flag.empty()) {
    return {podium::ErrorCode::wrong_use,
            fmt::format("there is no flag '{}'{}", podium::printable(flag), podium::did_you_mean(flag, known)), help};
  }
  return {podium::ErrorCode::wrong_use, podium::printable(error.what()), help};
}

}  // namespace

int report_error(const podium::Error& error) {
  const bool colour = wants_colour(stderr);
  fmt::print(stderr, "podium: {}error:{} {}\n", colour ? "\x1b[1;31m" : "", colour ? "\x1b[0m" : "", error.message);
  if (!error.remedy.empty()) fmt::print(stderr, "  try: {}\n", error.remedy);
  switch (error.code) {
    case podium::ErrorCode::wrong_use:
    case podium::ErrorCode::bad_input:
      return exit_wrong_use;
    case podium::ErrorCode::unavailable:
    case podium::ErrorCode::unsupported:
      return exit_nothing_ran;
    case podium::ErrorCode::cancelled:
      return exit_interrupted;
    default:
      return exit_cell_failed;
  }
}

int report_parse_error(const CLI::App& app, const CLI::ParseError& error, const std::vector<std::string>& command_line) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return app.exit(error);  // --help, --version
  return report_error(explain(app, error, command_line));
}

}  // namespace cli
