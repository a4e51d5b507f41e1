#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "podium/results.h"

/// Figures as people read them. "–" stands for one that is not there.
namespace podium::report {

inline constexpr const char* absent_figure = "–";

/// Four significant digits, never an exponent: "0.2664", "29.81", "1234".
[[nodiscard]] std::string four_digits(double value);
/// Half the width of the interval as a share of the figure: "±0.4%".
[[nodiscard]] std::string relative_half_width(double value, const Interval& interval);
/// "2.31× faster", "1.20× slower", or "as fast" where the interval holds 1. The ratio is this latency ÷ the other.
[[nodiscard]] std::string speed_against(const Ratio& ratio);
/// "agrees, 98 dB", "identical", "cannot judge", "disagrees, 3 dB", "not checked".
[[nodiscard]] std::string answers(const OutputError& error);
/// "top-1 85.0%", the drop behind it where there is one: "top-1 85.0% (-5.0)"; "top-1 85.0% (-5.0) ?" where nobody can tell whether it
/// keeps to --max-drop.
[[nodiscard]] std::string accuracy_figure(const Accuracy& accuracy);
/// How far a ratio is from "the same": "10.2 %".
[[nodiscard]] std::string percent_off(double ratio);
/// What the baseline has, and of how many samples: "top-1 of 20 samples: the baseline has 90.0% (95 %: 69.9% to 97.2%)".
[[nodiscard]] std::string accuracy_of_baseline(const Accuracy& accuracy);
/// "1 min 20 s", "2.3 s".
[[nodiscard]] std::string duration(double seconds);
/// "25.6 M", for counts of parameters.
[[nodiscard]] std::string large_count(std::int64_t count);
/// "8.2 GFLOP".
[[nodiscard]] std::string operations(std::int64_t flops);

}  // namespace podium::report
