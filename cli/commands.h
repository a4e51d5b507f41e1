#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

/// The command line: one file for each command, built on the public headers alone.
namespace cli {

/// Each adds its subcommand to `app`; the callback sets `status`, or throws podium::Exception.
void add_bench_command(CLI::App& app, const std::vector<std::string>& command_line, int& status);
void add_compare_command(CLI::App& app, int& status);
void add_completion_command(CLI::App& app, int& status);
void add_convert_command(CLI::App& app, int& status);
void add_doctor_command(CLI::App& app, int& status);
void add_help_command(CLI::App& app, int& status);
void add_inspect_command(CLI::App& app, int& status);
void add_optimize_command(CLI::App& app, const std::vector<std::string>& command_line, int& status);
void add_pack_command(CLI::App& app, int& status);
void add_replay_command(CLI::App& app, const std::vector<std::string>& command_line, int& status);
void add_report_command(CLI::App& app, int& status);
void add_run_command(CLI::App& app, int& status);
void add_verify_command(CLI::App& app, const std::vector<std::string>& command_line, int& status);

}  // namespace cli
