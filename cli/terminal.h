#pragma once

#include <cstddef>
#include <cstdio>
#include <string_view>

#include "podium/report.h"

namespace cli {

[[nodiscard]] bool is_terminal(std::FILE* stream) noexcept;
/// Whether a line can be drawn over: not in a file, and not where TERM is dumb.
[[nodiscard]] bool can_redraw(std::FILE* stream) noexcept;
/// Colours only on a terminal, and not where NO_COLOR is set (no-color.org) or TERM is dumb.
[[nodiscard]] bool wants_colour(std::FILE* stream) noexcept;
/// Whether the locale's character set is UTF-8.
[[nodiscard]] bool wants_unicode() noexcept;
/// Columns: of the terminal, else $COLUMNS, else 120; at least 20.
[[nodiscard]] int width_of(std::FILE* stream) noexcept;
/// Rows of the terminal; 24 where nobody tells.
[[nodiscard]] std::size_t height_of(std::FILE* stream) noexcept;
/// Colour, signs and width together, for a table.
[[nodiscard]] podium::TableStyle style_of(std::FILE* stream) noexcept;
/// Throws podium::Exception (io) where standard output does not take it: a full disk behind a redirection must not pass unseen.
void print_out(std::string_view text);

}  // namespace cli
