#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "commands.h"
#include "errors.h"
#include "example_engine.h"
#include "interrupt.h"
#include "podium/names.h"
#include "podium/pack.h"
#include "podium/report.h"
#include "progress.h"
#include "terminal.h"

namespace cli {
namespace {

/// Flags as typed.
struct PackFlags {
  std::string results, output;
  std::vector<std::string> cells;
  bool multi_engine = false, overwrite = false, quiet = false;
};

constexpr const char* description = "Make an artefact of measured cells: what a program runs without Podium's measuring parts.";

constexpr const char* examples =
    "RESULTS: what 'podium bench --json' wrote. The artefact is a folder (or one .zip): the model file of each batch size's cell, a "
    "manifest\n"
    "with engine, options, inputs, outputs, accuracy and speed, hashes of every file, the measurement, and a few recorded answers.\n"
    "Without --cell it holds the fastest cells that one engine runs and whose answers agree with the baseline's.\n\n"
    "Examples:\n"
    "  podium pack results.json -o best\n"
    "  podium pack results.json --cell {engine}/int8-static/b1/cpu --cell {engine}/int8-static/b8/cpu -o best.zip\n\n"
    "Then: podium run best --data photos; podium verify best; in C++ podium::load(\"best\").run(inputs).";

int run(const PackFlags& flags) {
  const podium::Results measured = podium::read_results(flags.results);
  podium::PackRequest request;
  request.cells = flags.cells;
  request.output = flags.output;
  request.multi_engine = flags.multi_engine;
  request.overwrite = flags.overwrite;
  const podium::CancelToken cancel;
  const InterruptGuard interrupts(cancel);
  ProgressDisplay display(flags.quiet ? Verbosity::quiet : Verbosity::normal);
  const podium::Manifest manifest = podium::pack(measured, request, display, cancel);
  display.clear();
  double bytes = 0.0;
  for (const auto& [path, file] : manifest.files) bytes += static_cast<double>(file.bytes);
  std::string text = fmt::format("{}: {} variant{}, {}\n", podium::printable(flags.output), manifest.variants.size(),
                                 manifest.variants.size() == 1 ? "" : "s", podium::human_bytes(bytes));
  for (const podium::ArtifactVariant& variant : manifest.variants) text += "  " + podium::printable(variant.cell) + "\n";
  print_out(text + "Chosen: " + podium::printable(manifest.chosen_because) + "\n");
  return exit_done;
}

}  // namespace

void add_pack_command(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("pack", description);
  set_examples(*command, examples);
  command->fallthrough();  // for --no-colour, which belongs to no command
  const auto flags = std::make_shared<PackFlags>();
  command->add_option("RESULTS", flags->results, "a results file")->required();
  command->add_option("-o,--output", flags->output, "where the artefact goes: a folder, or a file that ends in .zip")
      ->required()
      ->type_name("DIR");
  command->add_option("--cell", flags->cells, "a cell by its id in the file, one for each batch size; may be repeated")
      ->type_name("ID")
      ->take_all()
      ->allow_extra_args(false);
  command->add_flag("--multi-engine", flags->multi_engine,
                    "batch sizes may each have another engine; the artefact runs all but the first's out of process");
  command->add_flag("--overwrite", flags->overwrite, "replace an artefact that is there");
  command->add_flag("-q,--quiet", flags->quiet, "print the outcome and nothing else");
  command->callback([command, flags, &status] {
    refuse_empty_values(*command);
    status = run(*flags);
  });
}

}  // namespace cli
