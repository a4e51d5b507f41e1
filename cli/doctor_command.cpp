#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "commands.h"
#include "errors.h"
#include "podium/doctor.h"
#include "podium/names.h"
#include "terminal.h"

namespace cli {
namespace {

constexpr const char* description =
    "Say which engines are here, in which version, what is missing, and how to get it.\n\n"
    "Examples:\n"
    "  podium doctor             look for every engine\n"
    "  podium doctor --options   every option that --set knows, with its values and default";

std::string values_of(const podium::OptionSpec& option) {
  if (option.type == podium::OptionType::flag) return "on|off";
  if (option.type == podium::OptionType::integer) return fmt::format("{}…{}", option.minimum, option.maximum);
  if (option.type == podium::OptionType::choice) return fmt::format("{}", fmt::join(option.choices, "|"));
  return "text";
}

void print_options() {
  for (const podium::BackendReport& backend : podium::known_backends()) {
    fmt::print("{}: {}\n", backend.name, backend.summary.empty() ? backend.engine : backend.summary);
    if (backend.options.empty()) fmt::print("  no options{}\n", backend.reason.empty() ? "" : " (" + backend.reason + ")");
    for (const podium::OptionSpec& option : backend.options) {
      const std::string name = fmt::format("{}.{}={}", backend.name, option.name, values_of(option));
      fmt::print("  {}\n      {} (default: {})\n", name, option.help, podium::to_string(option.default_value));
    }
    fmt::print("\n");
  }
}

std::string precisions_of(const podium::BackendReport& backend) {
  std::vector<std::string> names;
  for (const podium::Precision precision : backend.precisions) names.emplace_back(podium::to_string(precision));
  return fmt::format("{}", fmt::join(names, ", "));
}

void print_backend(const podium::BackendReport& backend, bool colour) {
  const char* mark = backend.available ? (colour ? "\x1b[32mhere\x1b[0m   " : "here   ") : (colour ? "\x1b[33mmissing\x1b[0m" : "missing");
  fmt::print("{} {:<14} {} {}\n", mark, backend.name, backend.engine, backend.version);
  if (backend.available) {
    fmt::print("        runs on {}; computes in {}\n", fmt::join(backend.devices, ", "), precisions_of(backend));
    return;
  }
  fmt::print("        why: {}\n", podium::printable(backend.reason));
  if (!backend.remedy.empty()) fmt::print("        try: {}\n", backend.remedy);
}

void print_machine(const podium::Environment& machine) {
  fmt::print("machine: {}, {} usable CPU{}, {} of memory, {}\n", podium::printable(machine.cpu), machine.cores,
             machine.cores == 1 ? "" : "s", podium::human_bytes(static_cast<double>(machine.memory_bytes)), podium::printable(machine.os));
  if (!machine.isa.empty()) fmt::print("         instructions that engines use: {}\n", fmt::join(machine.isa, " "));
  for (const std::string& warning : machine.warnings) fmt::print("warning: {}\n", podium::printable(warning));
}

int run(bool options) {
  if (options) {
    print_options();
    return exit_done;
  }
  const podium::Diagnosis diagnosis = podium::diagnose();
  fmt::print("podium {} ({} build)\n", diagnosis.environment.podium_version, diagnosis.environment.build_type);
  print_machine(diagnosis.environment);
  fmt::print("\n");
  bool any = false;
  for (const podium::BackendReport& backend : diagnosis.backends) {
    print_backend(backend, wants_colour(stdout));
    any = any || backend.available;
  }
  return any ? exit_done : exit_nothing_ran;
}

}  // namespace

void add_doctor_command(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("doctor", description);
  const auto options = std::make_shared<bool>(false);
  command->add_flag("--options", *options, "list every backend's options; starts no engine");
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace cli
