#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace podium {

/// How the range of an activation is found from calibration data.
enum class CalibrationMethod : std::uint8_t { min_max, moving_average, percentile, entropy, mse };

/// "min-max", "moving-average", …: the spelling of the command line.
[[nodiscard]] std::string_view to_string(CalibrationMethod method) noexcept;
[[nodiscard]] std::optional<CalibrationMethod> parse_calibration_method(std::string_view name) noexcept;
[[nodiscard]] const std::vector<CalibrationMethod>& all_calibration_methods();

}  // namespace podium
