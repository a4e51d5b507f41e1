#include <limits>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "commands.h"
#include "errors.h"
#include "interrupt.h"
#include "output_files.h"
#include "parse.h"
#include "podium/names.h"
#include "podium/run_artifact.h"
#include "progress.h"
#include "shared_flags.h"
#include "terminal.h"

namespace cli {
namespace {

/// Flags as typed.
struct RunFlags {
  std::string artifact, data, samples, preprocess, batch, repeat, threads, seed, output;
  bool quiet = false;
};

constexpr const char* description = "Run an artefact on data, and keep what it answers.";

constexpr const char* examples =
    "DIR: an artefact that 'podium pack' wrote, a folder or a .zip. Its engine is loaded into this process, as podium::load() does it.\n\n"
    "Examples:\n"
    "  podium run best --data photos -o answers.npz\n"
    "  podium run best --data inputs.npz --batch 8\n"
    "  podium run best --repeat 100";

podium::RunRequest to_request(const RunFlags& flags) {
  constexpr std::int64_t many = 1'000'000'000;
  podium::RunRequest request;
  request.artifact = flags.artifact;
  request.data = flags.data;
  request.preprocess = flags.preprocess;
  request.output = flags.output;
  if (!flags.samples.empty()) request.samples = parse_whole_number("--samples", flags.samples, 1, many);
  if (!flags.batch.empty()) request.batch = parse_whole_number("--batch", flags.batch, 1, many);
  if (!flags.repeat.empty()) request.repeat = parse_whole_number("--repeat", flags.repeat, 1, many);
  if (!flags.threads.empty()) request.threads = parse_whole_number("--threads", flags.threads, 1, 4096);
  if (!flags.seed.empty())
    request.seed = static_cast<std::uint64_t>(parse_whole_number("--seed", flags.seed, 0, std::numeric_limits<std::int64_t>::max()));
  return request;
}

std::string shape_of(const podium::Shape& shape) {
  std::string text;
  for (const std::int64_t size : shape) text += (text.empty() ? "" : "x") + std::to_string(size);
  return text;
}

std::string to_text(const podium::RunReport& report, const RunFlags& flags) {
  std::string text =
      fmt::format("{}: {}, loaded in {:.2f} s\n", podium::printable(flags.artifact), podium::printable(report.engine), report.load_s);
  text +=
      fmt::format("{} samples ({}) in {} calls, {:.3f} s\n", report.samples, podium::printable(report.data), report.calls, report.seconds);
  for (const podium::RunOutput& output : report.outputs)
    text += fmt::format("  {} {} [{}]\n", podium::printable(output.name), podium::to_string(output.type), shape_of(output.shape));
  if (!flags.output.empty()) text += fmt::format("written to {}\n", podium::printable(flags.output));
  return text;
}

int run(const RunFlags& flags) {
  const podium::RunRequest request = to_request(flags);
  check_output_files(flags.artifact, {{"--output", flags.output}}, "is the artefact itself");
  check_inputs_are_kept({{"--data", flags.data}, {"--preprocess", flags.preprocess}}, {{"--output", flags.output}});
  const podium::CancelToken cancel;
  const InterruptGuard interrupts(cancel);
  ProgressDisplay display(flags.quiet ? Verbosity::quiet : Verbosity::normal);
  const podium::RunReport report = podium::run_artifact(request, display, cancel);
  display.clear();
  for (const std::string& notice : report.notices) display.on_message(notice);
  display.clear();
  print_out(to_text(report, flags));
  return exit_done;
}

}  // namespace

void add_run_command(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("run", description);
  command->footer(examples);
  command->fallthrough();  // for --no-colour, which belongs to no command
  const auto flags = std::make_shared<RunFlags>();
  command->add_option("DIR", flags->artifact, "an artefact")->required();
  command
      ->add_option("--data", flags->data, "inputs: a folder of pictures, a .npz, a .npy, or a .txt of a text a line (default: generated)")
      ->type_name("PATH");
  command->add_option("--samples", flags->samples, "of the data, at most (default: all)")->type_name("N");
  add_preprocess_flag(*command, flags->preprocess);
  command->add_option("--batch", flags->batch, "inputs in a call (default: as the artefact's first variant)")->type_name("N");
  command->add_option("--repeat", flags->repeat, "go over the data so often (default: 1)")->type_name("N");
  command->add_option("--threads", flags->threads, "of the engine (default: as it was measured, at most the usable CPUs)")->type_name("N");
  command->add_option("--seed", flags->seed, "of generated inputs (default: 0)")->type_name("N");
  command->add_option("-o,--output", flags->output, "write the answers: an .npz, an array for each output")->type_name("FILE");
  command->add_flag("-q,--quiet", flags->quiet, "print the outcome and nothing else");
  command->callback([command, flags, &status] {
    refuse_empty_values(*command);
    status = run(*flags);
  });
}

}  // namespace cli
