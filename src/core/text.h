#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "podium/names.h"

namespace podium {

/// The known name nearest to what was typed, by edit distance (Damerau-Levenshtein); empty where none is near enough to be meant.
[[nodiscard]] std::string nearest_name(std::string_view typed, const std::vector<std::string>& known);
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);
[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);

}  // namespace podium
