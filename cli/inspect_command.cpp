#include <memory>

#include <CLI/CLI.hpp>

#include "commands.h"
#include "errors.h"
#include "podium/inspect.h"
#include "podium/report.h"
#include "terminal.h"

namespace cli {
namespace {

constexpr const char* description = "Say what is in a model, without running it: inputs, outputs, operators, weights.";

constexpr const char* examples =
    "Examples:\n"
    "  podium inspect model.onnx\n"
    "  podium inspect torchvision:resnet50";

int run(const std::string& model) {
  print_out(podium::to_table(podium::inspect(model), style_of(stdout)));
  return exit_done;
}

}  // namespace

void add_inspect_command(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("inspect", description);
  command->footer(examples);
  command->fallthrough();  // for --no-colour, which belongs to no command
  const auto model = std::make_shared<std::string>();
  command->add_option("MODEL", *model, "as for 'podium bench'")->required();
  command->callback([model, &status] { status = run(*model); });
}

}  // namespace cli
