#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>

#include "commands.h"
#include "errors.h"
#include "podium/doctor.h"
#include "podium/report.h"
#include "terminal.h"

namespace cli {
namespace {

constexpr const char* description = "Say which engines are here, in which version, what is missing, and how to get it.";

constexpr const char* examples =
    "Examples:\n"
    "  podium doctor             look for every engine\n"
    "  podium doctor --options   every option that --set knows, with its values and default\n"
    "  podium doctor --json      the same for a program to read (schema podium.diagnosis/1)";

struct DoctorFlags {
  bool options = false, json = false;
};

int run(const DoctorFlags& flags) {
  if (flags.options) {
    print_out(podium::to_options_table(podium::known_backends(), style_of(stdout)));
    return exit_done;
  }
  const podium::Diagnosis diagnosis = podium::diagnose();
  print_out(flags.json ? podium::to_json(diagnosis) : podium::to_table(diagnosis, style_of(stdout)));
  const auto& backends = diagnosis.backends;
  return std::any_of(backends.begin(), backends.end(), [](const auto& backend) { return backend.available; }) ? exit_done
                                                                                                              : exit_nothing_ran;
}

}  // namespace

void add_doctor_command(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("doctor", description);
  command->footer(examples);
  command->fallthrough();  // for --no-colour, which belongs to no command
  const auto flags = std::make_shared<DoctorFlags>();
  CLI::Option* options = command->add_flag("--options", flags->options, "list every backend's options; starts no engine");
  command->add_flag("--json", flags->json, "print what was found as JSON")->excludes(options);
  command->callback([flags, &status] { status = run(*flags); });
}

}  // namespace cli
