#include <algorithm>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "all_then_throw.h"
#include "commands.h"
#include "errors.h"
#include "example_engine.h"
#include "interrupt.h"
#include "output_files.h"
#include "parse.h"
#include "podium/convert.h"
#include "podium/names.h"
#include "podium/report.h"
#include "progress.h"
#include "shared_flags.h"
#include "terminal.h"

namespace cli {
namespace {

/// Flags as typed.
struct ConvertFlags {
  std::string model, weights, output, to, target = "any", calibrate, data, preprocess, samples, method, percentile, exclude, smooth,
                                          min_sqnr, max_drop, batch, threads, seed, json;
  std::vector<std::string> shapes;
  bool keep_io = true, equalize = false, correct_biases = true, quiet = false;
};

constexpr const char* description = "Make a model of another precision in ONNX, and judge its answers.";

constexpr const char* examples =
    "MODEL: as for 'podium bench'. What is written is an .onnx file that every ONNX engine reads; int8-static is written as\n"
    "QuantizeLinear and DequantizeLinear around float operators, which engines fuse.\n"
    "DATA: a folder of JPEG or PNG pictures, a .npz, a .npy, a .txt of a text a line, or python:MODULE:FUNCTION, which yields them.\n"
    "Ranges come from --calibrate; answers are judged on --data, or on a quarter of the calibration data that calibration does not\n"
    "see. The two may have no input in common.\n\n"
    "Examples:\n"
    "  podium convert model.onnx --to fp16 -o half.onnx\n"
    "  podium convert model.onnx --to int8-static --calibrate photos -o int8.onnx\n"
    "  podium convert model.onnx --to int8-static --calibrate photos --min-sqnr 20 --target {engine} -o int8.onnx\n"
    "  podium convert torchvision:resnet50 --weights resnet50.pt --to int8-static --calibrate train.npz --data test.npz -o int8.onnx\n"
    "  podium convert encoder.onnx --to int8-dynamic --exclude pooler -o dynamic.onnx\n\n"
    "Exit status: 0 done; 1 a bound was not reached; 2 wrong use, or a model or data that cannot be read; 3 it could not be converted.";

void read_bounds(const ConvertFlags& flags, podium::ConvertRequest& request) {
  constexpr double most_db = 200.0;
  if (!flags.min_sqnr.empty()) request.min_sqnr_db = parse_number("--min-sqnr", flags.min_sqnr, 0.0, most_db);
  if (!flags.max_drop.empty()) request.max_drop = parse_drop("--max-drop", flags.max_drop);
}

void read_calibration(const ConvertFlags& flags, podium::ConvertRequest& request) {
  constexpr std::int64_t most_samples = 1'000'000;
  request.calibration = flags.calibrate;
  request.data = flags.data;
  request.preprocess = flags.preprocess;
  if (!flags.samples.empty()) request.samples = parse_whole_number("--samples", flags.samples, 1, most_samples);
  if (!flags.method.empty()) request.method = parse_method(flags.method);
  if (!flags.percentile.empty()) request.percentile = parse_percentile(flags.percentile);
  if (!flags.smooth.empty()) request.smooth = parse_number("--smooth", flags.smooth, 0.0, 1.0);
  request.equalize = flags.equalize;
  request.correct_biases = flags.correct_biases;
}

podium::ConvertRequest to_request(const ConvertFlags& flags) {
  podium::ConvertRequest request;
  request.model = flags.model;
  request.weights = flags.weights;
  request.output = flags.output;
  request.to = parse_precision("--to", flags.to);
  request.target = flags.target;
  read_calibration(flags, request);
  read_bounds(flags, request);
  if (!flags.exclude.empty()) request.exclude = parse_names("--exclude", flags.exclude);
  request.keep_io = flags.keep_io;
  request.shapes = parse_shapes(flags.shapes);
  constexpr std::int64_t largest_batch = 65536;
  constexpr std::int64_t most_threads = 4096;
  if (!flags.batch.empty()) request.batch = parse_whole_number("--batch", flags.batch, 1, largest_batch);
  if (!flags.threads.empty()) request.threads = parse_whole_number("--threads", flags.threads, 1, most_threads);
  if (!flags.seed.empty())
    request.seed = static_cast<std::uint64_t>(parse_whole_number("--seed", flags.seed, 0, std::numeric_limits<std::int64_t>::max()));
  return request;
}

/// Flags that say how one kind of precision is made. Beside another they would do nothing, and nobody would notice.
struct FlagOfPrecisions {
  std::string_view flag;
  std::vector<podium::Precision> precisions;
};

void refuse_flags_of_others(const CLI::App& command, const ConvertFlags& flags) {
  using podium::Precision;
  const std::vector<FlagOfPrecisions> rows{{"--method", {Precision::int8_static}},
                                           {"--percentile", {Precision::int8_static}},
                                           {"--correct-biases", {Precision::int8_static}},
                                           {"--keep-io", {Precision::fp16, Precision::bf16}}};
  const Precision to = parse_precision("--to", flags.to);
  for (const FlagOfPrecisions& row : rows) {
    const bool fits = std::find(row.precisions.begin(), row.precisions.end(), to) != row.precisions.end();
    if (command.get_option(std::string(row.flag))->count() == 0 || fits) continue;
    throw podium::Exception({podium::ErrorCode::wrong_use, fmt::format("{} does not go with --to {}", row.flag, podium::to_string(to)),
                             fmt::format("leave it out, or convert to {}", podium::to_string(row.precisions.front()))});
  }
  if (!flags.percentile.empty() && !flags.method.empty() && parse_method(flags.method) != podium::CalibrationMethod::percentile) {
    throw podium::Exception({podium::ErrorCode::wrong_use, fmt::format("--percentile does not go with --method {}", flags.method),
                             "leave one of them out, or give --method percentile"});
  }
}

/// Flags about inputs, which do nothing where there are none.
void refuse_flags_without_inputs(const ConvertFlags& flags) {
  const bool is_split = !flags.calibrate.empty() && flags.data.empty();
  if (!flags.seed.empty() && !is_split)
    throw podium::Exception({podium::ErrorCode::wrong_use,
                             "--seed: it chooses which quarter of --calibrate answers are judged on, and there is none to choose",
                             "leave it out, or give --calibrate DATA without --data"});
  if (!flags.calibrate.empty() || !flags.data.empty()) return;
  for (const auto& [flag, value] :
       {std::pair{"--samples", &flags.samples}, std::pair{"--batch", &flags.batch}, std::pair{"--threads", &flags.threads}}) {
    if (!value->empty())
      throw podium::Exception({podium::ErrorCode::wrong_use, fmt::format("{} is about inputs, and there are none", flag),
                               "add --calibrate DATA or --data DATA, or leave it out"});
  }
}

/// What bench does not know: it would convert the model otherwise, so that the file itself has to be measured.
bool is_of_convert_alone(const ConvertFlags& flags) {
  return !flags.exclude.empty() || !flags.smooth.empty() || !flags.min_sqnr.empty() || !flags.max_drop.empty() || flags.equalize ||
         !flags.correct_biases || !flags.keep_io;
}

/// What to do now, in a line: the command that measures what the conversion gains.
std::string next_step(const ConvertFlags& flags, const podium::Conversion& made) {
  if (!made.bound_holds) return "more --calibrate data, or a wider bound; --exclude keeps nodes in float whatever the data say";
  if (is_of_convert_alone(flags))
    return podium::printable(fmt::format(
        "podium bench {} --precisions fp32 --allow-other-precision measures it, podium bench {} the original", flags.output, flags.model));
  const bool finds_ranges = made.report.to == podium::Precision::int8_static;
  std::string command = fmt::format("podium bench {} --precisions fp32,{}", flags.model, flags.to);
  const std::pair<const char*, std::string> same[] = {
      {"--weights", flags.weights},
      {"--batch", flags.batch},
      {"--data", flags.data.empty() && !finds_ranges ? flags.calibrate : flags.data},
      {"--calibrate", finds_ranges ? flags.calibrate : ""},
      {"--method", flags.method},
      {"--percentile", flags.percentile},
      {"--preprocess", flags.preprocess},
  };
  for (const auto& [flag, value] : same) {
    if (!value.empty()) command += fmt::format(" {} {}", flag, value);
  }
  for (const std::string& shape : flags.shapes) command += fmt::format(" --shape {}", shape);
  return podium::printable(command + " measures what it gains on each engine");
}

int run(const ConvertFlags& flags) {
  const podium::ConvertRequest request = to_request(flags);
  const std::vector<std::pair<std::string, std::string>> written{{"-o", flags.output}, {"--json", flags.json}};
  check_output_files(flags.model, written);
  check_inputs_are_kept(
      {{"--calibrate", flags.calibrate}, {"--data", flags.data}, {"--preprocess", flags.preprocess}, {"--weights", flags.weights}},
      written);
  const podium::CancelToken cancel;
  const InterruptGuard interrupts(cancel);
  ProgressDisplay display(flags.quiet ? Verbosity::quiet : Verbosity::normal);
  const podium::Conversion made = podium::convert_model(request, display, cancel);
  display.clear();
  AllThenThrow outputs;
  if (!flags.json.empty()) outputs.attempt([&] { podium::write_file(flags.json, podium::to_json(made)); });
  outputs.attempt([&] { print_out(podium::to_table(made, style_of(stdout))); });
  outputs.rethrow();
  if (!flags.quiet) fmt::print(stderr, "Next: {}\n", next_step(flags, made));
  return made.bound_holds ? exit_done : exit_cell_failed;
}

void add_data_flags(CLI::App& command, ConvertFlags& flags) {
  command
      .add_option("--calibrate", flags.calibrate,
                  "inputs that ranges are found from; int8-static and bounds need them, fp16 and bf16 are checked on them")
      ->type_name("DATA");
  command.add_option("--data", flags.data, "inputs that answers are judged on (default: a quarter of --calibrate, kept apart)")
      ->type_name("DATA");
  add_preprocess_flag(command, flags.preprocess);
  command.add_option("--samples", flags.samples, "inputs to take of each, at most (default: 256)")->type_name("N");
  command
      .add_option("--method", flags.method, "how ranges are found: min-max, moving-average, percentile, entropy, mse (default: percentile)")
      ->type_name("METHOD");
  add_percentile_flag(command, flags.percentile);
  command.add_option("--batch", flags.batch, "inputs in one call while calibrating (default: 1, or what the model is fixed to)")
      ->type_name("N");
  add_shape_flag(command, flags.shapes);
  command.add_option("--seed", flags.seed, "of the choice which quarter of --calibrate is kept apart (default: 0)")->type_name("N");
  command.add_option("--threads", flags.threads, "of the engine that computes activations (default: the CPUs that may be used)")
      ->type_name("N");
}

void add_accuracy_flags(CLI::App& command, ConvertFlags& flags) {
  command.add_option("--exclude", flags.exclude, "nodes, or operator types, that stay wide")->type_name("NODE|TYPE,...");
  command
      .add_option("--min-sqnr", flags.min_sqnr, "give the worst layers back to float until the answers reach so many dB of signal to noise")
      ->type_name("DB");
  command
      .add_option("--max-drop", flags.max_drop,
                  "give the worst layers back until top-1 answers differ from fp32's for no more than this share")
      ->type_name("1%|0.01");
  command.add_flag("--equalize", flags.equalize, "int8-static: even out the channels of neighbouring layers first");
  command
      .add_option("--smooth", flags.smooth,
                  "int8-static: move outliers from activations into weights first, at this strength (transformers: 0.5)")
      ->type_name("0..1");
  command.add_flag("--correct-biases,!--no-correct-biases", flags.correct_biases,
                   "int8-static: take the mean error of each layer out of its bias at the end (default), or do not");
  command.add_flag("--keep-io,!--no-keep-io", flags.keep_io, "fp16, bf16: inputs and outputs stay float32 (default), or do not");
}

void add_flags(CLI::App& command, ConvertFlags& flags) {
  command.add_option("MODEL", flags.model, "the model to convert")->required();
  command.add_option("-o,--output", flags.output, "the .onnx file to write")->type_name("FILE")->required();
  command.add_option("--to", flags.to, "fp16, bf16, int8-dynamic or int8-static")->type_name("PRECISION")->required();
  command.add_option("--target", flags.target, "the engine that will run it, by its name in 'podium doctor' (default: any)")
      ->type_name("NAME");
  add_data_flags(command, flags);
  add_accuracy_flags(command, flags);
  add_weights_flag(command, flags.weights);
  command.add_option("--json", flags.json, "write the report, every node that stays wide in it")->type_name("FILE");
  command.add_flag("-q,--quiet", flags.quiet, "print the report and nothing else");
}

}  // namespace

void add_convert_command(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("convert", description);
  set_examples(*command, examples);
  command->fallthrough();  // for --no-colour, which belongs to no command
  const auto flags = std::make_shared<ConvertFlags>();
  add_flags(*command, *flags);
  command->callback([command, flags, &status] {
    refuse_empty_values(*command);
    refuse_flags_of_others(*command, *flags);
    refuse_flags_without_inputs(*flags);
    status = run(*flags);
  });
}

}  // namespace cli
