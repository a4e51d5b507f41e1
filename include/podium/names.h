#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace podium {

/// ", did you mean 'onnxruntime'?" where a known name is near what was typed, else nothing.
[[nodiscard]] std::string did_you_mean(std::string_view typed, const std::vector<std::string>& known);
/// Replaces control characters (a hostile model name must not drive a terminal) and bytes that are not UTF-8.
[[nodiscard]] std::string printable(std::string_view text);
/// "12.3 MB"
[[nodiscard]] std::string human_bytes(double bytes);

}  // namespace podium
