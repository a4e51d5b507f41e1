#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "commands.h"
#include "errors.h"
#include "interrupt.h"
#include "podium/doctor.h"
#include "podium/report.h"
#include "progress.h"
#include "terminal.h"

namespace cli {
namespace {

constexpr const char* description = "Say which engines are here, where, in which version, what is missing, and how to get it.";

constexpr const char* examples =
    "Examples:\n"
    "  podium doctor               look for every engine\n"
    "  podium doctor --self-test   and have each one run a tiny model\n"
    "  podium doctor --options     every option that --set knows, with its values and default\n"
    "  podium doctor --json        the same for a program to read (schema podium.diagnosis/1)\n\n"
    "Exit status: 0 done; 1 an engine failed its self-test; 3 no engine is here.";

struct DoctorFlags {
  bool options = false, json = false, self_test = false;
};

int status_of(const podium::Diagnosis& diagnosis) {
  bool any_is_here = false;
  bool any_failed = false;
  for (const podium::BackendReport& backend : diagnosis.backends) {
    any_is_here = any_is_here || backend.available;
    any_failed =
        any_failed || std::any_of(backend.self_tests.begin(), backend.self_tests.end(), [](const auto& test) { return !test.works; });
  }
  return !any_is_here ? exit_nothing_ran : any_failed ? exit_cell_failed : exit_done;
}

int run(const DoctorFlags& flags) {
  if (flags.options) {
    print_out(podium::to_options_table(podium::known_backends(), style_of(stdout)));
    return exit_done;
  }
  podium::Diagnosis diagnosis = podium::diagnose();
  const podium::CancelToken cancel;
  if (flags.self_test) {
    const InterruptGuard interrupts(cancel);
    ProgressDisplay display(Verbosity::normal);
    podium::self_test(diagnosis, display, cancel);
  }
  print_out(flags.json ? podium::to_json(diagnosis) : podium::to_table(diagnosis, style_of(stdout)));
  if (!cancel.requested()) return status_of(diagnosis);
  fmt::print(stderr, "podium: stopped: engines without a line about their self-test were not tested\n");
  return exit_interrupted;
}

}  // namespace

void add_doctor_command(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("doctor", description);
  command->footer(examples);
  command->fallthrough();  // for --no-colour, which belongs to no command
  const auto flags = std::make_shared<DoctorFlags>();
  CLI::Option* options = command->add_flag("--options", flags->options, "list every backend's options; starts no engine");
  command->add_flag("--json", flags->json, "print what was found as JSON")->excludes(options);
  command->add_flag("--self-test", flags->self_test, "have every engine that is here run a tiny model, whose answer is known")
      ->excludes(options);
  command->callback([flags, &status] { status = run(*flags); });
}

}  // namespace cli
