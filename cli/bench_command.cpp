#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "all_then_throw.h"
#include "commands.h"
#include "errors.h"
#include "example_engine.h"
#include "interrupt.h"
#include "output_files.h"
#include "parse.h"
#include "podium/bench.h"
#include "podium/names.h"
#include "podium/report.h"
#include "progress.h"
#include "shared_flags.h"
#include "terminal.h"

namespace cli {
namespace {

/// Flags as typed.
struct BenchFlags {
  std::string model, weights, backends, precisions, batch, data, samples, labels, preprocess, metric, max_drop, metric_timeout, calibrate,
      method, percentile, device = "cpu", timing_boundary, budget, load_timeout, run_timeout, memory_limit, json, csv, markdown, html,
                          threads, seed, launches, rebuilds, interval_target, warm_up, copies, mode = "latency";
  std::vector<std::string> shapes, settings;
  bool strict = false, normal_priority = false, no_wait = false, quiet = false, verbose = false, resume = false, overwrite = false,
       self_check = false;
  bool allow_fallback = false, allow_other_precision = false;
};

constexpr const char* description = "Measure a model on every engine, check the answers, and rank.";

constexpr const char* examples =
    "MODEL: a .onnx file, a .pt2 file (exported program or AOTInductor package; a package executes code),\n"
    "torchvision:NAME, hf:DIR (a folder that transformers saved), python:package.module:function (returns the module and its inputs),\n"
    "or an artefact of optimize or pack, which is measured beside the baseline that it was chosen against.\n\n"
    "Examples:\n"
    "  podium bench model.onnx --batch 1,8 --data photos/\n"
    "  podium bench torchvision:resnet50 --precisions fp32,bf16 --budget 5m --json resnet50.json\n"
    "  podium bench model.onnx --backends {engine} --set {setting}\n"
    "  podium bench model.onnx --precisions fp32,int8-dynamic,int8-static --data photos/ --calibrate more-photos/\n"
    "  podium bench encoder.onnx --shape input_ids=1x128 --shape attention_mask=1x128\n"
    "  podium bench best --budget 1m";

/// A flag that nothing would come of: silence would be taken for obedience.
void refuse_idle(bool is_idle, const char* flag, const char* why, const char* remedy) {
  if (is_idle) throw podium::Exception({podium::ErrorCode::wrong_use, fmt::format("{}: {}", flag, why), remedy});
}

constexpr double least_interval_target = 0.01;
constexpr double most_interval_target = 50.0;

/// How to measure, as against what.
void read_method(const BenchFlags& flags, podium::BenchRequest& request) {
  if (!flags.budget.empty()) request.budget = parse_duration("--budget", flags.budget);
  if (!flags.launches.empty()) request.launches = parse_whole_number("--launches", flags.launches, 1, 1000);
  if (!flags.rebuilds.empty()) request.rebuilds = parse_whole_number("--rebuilds", flags.rebuilds, 0, 100);
  if (!flags.interval_target.empty()) {
    request.interval_target = parse_percent("--interval-target", flags.interval_target, least_interval_target, most_interval_target);
  }
  if (!flags.warm_up.empty()) request.warm_up = parse_duration("--warm-up", flags.warm_up);
  refuse_idle(!flags.self_check && !flags.copies.empty(), "--copies", "copies are made for a self-check, and none was asked for",
              "add --self-check");
  if (flags.self_check) request.self_check = flags.copies.empty() ? 4 : parse_whole_number("--copies", flags.copies, 2, 100);
  request.resume = flags.resume;
  request.overwrite = flags.overwrite;
  refuse_idle(flags.overwrite && flags.json.empty(), "--overwrite", "there is no results file to overwrite", "add --json FILE");
  refuse_idle(flags.overwrite && flags.resume, "--overwrite", "--resume goes on with what --overwrite would throw away",
              "give one of them");
  if (request.resume && flags.json.empty()) {
    throw podium::Exception({podium::ErrorCode::wrong_use, "--resume takes up the journal of a results file, and no --json names one",
                             "add --json FILE, the one of the run that was interrupted"});
  }
}

void read_calibration(const BenchFlags& flags, podium::BenchRequest& request) {
  request.data = flags.data;
  request.calibration = flags.calibrate;
  if (!flags.method.empty()) request.method = parse_method(flags.method);
  if (!flags.percentile.empty()) request.percentile = parse_percentile(flags.percentile);
  refuse_idle(!flags.percentile.empty() && request.method != podium::CalibrationMethod::percentile, "--percentile",
              "the method of calibration is another", "add --method percentile, or leave --percentile out");
  const bool finds_ranges = std::count(request.precisions.begin(), request.precisions.end(), podium::Precision::int8_static) > 0;
  for (const auto& [flag, value] :
       {std::pair{"--calibrate", &flags.calibrate}, std::pair{"--method", &flags.method}, std::pair{"--percentile", &flags.percentile}})
    refuse_idle(!finds_ranges && !value->empty(), flag, "ranges are found for int8-static, which --precisions does not name",
                "add int8-static to --precisions");
}

/// What data are to be judged, and by what.
void read_accuracy(const BenchFlags& flags, podium::BenchRequest& request) {
  if (!flags.samples.empty()) request.samples = parse_whole_number("--samples", flags.samples, 1, 1'000'000);
  request.labels = flags.labels;
  request.preprocess = flags.preprocess;
  request.metric = flags.metric;
  if (!flags.max_drop.empty()) request.max_drop = parse_drop("--max-drop", flags.max_drop);
  refuse_idle(!flags.metric_timeout.empty() && !flags.metric.starts_with("command:") && !flags.metric.starts_with("python:"),
              "--metric-timeout", "no --metric runs a program or a function",
              "add --metric command:PROGRAM or --metric python:MODULE:FUNCTION");
  if (!flags.metric_timeout.empty()) request.metric_timeout = parse_duration("--metric-timeout", flags.metric_timeout);
}

podium::BenchRequest to_request(const BenchFlags& flags, const std::vector<std::string>& command_line) {
  if (flags.quiet && flags.verbose)
    throw podium::Exception({podium::ErrorCode::wrong_use, "--quiet and --verbose exclude each other", "give one of them"});
  podium::BenchRequest request;
  request.model = flags.model;
  request.weights = flags.weights;
  if (!flags.backends.empty()) request.backends = parse_names("--backends", flags.backends);
  if (!flags.precisions.empty()) request.precisions = parse_precisions(flags.precisions);
  if (!flags.batch.empty()) request.batches = parse_batches(flags.batch);
  request.shapes = parse_shapes(flags.shapes);
  for (const std::string& setting : flags.settings) {
    const auto [name, values] = parse_setting(setting);
    auto& all = request.option_values[name];
    all.insert(all.end(), values.begin(), values.end());
  }
  if (!flags.threads.empty()) request.threads = parse_whole_number("--threads", flags.threads, 1, 4096);
  request.device = flags.device;
  if (!flags.timing_boundary.empty()) request.timing_boundary = parse_boundary(flags.timing_boundary);
  read_calibration(flags, request);
  read_accuracy(flags, request);
  if (!flags.load_timeout.empty()) request.load_timeout = parse_duration("--load-timeout", flags.load_timeout);
  if (!flags.run_timeout.empty()) request.run_timeout = parse_duration("--run-timeout", flags.run_timeout);
  if (!flags.memory_limit.empty()) request.memory_limit_bytes = parse_bytes("--memory-limit", flags.memory_limit);
  read_method(flags, request);
  request.mode = parse_mode(flags.mode);
  request.json = flags.json;
  if (!flags.seed.empty())
    request.seed = static_cast<std::uint64_t>(parse_whole_number("--seed", flags.seed, 0, std::numeric_limits<std::int64_t>::max()));
  request.strict = flags.strict;
  request.high_priority = !flags.normal_priority;
  request.no_wait = flags.no_wait;
  request.allow_fallback = flags.allow_fallback;
  request.allow_other_precision = flags.allow_other_precision;
  request.command = command_line;
  return request;
}

int status_of(const podium::Results& results, bool cancelled) {
  if (cancelled) return exit_interrupted;
  bool any_ran = false;
  bool any_broke = false;
  for (const podium::Cell& cell : results.cells) {
    any_ran = any_ran || cell.status == podium::CellStatus::ok;
    any_broke = any_broke || (cell.status != podium::CellStatus::ok && cell.status != podium::CellStatus::unsupported);
  }
  if (!any_ran) return exit_nothing_ran;
  return any_broke ? exit_cell_failed : exit_done;
}

bool any(const podium::Results& results, podium::CellStatus status) {
  return std::any_of(results.cells.begin(), results.cells.end(), [status](const auto& cell) { return cell.status == status; });
}

/// What to do now, in a line.
std::string next_step(const BenchFlags& flags, const podium::Results& results, bool cancelled) {
  const std::string file = podium::printable(flags.json);
  if (cancelled && !file.empty()) return "the same command with --resume goes on where this ended";
  if (cancelled) return "add --json FILE, and a run that was stopped can go on with --resume";
  if (!any(results, podium::CellStatus::ok)) return "podium doctor --self-test says what works here and mends what does not";
  if (file.empty() && !flags.html.empty()) return "add --json FILE to keep every sample; podium pack makes an artefact of the fastest";
  if (file.empty()) return "add --json FILE to keep every sample; podium report and podium pack make a page and an artefact of it";
  std::string step = fmt::format("podium pack {} -o best keeps the fastest", file);
  if (flags.html.empty()) step = fmt::format("podium report {} -o report.html draws it, {}", file, step);
  const bool any_broke = any(results, podium::CellStatus::failed) || any(results, podium::CellStatus::timeout);
  return any_broke ? fmt::format("{0}.logs has what the engines that failed printed; {1}", file, step) : step;
}

void print_last_words(const BenchFlags& flags, const podium::Results& results, bool cancelled) {
  if (cancelled) {
    const bool measured = std::any_of(results.cells.begin(), results.cells.end(), [](const auto& cell) { return !cell.blocks.empty(); });
    const std::string where = flags.json.empty() ? "" : " and in " + podium::printable(flags.json);
    fmt::print(stderr, "podium: stopped: {}\n",
               measured ? "what was measured so far is in the table above" + where : "nothing had been measured yet");
  }
  if (flags.quiet) return;
  if (!flags.html.empty()) fmt::print(stderr, "Page: {} (opens in any browser)\n", podium::printable(flags.html));
  if (!flags.json.empty()) {
    fmt::print(stderr, "Details: {0} (every sample), {0}.logs (what the engines printed)\n", podium::printable(flags.json));
  }
  fmt::print(stderr, "Next: {}\n", next_step(flags, results, cancelled));
}

int run(const BenchFlags& flags, const std::vector<std::string>& command_line) {
  const podium::BenchRequest request = to_request(flags, command_line);
  const std::vector<std::pair<std::string, std::string>> written{
      {"--json", flags.json}, {"--csv", flags.csv}, {"--markdown", flags.markdown}, {"--html", flags.html}};
  check_output_files(flags.model, written);
  check_inputs_are_kept(inputs_of(flags), written);
  const podium::CancelToken cancel;
  const InterruptGuard interrupts(cancel);
  ProgressDisplay display(flags.quiet ? Verbosity::quiet : flags.verbose ? Verbosity::verbose : Verbosity::normal);
  const podium::Results results = podium::bench(request, display, cancel);
  display.clear();
  AllThenThrow outputs;
  if (!flags.csv.empty()) outputs.attempt([&] { podium::write_file(flags.csv, podium::to_csv(results)); });
  if (!flags.markdown.empty()) outputs.attempt([&] { podium::write_file(flags.markdown, podium::to_markdown(results)); });
  if (!flags.html.empty()) outputs.attempt([&] { podium::write_file(flags.html, podium::to_html(results)); });
  outputs.attempt([&] { print_out(podium::to_table(results, style_of(stdout))); });
  print_last_words(flags, results, cancel.requested());
  outputs.rethrow();
  return status_of(results, cancel.requested());
}

void add_flags(CLI::App& command, BenchFlags& flags) {
  command.add_option("MODEL", flags.model, "the model to measure")->required();
  command.add_option("--backends", flags.backends, "engines, separated by commas (default: every one that is here)")->type_name("NAME,...");
  command
      .add_option("--precisions", flags.precisions,
                  "fp32, tf32, bf16, fp16, int8-dynamic, int8-static (default: fp32,bf16; on a GPU fp32,tf32,fp16)")
      ->type_name("P,...");
  command.add_option("--batch", flags.batch, "batch sizes (default: 1, or what the model is fixed to)")->type_name("N,...");
  add_shape_flag(command, flags.shapes);
  command.add_option("--data", flags.data, fmt::format("{}\n(default: generated inputs)", kinds_of_data))->type_name("PATH");
  command.add_option("--samples", flags.samples, "of the data, at most (default: 32; 512 where they have labels)")->type_name("N");
  command
      .add_option("--labels", flags.labels,
                  "what is right: a .csv (file,label) for pictures, a .npy for arrays, file-names (photo_07_243.jpg: 243), folders (each "
                  "is a class),\n"
                  "none (default: a labels.csv or folders in the folder, or the key 'labels' of the .npz, where there are)")
      ->type_name("HOW|FILE");
  add_preprocess_flag(command, flags.preprocess);
  command
      .add_option("--metric", flags.metric,
                  "by which accuracy is judged: top-1, top-5, agreement, cosine, sqnr, max-error, mean-error, mae, rmse, similarity, or\n"
                  "'command:PROGRAM', which is given a folder with outputs_0.npy and labels.npy and prints a number, or\n"
                  "'python:MODULE:FUNCTION', which is given a list of arrays and the labels and returns one; more is better\n"
                  "(default: top-1, mae or similarity, where there are labels)")
      ->type_name("METRIC");
  command
      .add_option("--max-drop", flags.max_drop,
                  "reject a cell whose metric surely (95 %) dropped by more below the baseline's; where nobody can tell, say so")
      ->type_name("1%|0.01");
  command.add_option("--metric-timeout", flags.metric_timeout, "time for a metric's program (default: 5m)")->type_name("5m");
  command
      .add_option(
          "--calibrate", flags.calibrate,
          "data, as --data takes it, from which int8-static finds its ranges (default: what is left of --data when answers are judged)")
      ->type_name("PATH");
  command
      .add_option("--method", flags.method,
                  "how int8-static finds its ranges: min-max, moving-average, percentile, entropy, mse (default: percentile)")
      ->type_name("METHOD");
  add_percentile_flag(command, flags.percentile);
  command
      .add_option(
          "--set", flags.settings,
          "one value of a backend's option, or several to make a candidate of each; may be repeated.\n'podium doctor --options' lists them")
      ->type_name("BACKEND.OPTION=V1,V2")
      ->take_all()
      ->allow_extra_args(false);
  command.add_option("--threads", flags.threads, "threads for each engine (default: the CPUs that may be used)")->type_name("N");
  command.add_option("--device", flags.device, "where to run (default: cpu)")->type_name("cpu|cuda:N");
  command
      .add_option("--timing-boundary", flags.timing_boundary,
                  "host: a call begins and ends in the caller's memory, copies included; device: inputs and outputs stay on the GPU\n"
                  "(default: host on the CPU, device on a GPU)")
      ->type_name("host|device");
  add_weights_flag(command, flags.weights);
  command
      .add_option("--budget", flags.budget,
                  "time to measure in all, builds excluded (default: 10 s a cell, up to twice that where cells that seem to differ\n"
                  "are not told apart)")
      ->type_name("90s|5m|1.5h");
  command
      .add_option("--launches", flags.launches,
                  "processes that each cell is measured in, one after the other (default: at least 3, then until the intervals are narrow)")
      ->type_name("N");
  command
      .add_option("--interval-target", flags.interval_target,
                  "half width of the interval of a ratio to the leader at which a cell was measured enough (default: 1%)")
      ->type_name("1%");
  command
      .add_option("--rebuilds", flags.rebuilds,
                  "how often the compiled artefact of a cell that could still win is built anew and measured again (default: 1)")
      ->type_name("N");
  command.add_option("--warm-up", flags.warm_up, "warm each launch up at least so long, and until no trend is left (default: 1s)")
      ->type_name("1s");
  command.add_flag("--self-check", flags.self_check,
                   "measure copies of each candidate against each other, to see how often equals are told apart on this machine, now");
  command.add_option("--copies", flags.copies, "of each candidate in a self-check (default: 4)")->type_name("N");
  command.add_flag("--resume", flags.resume, "go on where the interrupted run of the same --json ended; nothing is measured twice");
  command.add_flag("--overwrite", flags.overwrite, "begin anew though the journal of the same --json holds an interrupted run");
  command
      .add_option("--mode", flags.mode,
                  "latency: one request in flight; both: throughput with several too, which takes more loads (default: latency)")
      ->type_name("latency|both");
  command.add_option("--json", flags.json, "write the results file, every sample in it; its journal grows beside it while the run goes on")
      ->type_name("FILE");
  command.add_option("--csv", flags.csv, "write a line for each cell")->type_name("FILE");
  command.add_option("--markdown", flags.markdown, "write the table for a pull request or a page")->type_name("FILE");
  command.add_option("--html", flags.html, "write a page with charts, filters and tables; it opens without network")->type_name("FILE");
  command.add_option("--load-timeout", flags.load_timeout, "time for one engine to load or compile the model (default: 10m)")
      ->type_name("10m");
  command.add_option("--run-timeout", flags.run_timeout, "time for one inference (default: 60s)")->type_name("60s");
  command.add_option("--memory-limit", flags.memory_limit, "memory of one cell, its compilers included (default: 80 % of what is free)")
      ->type_name("4G");
  command.add_option("--seed", flags.seed, "of the order of blocks and of generated inputs (default: 0)")->type_name("N");
  command.add_flag("--strict", flags.strict,
                   "refuse a machine that is not fit to measure on (busy, throttled, short of memory), exit status 1");
  add_priority_flag(command, flags.normal_priority);
  add_no_wait_flag(command, flags.no_wait);
  command.add_flag("--allow-fallback", flags.allow_fallback,
                   "measure a cell though parts of it ran elsewhere than asked (default: reject it)");
  command.add_flag("--allow-other-precision", flags.allow_other_precision,
                   "measure a cell though it computes in another precision than its name says (default: reject it)");
  command.add_flag("-q,--quiet", flags.quiet, "print the table and nothing else");
  command.add_flag("-v,--verbose", flags.verbose, "tell every step");
}

}  // namespace

void add_bench_command(CLI::App& app, const std::vector<std::string>& command_line, int& status) {
  CLI::App* command = app.add_subcommand("bench", description);
  set_examples(*command, examples);
  command->fallthrough();  // for --no-colour, which belongs to no command
  const auto flags = std::make_shared<BenchFlags>();
  add_flags(*command, *flags);
  command->callback([command, flags, command_line, &status] {
    refuse_empty_values(*command);
    status = run(*flags, command_line);
  });
}

}  // namespace cli
