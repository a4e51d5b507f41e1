#include "errors.h"

#include <algorithm>
#include <cstdio>
#include <sstream>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "help_lines.h"
#include "podium/names.h"
#include "reference/command_facts.h"
#include "terminal.h"

namespace cli {
namespace {

podium::Error wrong_use(std::string message, std::string remedy) {
  return {podium::ErrorCode::wrong_use, std::move(message), std::move(remedy)};
}

std::vector<std::string> flag_names_of(const CLI::App& app) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
  return flags;
}

/// The first word that no command and no flag took; empty where there is none.
std::string left_over(const CLI::App& app, bool is_flag) {
  for (const std::string& word : app.remaining(true)) {
    if (word.starts_with("-") == is_flag) return word.substr(0, word.find('='));
  }
  return {};
}

podium::Error explain_without_command(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* known : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(known->get_name());
  if (const std::string flag = left_over(app, true); !flag.empty()) {
    return wrong_use(
        fmt::format("there is no flag '{}' before a command{}", podium::printable(flag), podium::did_you_mean(flag, flag_names_of(app))),
        "podium --help");
  }
  if (const std::string word = left_over(app, false); !word.empty()) {
    return wrong_use(fmt::format("there is no command '{}'{}", podium::printable(word), podium::did_you_mean(word, names)),
                     "podium --help");
  }
  return wrong_use("no command was given", "podium doctor, or podium bench MODEL; podium --help tells more");
}

/// "--batch" of "--batch: 1 required but received 2".
std::string flag_named_in(const std::string& message) {
  return message.substr(0, message.find(':'));
}

/// How a command is given several of something.
struct ListUsage {
  std::string_view command;
  std::string_view example;
};
constexpr ListUsage list_usages[] = {
    {"convert", "--exclude Softmax,conv1"},
    {"completion", "podium completion bash"},
    {"compare", "podium compare a1.json,a2.json b1.json,b2.json"},
    {"help", "podium help bench"},
    {"replay", "podium replay results.json --cell ID --cell ID"},
    {"", "--batch 1,8"},  // any other
};

std::string_view list_of(std::string_view command) {
  return std::find_if(std::begin(list_usages), std::end(list_usages) - 1,
                      [command](const ListUsage& usage) { return usage.command == command; })
      ->example;
}

podium::Error explain(const CLI::App& app, const CLI::ParseError& error) {
  const auto chosen = app.get_subcommands();
  if (chosen.empty()) return explain_without_command(app);
  const CLI::App& command = *chosen.front();
  const std::string help = fmt::format("podium {} --help", command.get_name());
  if (const std::string flag = left_over(app, true); !flag.empty()) {
    return wrong_use(fmt::format("there is no flag '{}'{}", podium::printable(flag), podium::did_you_mean(flag, flag_names_of(command))), help);
  }
  if (const std::string word = left_over(app, false); !word.empty()) {
    return wrong_use(fmt::format("'{}' is one argument too many", podium::printable(word)),
                     fmt::format("write a list with commas and no spaces, as in {}; {}", list_of(command.get_name()), help));
  }
  const std::string message = podium::printable(error.what());
  if (error.get_name() == "RequiredError")
    return wrong_use(fmt::format("no {} was given", message.substr(0, message.find(' '))),
                     fmt::format("{}; {}", first_example_of(command), help));
  if (error.get_name() == "ArgumentMismatch") {
    const bool is_missing = message.find("missing") != std::string::npos;
    return wrong_use(fmt::format("{} {}", flag_named_in(message), is_missing ? "wants a value" : "is given more than once"), help);
  }
  return wrong_use(message, help);
}

}  // namespace

void refuse_empty_values(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    const auto& values = option->results();
    if (option->count() > 0 && option->get_expected_max() > 0 && std::find(values.begin(), values.end(), "") != values.end()) {
      throw podium::Exception({podium::ErrorCode::wrong_use, fmt::format("{}: its value is empty", option->get_name()),
                               fmt::format("give it a value, or leave it out; podium {} --help", command.get_name())});
    }
  }
}

int report_error(const podium::Error& error) {
  const bool colour = wants_colour(stderr);
  std::string message = error.message;
  std::replace(message.begin(), message.end(), '\n', ' ');
  fmt::print(stderr, "podium: {}error:{} {}\n", colour ? "\x1b[1;31m" : "", colour ? "\x1b[0m" : "", podium::printable(message));
  if (!error.remedy.empty()) fmt::print(stderr, "  try: {}\n", podium::printable(error.remedy));
  switch (error.code) {
    case podium::ErrorCode::wrong_use:
    case podium::ErrorCode::bad_input:
      return exit_wrong_use;
    case podium::ErrorCode::cancelled:
      return exit_interrupted;
    case podium::ErrorCode::check_failed:
      return exit_cell_failed;
    default:
      return exit_nothing_ran;  // whatever a run can get over is in its results, and never comes here
  }
}

int report_parse_error(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {  // --help, --version
    std::ostringstream out;
    const int status = app.exit(error, out, out);
    print_help(out.str());
    return status;
  }
  return report_error(explain(app, error));
}

}  // namespace cli
