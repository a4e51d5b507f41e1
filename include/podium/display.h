#pragma once

#include <cstddef>
#include <string_view>

namespace podium {

/// Columns that a text (UTF-8) takes on a terminal: two for a wide character (Chinese, Japanese, Korean, pictures), none for one that joins
/// the character before it. A byte that is no UTF-8 takes one.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// As much of the text as fits into so many columns.
[[nodiscard]] std::string_view first_columns(std::string_view text, std::size_t columns);

}  // namespace podium
