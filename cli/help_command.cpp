#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "commands.h"
#include "errors.h"
#include "help_lines.h"
#include "podium/error.h"
#include "podium/names.h"
#include "podium/report.h"
#include "reference/command_facts.h"
#include "reference/pages.h"
#include "terminal.h"

namespace cli {
namespace {

/// Flags as typed.
struct HelpFlags {
  std::string command, format = "text", into;
};

constexpr const char* description = "Print the help of a command, as text, as a man page or as a page of the documentation.";

constexpr const char* examples =
    "Examples:\n"
    "  podium help bench\n"
    "  podium help bench --format man | man -l -\n"
    "  podium help --format man --into man1    every man page, podium.1 and podium-COMMAND.1";

struct Format {
  const char* name;
  const char* ending;
  std::string (*write)(const CLI::App& command);
};
constexpr Format formats[] = {{"text", ".txt", to_help_text}, {"man", ".1", to_man_page}, {"markdown", ".md", to_markdown_page}};

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const Format& format : formats) names.emplace_back(format.name);
  return names;
}

const Format& format_named(const std::string& name) {
  const auto* const found = std::find_if(std::begin(formats), std::end(formats), [&](const Format& format) { return name == format.name; });
  if (found != std::end(formats)) return *found;
  throw podium::Exception(
      {podium::ErrorCode::wrong_use,
       fmt::format("--format {}: there is no such format{}", podium::printable(name), podium::did_you_mean(name, format_names())),
       fmt::format("choose from {}", fmt::join(format_names(), ", "))});
}

const CLI::App& command_named(const CLI::App& app, const std::string& name) {
  std::vector<std::string> known;
  for (const CLI::App* command : commands_of(app)) {
    if (command->get_name() == name) return *command;
    known.push_back(command->get_name());
  }
  throw podium::Exception({podium::ErrorCode::wrong_use,
                           fmt::format("there is no command '{}'{}", podium::printable(name), podium::did_you_mean(name, known)),
                           "podium --help"});
}

void write_pages(const CLI::App& app, const Format& format, const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    throw podium::Exception({podium::ErrorCode::io,
                             fmt::format("--into {}: cannot be made: {}", podium::printable(folder.string()), error.message()),
                             "give a folder that is yours to write"});
  }
  const auto write = [&](const CLI::App& command, const std::string& name) {
    podium::write_file(folder / (name + format.ending), format.write(command));
  };
  write(app, app.get_name());
  for (const CLI::App* command : commands_of(app)) write(*command, app.get_name() + "-" + command->get_name());
}

int run(const CLI::App& app, const HelpFlags& flags) {
  const Format& format = format_named(flags.format);
  if (flags.into.empty()) {
    const std::string page = format.write(flags.command.empty() ? app : command_named(app, flags.command));
    if (format.write == to_help_text) {
      print_help(page);
    } else {
      print_out(page);
    }
  } else {
    write_pages(app, format, flags.into);
  }
  return exit_done;
}

}  // namespace

void add_help_command(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("help", description);
  command->footer(examples);
  command->fallthrough();  // for --no-colour, which belongs to no command
  const auto flags = std::make_shared<HelpFlags>();
  CLI::Option* one = command->add_option("COMMAND", flags->command, "the command (default: podium itself)");
  command->add_option("--format", flags->format, "of the page (default: text)")
      ->type_name(fmt::format("{}", fmt::join(format_names(), "|")));
  command->add_option("--into", flags->into, "write the page of every command into this folder")->type_name("DIR")->excludes(one);
  command->callback([command, flags, &app, &status] {
    refuse_empty_values(*command);
    status = run(app, *flags);
  });
}

}  // namespace cli
