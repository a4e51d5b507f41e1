#pragma once

#include <memory>
#include <string>

namespace CLI {
class App;
class FormatterBase;
}  // namespace CLI

namespace cli {

/// Makes --help of the same facts as the other pages, in the parser's own layout.
[[nodiscard]] std::shared_ptr<CLI::FormatterBase> help_formatter();
/// As `podium COMMAND --help` prints it.
[[nodiscard]] std::string to_help_text(const CLI::App& command);
/// For man(1): `man -l`, or share/man/man1.
[[nodiscard]] std::string to_man_page(const CLI::App& command);
/// A page of the documentation.
[[nodiscard]] std::string to_markdown_page(const CLI::App& command);

}  // namespace cli
