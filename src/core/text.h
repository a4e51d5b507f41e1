#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace podium {

/// The known name nearest to what was typed, by edit distance (Damerau-Levenshtein); empty where none is near enough to be meant.
[[nodiscard]] std::string nearest_name(std::string_view typed, const std::vector<std::string>& known);
/// ", did you mean 'onnxruntime'?" or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view typed, const std::vector<std::string>& known);
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);
[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);
/// Replaces control characters (a hostile model name must not drive a terminal) and bytes that are not UTF-8.
[[nodiscard]] std::string printable(std::string_view text);
/// "12.3 MB"
[[nodiscard]] std::string human_bytes(double bytes);

}  // namespace podium
