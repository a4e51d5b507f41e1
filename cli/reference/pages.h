#pragma once

#include <string>

namespace CLI {
class App;
}

namespace cli {

/// As `podium COMMAND --help` prints it.
[[nodiscard]] std::string to_help_text(const CLI::App& command);
/// For man(1): `man -l`, or share/man/man1.
[[nodiscard]] std::string to_man_page(const CLI::App& command);
/// A page of the documentation.
[[nodiscard]] std::string to_markdown_page(const CLI::App& command);

}  // namespace cli
