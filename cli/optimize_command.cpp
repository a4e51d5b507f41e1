#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "all_then_throw.h"
#include "commands.h"
#include "errors.h"
#include "interrupt.h"
#include "output_files.h"
#include "parse.h"
#include "podium/names.h"
#include "podium/optimize.h"
#include "podium/report.h"
#include "progress.h"
#include "shape_ranges.h"
#include "shared_flags.h"
#include "terminal.h"

namespace cli {
namespace {

/// Flags as typed.
struct OptimizeFlags {
  std::string model, output, weights, backends, precisions, batch, data, samples, labels, preprocess, metric, max_drop, min_sqnr, calibrate,
      goal = "latency", preset = "constrained", budget, warm_up, threads, device, seed, json, search_log, markdown, html;
  std::vector<std::string> shapes, settings;
  bool speed_only = false, allow_python = false, multi_engine = false, overwrite = false, resume = false, strict = false,
       normal_priority = false, no_wait = false, quiet = false, verbose = false;
};

constexpr const char* description = "Find the fastest way of running a model that is still right, and keep it as an artefact.";

constexpr const char* examples =
    "Every engine and precision is tried, then options; who cannot win leaves early, and the log says why. A lossy precision wins only "
    "where\n"
    "its answers keep to the bound on inputs that calibration never saw: --max-drop (with labels), --min-sqnr, else as near to fp32's as "
    "the\n"
    "precision allows; without --data photos and texts of Python packages judge models of pictures and those that come with a tokenizer; "
    "of\n"
    "others only fp32 is tried, unless --speed-only.\n\n"
    "Examples:\n"
    "  podium optimize model.onnx --data photos -o best\n"
    "  podium optimize model.onnx --data photos --labels file-names --metric top-1 --max-drop 1% -o best\n"
    "  podium optimize model.onnx --data photos --batch 1,8 --goal 'p99<=20ms, throughput' -o best.zip\n"
    "  podium optimize torchvision:resnet50 --speed-only --budget 5m\n\n"
    "Then: podium run best --data photos; podium verify best; in C++ podium::load(\"best\").run(inputs).";

podium::SearchPreset parse_preset(const std::string& text) {
  if (const auto preset = podium::parse_search_preset(text)) return *preset;
  throw podium::Exception({podium::ErrorCode::wrong_use,
                           fmt::format("--preset {}: there is no preset of that name{}", podium::printable(text),
                                       podium::did_you_mean(text, {"constrained", "unconstrained"})),
                           "choose constrained (minutes) or unconstrained (everything)"});
}

void read_model(const OptimizeFlags& flags, podium::BenchRequest& what) {
  what.model = flags.model;
  what.weights = flags.weights;
  if (!flags.backends.empty()) what.backends = parse_names("--backends", flags.backends);
  if (!flags.precisions.empty()) what.precisions = parse_precisions(flags.precisions);
  if (!flags.batch.empty()) what.batches = parse_batches(flags.batch);
  if (!flags.device.empty()) what.device = flags.device;
  for (const std::string& setting : flags.settings) {
    const auto [name, values] = parse_setting(setting);
    auto& all = what.option_values[name];
    all.insert(all.end(), values.begin(), values.end());
  }
}

void read_data(const OptimizeFlags& flags, podium::BenchRequest& what) {
  what.data = flags.data;
  what.calibration = flags.calibrate;
  if (!flags.samples.empty()) what.samples = parse_whole_number("--samples", flags.samples, 1, 1'000'000);
  what.labels = flags.labels;
  what.preprocess = flags.preprocess;
  what.metric = flags.metric;
  if (!flags.max_drop.empty()) what.max_drop = parse_drop("--max-drop", flags.max_drop);
}

void read_method(const OptimizeFlags& flags, podium::BenchRequest& what) {
  if (!flags.budget.empty()) what.budget = parse_duration("--budget", flags.budget);
  if (!flags.warm_up.empty()) what.warm_up = parse_duration("--warm-up", flags.warm_up);
  if (!flags.threads.empty()) what.threads = parse_whole_number("--threads", flags.threads, 1, 4096);
  if (!flags.seed.empty()) what.seed = static_cast<std::uint64_t>(parse_whole_number("--seed", flags.seed, 0, 1'000'000'000));
  what.strict = flags.strict;
  what.high_priority = !flags.normal_priority;
  what.no_wait = flags.no_wait;
  what.json = flags.json;
  what.resume = flags.resume;
  what.overwrite = flags.overwrite;
  if (flags.resume && flags.json.empty()) {
    throw podium::Exception({podium::ErrorCode::wrong_use, "--resume takes up the journal of a results file, and no --json names one",
                             "add --json FILE, the one of the search that was interrupted"});
  }
}

podium::OptimizeRequest to_request(const OptimizeFlags& flags, const std::vector<std::string>& command_line) {
  if (flags.quiet && flags.verbose)
    throw podium::Exception({podium::ErrorCode::wrong_use, "--quiet and --verbose exclude each other", "give one of them"});
  podium::OptimizeRequest request;
  read_model(flags, request.what);
  podium::set_shapes(request, parse_shape_ranges(flags.shapes));
  read_data(flags, request.what);
  read_method(flags, request.what);
  request.what.command = command_line;
  request.goals = podium::parse_goals(flags.goal);
  request.preset = parse_preset(flags.preset);
  constexpr double most_db = 200.0;
  if (!flags.min_sqnr.empty()) request.min_sqnr_db = parse_number("--min-sqnr", flags.min_sqnr, 0.0, most_db);
  request.speed_only = flags.speed_only;
  request.allow_python = flags.allow_python;
  request.multi_engine = flags.multi_engine;
  if (flags.overwrite && flags.output.empty() && flags.json.empty()) {
    throw podium::Exception({podium::ErrorCode::wrong_use,
                             "--overwrite replaces an artefact or an interrupted search, and neither -o nor --json names one",
                             "add -o DIR"});
  }
  request.output = flags.output;
  request.overwrite = flags.overwrite;
  return request;
}

int status_of(const podium::OptimizeReport& report, bool cancelled) {
  if (cancelled) return exit_interrupted;
  const bool has_all = !report.winners.empty() && std::none_of(report.more_shapes.begin(), report.more_shapes.end(),
                                                               [](const podium::ShapeReport& more) { return more.winners.empty(); });
  if (has_all) return exit_done;
  for (const podium::Cell& cell : report.results.cells) {
    if (cell.status == podium::CellStatus::ok) return exit_cell_failed;
  }
  return exit_nothing_ran;
}

int run(const OptimizeFlags& flags, const std::vector<std::string>& command_line) {
  const podium::OptimizeRequest request = to_request(flags, command_line);
  const std::vector<std::pair<std::string, std::string>> written{
      {"--json", flags.json}, {"--search-log", flags.search_log}, {"--markdown", flags.markdown}, {"--html", flags.html}};
  check_output_files(flags.model, written);
  check_inputs_are_kept(inputs_of(flags), written);
  const podium::CancelToken cancel;
  const InterruptGuard interrupts(cancel);
  ProgressDisplay display(flags.quiet ? Verbosity::quiet : flags.verbose ? Verbosity::verbose : Verbosity::normal);
  const podium::OptimizeReport report = podium::optimize(request, display, cancel);
  display.clear();
  AllThenThrow outputs;
  if (!flags.search_log.empty()) outputs.attempt([&] { podium::write_file(flags.search_log, podium::to_json(report)); });
  if (!flags.markdown.empty()) outputs.attempt([&] { podium::write_file(flags.markdown, podium::to_markdown(report)); });
  if (!flags.html.empty()) outputs.attempt([&] { podium::write_file(flags.html, podium::to_html(report.results)); });
  outputs.attempt([&] { print_out(podium::to_table(report, style_of(stdout))); });
  outputs.rethrow();
  return status_of(report, cancel.requested());
}

void add_flags_of_the_search(CLI::App& command, OptimizeFlags& flags) {
  command
      .add_option("-o,--output", flags.output, "where the artefact goes: a folder, or a file that ends in .zip (default: none is written)")
      ->type_name("DIR");
  command.add_flag("--overwrite", flags.overwrite, "replace an artefact that is there, and an interrupted search in the journal of --json");
  command
      .add_option("--goal", flags.goal,
                  "what is to be best: latency, throughput, p99, memory, artifact-size, energy; limits on others before it, as in\n"
                  "'p99<=20ms, throughput' (default: latency)")
      ->type_name("GOAL");
  command.add_option("--max-drop", flags.max_drop, "the metric must surely (95 %) not drop by more below the baseline's")
      ->type_name("1%|0.01");
  command.add_option("--min-sqnr", flags.min_sqnr, "the outputs' signal to noise must be at least so much")->type_name("DB");
  command.add_flag("--speed-only", flags.speed_only, "lossy precisions may win though nothing proves their answers");
  command.add_flag("--allow-python", flags.allow_python,
                   "engines that exist only in Python take part and may win; no artefact can hold them");
  command.add_flag("--multi-engine", flags.multi_engine,
                   "batch sizes and shapes may each have another engine; the artefact runs all but the first's out of process");
  command
      .add_option("--preset", flags.preset,
                  "constrained: minutes, long builds only where they promise something; unconstrained: everything (default: constrained)")
      ->type_name("PRESET");
  command.add_option("--budget", flags.budget, "time for the whole search, builds included (default: 10m where constrained, else none)")
      ->type_name("5m");
}

void add_flags_of_the_measurement(CLI::App& command, OptimizeFlags& flags) {
  command.add_option("--backends", flags.backends, "engines, separated by commas (default: every one that is here)")->type_name("NAME,...");
  command.add_option("--precisions", flags.precisions, "that take part (default: all that can be judged)")->type_name("P,...");
  command.add_option("--batch", flags.batch, "batch sizes; each may have another winner (default: 1, or what the model is fixed to)")
      ->type_name("N,...");
  command
      .add_option("--shape", flags.shapes,
                  "sizes of an input with free axes, batch included; several of an axis, least, usual and largest, are searched each, and\n"
                  "calls go to the nearest; may be repeated")
      ->type_name("NAME=1x16:128:512")
      ->take_all()
      ->allow_extra_args(false);
  command.add_option("--data", flags.data, fmt::format("{},\nto calibrate and to judge with", kinds_of_data))->type_name("PATH");
  command.add_option("--samples", flags.samples, "of the data, at most (default: 32; 512 where they have labels)")->type_name("N");
  command.add_option("--labels", flags.labels, "what is right, as bench takes it (default: found beside the data, where there are)")
      ->type_name("HOW|FILE");
  add_preprocess_flag(command, flags.preprocess);
  command.add_option("--metric", flags.metric, "by which accuracy is judged, as bench takes it (default: top-1, mae or similarity)")
      ->type_name("METRIC");
  command
      .add_option("--calibrate", flags.calibrate, "data from which int8-static finds its ranges (default: some of --data are kept back)")
      ->type_name("PATH");
  command.add_option("--set", flags.settings, "values of a backend's option; nothing else is tried for it; may be repeated")
      ->type_name("BACKEND.OPTION=V1,V2")
      ->take_all()
      ->allow_extra_args(false);
  command.add_option("--threads", flags.threads, "threads for each engine (default: the CPUs that may be used)")->type_name("N");
  command.add_option("--device", flags.device, "where to run (default: cpu)")->type_name("cpu|cuda:N");
  add_weights_flag(command, flags.weights);
  command.add_option("--warm-up", flags.warm_up, "warm finalists up at least so long in each launch (default: 1s)")->type_name("1s");
  command.add_option("--seed", flags.seed, "of the order of blocks (default: 0)")->type_name("N");
  command.add_flag("--strict", flags.strict, "refuse a machine that is not fit to measure on, exit status 1");
  add_priority_flag(command, flags.normal_priority);
  add_no_wait_flag(command, flags.no_wait);
}

void add_flags_of_the_output(CLI::App& command, OptimizeFlags& flags) {
  command.add_option("--json", flags.json, "write the results file of all that was measured; its journal grows beside it")
      ->type_name("FILE");
  command.add_flag("--resume", flags.resume, "go on where the interrupted search of the same --json ended");
  command.add_option("--search-log", flags.search_log, "write the search: winners, why each candidate left, what was not beaten; as JSON")
      ->type_name("FILE");
  command.add_option("--markdown", flags.markdown, "write the same for a pull request or a page")->type_name("FILE");
  command.add_option("--html", flags.html, "write a page of all that was measured, with charts; it opens without network")
      ->type_name("FILE");
  command.add_flag("-q,--quiet", flags.quiet, "print the outcome and nothing else");
  command.add_flag("-v,--verbose", flags.verbose, "tell every step");
}

}  // namespace

void add_optimize_command(CLI::App& app, const std::vector<std::string>& command_line, int& status) {
  CLI::App* command = app.add_subcommand("optimize", description);
  command->footer(examples);
  command->fallthrough();  // for --no-colour, which belongs to no command
  const auto flags = std::make_shared<OptimizeFlags>();
  command->add_option("MODEL", flags->model, "the model, as bench takes it")->required();
  add_flags_of_the_search(*command, *flags);
  add_flags_of_the_measurement(*command, *flags);
  add_flags_of_the_output(*command, *flags);
  command->callback([command, flags, command_line, &status] {
    refuse_empty_values(*command);
    status = run(*flags, command_line);
  });
}

}  // namespace cli
