#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cli {

/// Lines that are wider than so many columns, broken between words. Where a line names a flag, what follows stands below its text.
[[nodiscard]] std::string broken_to(std::string_view text, std::size_t columns);
/// As it stands, but for a terminal, whose width it keeps to.
void print_help(const std::string& text);

}  // namespace cli
