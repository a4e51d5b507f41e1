#include <cstdlib>
#include <span>

#include <CLI/CLI.hpp>

#include "commands.h"
#include "completion/complete.h"
#include "errors.h"
#include "podium/version.h"
#include "reference/pages.h"
#include "terminal.h"

namespace {

constexpr const char* description = "Podium finds the fastest way to run a trained model on this machine, and proves it.";

constexpr const char* footer =
    "Examples:\n"
    "  podium doctor                                      which engines are here\n"
    "  podium inspect model.onnx                          what is in a model\n"
    "  podium bench model.onnx --batch 1,8 --data photos  which engine runs it fastest\n"
    "  podium bench torchvision:resnet50 --json out.json  a PyTorch model, all samples kept\n"
    "  podium optimize model.onnx --data photos -o best   the fastest way that is still right, as an artefact\n"
    "  podium convert model.onnx --to fp16 -o half.onnx   the model in half precision\n"
    "  podium compare before.json after.json              what became faster or slower\n"
    "  podium report results.json -o report.html          a page with charts, to read and to send\n"
    "  podium pack out.json -o best                       the winner, to run without measuring parts\n"
    "  podium help bench                                  a command's help; --format man makes a man page of it\n\n"
    "Exit status: 0 done; 1 a cell failed or a check did not hold (the rest is there); 2 wrong use; 3 nothing could run;\n"
    "4 a comparison is undecided; 130 stopped by Ctrl-C.";

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(description, "podium");
  app.formatter(cli::help_formatter());  // before the commands, which inherit it
  app.footer(footer);
  app.set_version_flag("--version", "podium " + std::string(podium::version()) + " (" + std::string(podium::build_type()) + " build)");
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.add_flag_callback(
      "--no-colour,--no-color", [] { ::setenv("NO_COLOR", "1", 1); }, "Print without colours, as NO_COLOR=1 does");
  app.require_subcommand(1);
  int status = 0;
  const std::vector<std::string> command(argv, argv + argc);
  cli::add_bench_command(app, command, status);
  cli::add_compare_command(app, status);
  cli::add_completion_command(app, status);
  cli::add_convert_command(app, status);
  cli::add_doctor_command(app, status);
  cli::add_help_command(app, status);
  cli::add_inspect_command(app, status);
  cli::add_optimize_command(app, command, status);
  cli::add_pack_command(app, status);
  cli::add_replay_command(app, command, status);
  cli::add_report_command(app, status);
  cli::add_run_command(app, status);
  cli::add_verify_command(app, command, status);
  try {
    if (argc > 1 && command[1] == cli::completion_request) {
      cli::print_out(cli::complete(app, std::span(command).subspan(2)));
      return cli::exit_done;
    }
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli::report_parse_error(app, error);
  } catch (const podium::Exception& error) {
    return cli::report_error(error.error());
  } catch (const std::exception& error) {
    return cli::report_error({podium::ErrorCode::failed, error.what(), {}});
  }
  return status;
}
