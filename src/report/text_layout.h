#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "podium/display.h"

namespace podium::report {

[[nodiscard]] std::string pad_left(std::string_view text, std::size_t width);
[[nodiscard]] std::string pad_right(std::string_view text, std::size_t width);
/// "a, b and c"; empty where there is nothing.
[[nodiscard]] std::string enumerated(std::vector<std::string> names);
/// Breaks at spaces into lines of at most `width` columns; a longer word stands alone on its line.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, std::size_t width);
/// For terminals without UTF-8: "×" becomes "x", "±" "+/-"; what has no likeness becomes "?".
[[nodiscard]] std::string to_ascii(std::string_view text);
/// Whether a remedy is a command, to be copied whole, as against a sentence about what to do.
[[nodiscard]] bool is_command(std::string_view remedy);

}  // namespace podium::report
