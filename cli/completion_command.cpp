#include <memory>

#include <CLI/CLI.hpp>

#include "commands.h"
#include "completion/scripts.h"
#include "errors.h"
#include "podium/report.h"
#include "terminal.h"

namespace cli {
namespace {

/// Flags as typed.
struct CompletionFlags {
  std::string shell, output;
};

constexpr const char* description = "Print what makes a shell complete podium's commands, flags and values at the Tab key.";

constexpr const char* examples =
    "SHELL: bash, fish or zsh. Where Podium was installed below a prefix that the shell looks in, such as /usr, it completes already.\n\n"
    "Examples:\n"
    "  podium completion bash -o ~/.local/share/bash-completion/completions/podium\n"
    "  podium completion fish -o ~/.config/fish/completions/podium.fish\n"
    "  podium completion zsh -o _podium    in a folder of $fpath";

int run(const CompletionFlags& flags) {
  const std::string script = completion_script(flags.shell);
  if (flags.output.empty())
    print_out(script);
  else
    podium::write_file(flags.output, script);
  return exit_done;
}

}  // namespace

void add_completion_command(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("completion", description);
  command->footer(examples);
  command->fallthrough();  // for --no-colour, which belongs to no command
  const auto flags = std::make_shared<CompletionFlags>();
  command->add_option("SHELL", flags->shell, "which shell")->required();
  command->add_option("-o,--output", flags->output, "where to write it (default: print it)")->type_name("FILE");
  command->callback([command, flags, &status] {
    refuse_empty_values(*command);
    status = run(*flags);
  });
}

}  // namespace cli
