#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "commands.h"
#include "errors.h"
#include "interrupt.h"
#include "output_files.h"
#include "parse.h"
#include "podium/names.h"
#include "podium/report.h"
#include "podium/verify.h"
#include "progress.h"
#include "shared_flags.h"
#include "terminal.h"

namespace cli {
namespace {

/// Flags as typed.
struct VerifyFlags {
  std::string artifact, budget, html;
  bool no_speed = false, quiet = false, no_wait = false;
};

constexpr const char* description = "Check an artefact here: its files, its engine, its answers, its speed.";

constexpr const char* examples =
    "DIR: an artefact that 'podium pack' wrote, a folder or a .zip. Files: every hash. Engine: here, in the recorded version. Outputs: "
    "the\n"
    "recorded ones, within the precision's tolerance. Speed: not slower than recorded, outside ±1 % at 95 %; on another machine it is "
    "told\n"
    "and not judged. Answers and times come from a worker process.\n\n"
    "Examples:\n"
    "  podium verify best\n"
    "  podium verify best --no-speed\n"
    "  podium verify best --budget 1m --html verified.html\n\n"
    "Exit status: 0 all holds; 1 a check does not hold; 2 wrong use, or there is no artefact.";

std::string to_text(const podium::Verification& verification) {
  std::string text;
  for (const podium::VerifyStep& step : verification.steps) {
    text += fmt::format("{:<8} {:<10} {}\n", step.name, podium::to_string(step.outcome), podium::printable(step.finding));
    if (!step.remedy.empty()) text += fmt::format("{:<19} try: {}\n", "", podium::printable(step.remedy));
  }
  return text;
}

int run(const VerifyFlags& flags, const std::vector<std::string>& command_line) {
  podium::VerifyRequest request;
  request.artifact = flags.artifact;
  request.speed = !flags.no_speed;
  request.no_wait = flags.no_wait;
  if (flags.no_speed && !flags.budget.empty())
    throw podium::Exception({podium::ErrorCode::wrong_use, "--budget is of measuring, which --no-speed leaves out", "give one of them"});
  if (!flags.budget.empty()) request.budget = parse_duration("--budget", flags.budget);
  check_output_files(flags.artifact, {{"--html", flags.html}}, "is the artefact itself");
  const podium::CancelToken cancel;
  const InterruptGuard interrupts(cancel);
  ProgressDisplay display(flags.quiet ? Verbosity::quiet : Verbosity::normal);
  const podium::Verification verification = podium::verify(request, display, cancel);
  display.clear();
  if (!flags.html.empty()) podium::write_file(flags.html, podium::to_html(verification, flags.artifact, command_line));
  print_out(to_text(verification));
  return verification.holds() ? exit_done : exit_cell_failed;
}

}  // namespace

void add_verify_command(CLI::App& app, const std::vector<std::string>& command_line, int& status) {
  CLI::App* command = app.add_subcommand("verify", description);
  command->footer(examples);
  command->fallthrough();  // for --no-colour, which belongs to no command
  const auto flags = std::make_shared<VerifyFlags>();
  command->add_option("DIR", flags->artifact, "an artefact")->required();
  command->add_option("--budget", flags->budget, "time to measure each variant (default: 10s)")->type_name("90s|5m|1.5h");
  command->add_flag("--no-speed", flags->no_speed, "measure nothing");
  command->add_option("--html", flags->html, "write a page with the verdict and every check")->type_name("FILE");
  add_no_wait_flag(*command, flags->no_wait);
  command->add_flag("-q,--quiet", flags->quiet, "print the outcome and nothing else");
  command->callback([command, flags, command_line, &status] {
    refuse_empty_values(*command);
    status = run(*flags, command_line);
  });
}

}  // namespace cli
