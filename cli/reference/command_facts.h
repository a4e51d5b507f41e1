#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

/// What the parser knows of its commands. Man pages, reference pages and completion are made of this, and so is --help: none can tell
/// another story than the parser.
namespace cli {

[[nodiscard]] std::vector<const CLI::App*> commands_of(const CLI::App& app);
[[nodiscard]] std::vector<const CLI::Option*> positionals_of(const CLI::App& command);
/// Without those of the program itself.
[[nodiscard]] std::vector<const CLI::Option*> flags_of(const CLI::App& command);

/// "-o", "--output"; of a positional nothing.
[[nodiscard]] std::vector<std::string> names_of(const CLI::Option& flag);
[[nodiscard]] bool takes_value(const CLI::Option& flag);
/// Whether several words may follow, each a value of its own.
[[nodiscard]] bool takes_many(const CLI::Option& positional);
/// What stands for the value in help, "N" or "host|device"; of a positional its own name.
[[nodiscard]] std::string value_name_of(const CLI::Option& option);
/// What the parser demands of the flag besides, to stand behind its description: " (required)".
[[nodiscard]] std::string demands_of(const CLI::Option& option);
/// One line, with what the parser demands.
[[nodiscard]] std::string help_of(const CLI::Option& option);

/// "podium bench"
[[nodiscard]] std::string full_name_of(const CLI::App& command);
/// What follows the name: "[OPTIONS] MODEL"
[[nodiscard]] std::string usage_of(const CLI::App& command);

/// "podium report results.json -o report.html": the first command of its examples, which has all that must be given.
[[nodiscard]] std::string first_example_of(const CLI::App& command);

/// A paragraph of the text below a command's flags.
struct Paragraph {
  std::string heading;             ///< "Examples", "Exit status"; else empty
  std::vector<std::string> lines;  ///< without the heading
  bool is_verbatim = false;        ///< commands or columns: its lines stay as they are
};
[[nodiscard]] std::vector<Paragraph> paragraphs_of(const CLI::App& command);

}  // namespace cli
