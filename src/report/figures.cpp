#include "report/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace podium::report {

std::string four_digits(double value) {
  if (!std::isfinite(value)) return absent_figure;
  const double magnitude = value == 0.0 ? 0.0 : std::floor(std::log10(std::abs(value)));
  const int decimals = static_cast<int>(std::clamp(3.0 - magnitude, 0.0, 6.0));
  return fmt::format("{:.{}f}", value, decimals);
}

std::string relative_half_width(double value, const Interval& interval) {
  const double half = std::max(interval.high - value, value - interval.low);
  if (!(value > 0.0) || !std::isfinite(half)) return absent_figure;
  const double percent = 100.0 * half / value;
  if (percent >= 1000.0) return ">±999%";  // two launches that do not agree: nothing is known, and more digits tell no more
  return fmt::format("±{:.{}f}%", percent, percent < 10.0 ? 1 : 0);
}

std::string speed_against(const Ratio& ratio) {
  if (!std::isfinite(ratio.value) || ratio.value <= 0.0) return absent_figure;
  const bool inside_noise = ratio.ci95 && ratio.ci95->low <= 1.0 && ratio.ci95->high >= 1.0;
  const double factor = ratio.value < 1.0 ? 1.0 / ratio.value : ratio.value;
  if (inside_noise || factor < 1.005) return "as fast";
  return fmt::format("{:.{}f}× {}", factor, factor < 10.0 ? 2 : 1, ratio.value < 1.0 ? "faster" : "slower");
}

namespace {

/// A share as percent, any other metric as it is.
std::string accuracy_value(const Accuracy& accuracy, double value) {
  constexpr std::array<std::string_view, 3> shares{"top-1", "top-5", "agreement"};
  const bool is_share = std::find(shares.begin(), shares.end(), accuracy.metric) != shares.end();
  return is_share ? fmt::format("{:.1f}%", 100.0 * value) : four_digits(value);
}

}  // namespace

std::string accuracy_figure(const Accuracy& accuracy) {
  if (!accuracy.value) return accuracy.metric + " identical";
  std::string text = fmt::format("{} {}", accuracy.metric, accuracy_value(accuracy, *accuracy.value));
  if (accuracy.drop && *accuracy.drop != 0.0) {
    std::string change = accuracy_value(accuracy, std::abs(*accuracy.drop));
    if (change.ends_with('%')) change.pop_back();
    text += fmt::format(" ({}{})", *accuracy.drop > 0.0 ? "-" : "+", change);
  }
  return text + (accuracy.verdict == DropVerdict::undecided ? " ?" : "");
}

std::string accuracy_of_baseline(const Accuracy& accuracy) {
  const std::string samples = fmt::format("{} of {} samples", accuracy.metric, accuracy.n);
  if (!accuracy.value) return samples;
  std::string text = fmt::format("{}: the baseline has {}", samples, accuracy_value(accuracy, *accuracy.value));
  if (accuracy.ci95) {
    text += fmt::format(" (95 %: {} to {})", accuracy_value(accuracy, accuracy.ci95->low), accuracy_value(accuracy, accuracy.ci95->high));
  }
  return text;
}

std::string answers(const OutputError& error) {
  const std::string decibels = error.sqnr_db && std::isfinite(*error.sqnr_db) ? fmt::format(", {:.0f} dB", *error.sqnr_db) : "";
  switch (error.verdict) {
    case Verdict::agrees:
      return decibels.empty() ? "identical" : "agrees" + decibels;
    case Verdict::cannot_judge:
      return "cannot judge";
    case Verdict::disagrees:
      return "disagrees" + decibels;
    case Verdict::not_checked:
      break;
  }
  return "not checked";
}

std::string duration(double seconds) {
  if (seconds < 9.95) return fmt::format("{:.1f} s", std::max(seconds, 0.0));
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return whole % 60 == 0 ? fmt::format("{} min", whole / 60) : fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string large_count(std::int64_t count) {
  static constexpr std::array<std::pair<double, std::string_view>, 3> units{{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}}};
  for (const auto& [size, unit] : units) {
    if (static_cast<double>(count) >= size) return fmt::format("{:.1f} {}", static_cast<double>(count) / size, unit);
  }
  return std::to_string(count);
}

std::string percent_off(double ratio) {
  return fmt::format("{:.1f} %", 100.0 * std::abs(ratio - 1.0));
}

std::string operations(std::int64_t flops) {
  return large_count(flops) + (flops < 1000 ? " FLOP" : "FLOP");
}

}  // namespace podium::report
