#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "allow_different.h"
#include "commands.h"
#include "errors.h"
#include "example_engine.h"
#include "interrupt.h"
#include "output_files.h"
#include "parse.h"
#include "podium/names.h"
#include "podium/replay.h"
#include "progress.h"
#include "shared_flags.h"
#include "terminal.h"

namespace cli {
namespace {

/// Flags as typed.
struct ReplayFlags {
  std::string file, budget, json, html, allow_different;
  std::vector<std::string> cells;
  bool quiet = false, no_wait = false;
};

constexpr const char* description = "Repeat a measurement from a results file, and say whether it agrees.";

constexpr const char* examples =
    "FILE: what 'podium bench --json' wrote. One cell of it and its baseline are measured again by the settings in the file: the same\n"
    "model, data, options, threads, shapes, mode and seed; a model or data that changed is an error. The cell's time, its ratio to the\n"
    "baseline and, where it was measured, its throughput agree where none is told apart from the recorded one (95 %, corrected for all\n"
    "of them, outside ±1 %).\n\n"
    "Examples:\n"
    "  podium replay results.json\n"
    "  podium replay results.json --cell {engine}/fp32/b1/cpu --budget 1m\n"
    "  podium replay results.json --json again.json\n\n"
    "Exit status: 0 it agrees; 1 it does not, or too few rounds to tell; 2 wrong use, another machine, a model or data that changed; "
    "3 it could not be run.";

podium::ReplayRequest to_request(const ReplayFlags& flags, const std::vector<std::string>& command_line) {
  const podium::CompareOptions allowed = parse_allow_different(flags.allow_different);
  if (allowed.allow_different_boundary || allowed.allow_different_model) {
    throw podium::Exception({podium::ErrorCode::wrong_use, "--allow-different: only the machine may differ from what was recorded",
                             "podium replay FILE --allow-different machine"});
  }
  podium::ReplayRequest request;
  request.allow_different_machine = allowed.allow_different_machine;
  if (!flags.budget.empty()) request.budget = parse_duration("--budget", flags.budget);
  request.json = flags.json;
  request.no_wait = flags.no_wait;
  request.command = command_line;
  return request;
}

std::string to_text(const podium::Replay& replay) {
  std::string text = replay.sentence + "\n";
  for (const podium::Difference& difference : replay.what_changed)
    text += podium::printable(fmt::format("  {} was {}, is {}", difference.what, difference.before, difference.after)) + "\n";
  for (const std::string& note : replay.notes) text += fmt::format("  {}\n", note);
  return text;
}

int run(const ReplayFlags& flags, const std::vector<std::string>& command_line) {
  podium::ReplayRequest request = to_request(flags, command_line);
  for (const auto& [flag, file] : {std::pair{"--json", flags.json}, {"--html", flags.html}}) {
    if (flags.cells.size() <= 1 || file.empty()) continue;
    throw podium::Exception({podium::ErrorCode::wrong_use,
                             fmt::format("{} holds one measurement, and several cells are measured one by one", flag),
                             fmt::format("give one --cell, or leave {} out", flag)});
  }
  check_output_files(flags.file, {{"--json", flags.json}, {"--html", flags.html}}, "is the recorded run itself");
  const podium::Results recorded = podium::read_results(flags.file);
  const podium::CancelToken cancel;
  const InterruptGuard interrupts(cancel);
  bool all_agree = true;
  for (const std::string& cell : flags.cells.empty() ? std::vector<std::string>{""} : flags.cells) {
    request.cell = cell;
    ProgressDisplay display(flags.quiet ? Verbosity::quiet : Verbosity::normal);
    const podium::Replay replay = podium::replay(recorded, request, display, cancel);
    display.clear();
    if (!flags.html.empty()) podium::write_file(flags.html, podium::to_html(replay.results, replay.sentence));
    print_out(to_text(replay));
    all_agree = all_agree && replay.agrees;
  }
  return all_agree ? exit_done : exit_cell_failed;
}

}  // namespace

void add_replay_command(CLI::App& app, const std::vector<std::string>& command_line, int& status) {
  CLI::App* command = app.add_subcommand("replay", description);
  set_examples(*command, examples);
  command->fallthrough();  // for --no-colour, which belongs to no command
  const auto flags = std::make_shared<ReplayFlags>();
  command->add_option("FILE", flags->file, "a results file")->required();
  command->add_option("--cell", flags->cells, "the cell to repeat, by its id in the file (default: the fastest); may be repeated")
      ->type_name("ID")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--budget", flags->budget, "time to measure (default: as much for each cell as it had)")->type_name("90s|5m|1.5h");
  command->add_option("--json", flags->json, "write the new measurement's results file")->type_name("FILE");
  command->add_option("--html", flags->html, "write a page with the outcome and the new measurement's charts")->type_name("FILE");
  command->add_option("--allow-different", flags->allow_different, "repeat it though this differs: machine")->type_name("machine");
  add_no_wait_flag(*command, flags->no_wait);
  command->add_flag("-q,--quiet", flags->quiet, "print the outcome and nothing else");
  command->callback([command, flags, command_line, &status] {
    refuse_empty_values(*command);
    status = run(*flags, command_line);
  });
}

}  // namespace cli
