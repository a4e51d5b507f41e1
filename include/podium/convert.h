#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "podium/types.h"

namespace podium {

/// How the range of an activation is found from calibration data.
enum class CalibrationMethod : std::uint8_t { min_max, moving_average, percentile, entropy, mse };

/// "min-max", "moving-average", …: the spelling of the command line.
[[nodiscard]] std::string_view to_string(CalibrationMethod method) noexcept;
[[nodiscard]] std::optional<CalibrationMethod> parse_calibration_method(std::string_view name) noexcept;
[[nodiscard]] const std::vector<CalibrationMethod>& all_calibration_methods();

/// What a conversion did.
struct ConversionReport {
  Precision to = Precision::fp32;
  std::int64_t nodes = 0;                           ///< of the model that was made
  std::int64_t converted = 0;                       ///< of the original's nodes, that compute in the new precision
  std::map<std::string, std::string> left_wide;     ///< node → why it was not converted
  std::vector<std::string> notes;                   ///< sentences: folded batch norms, clipped weights, …
};

}  // namespace podium
