#include "accuracy/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "accuracy/proportions.h"

namespace podium::accuracy {
namespace {

constexpr double z_of_one_side = 1.6448536269514722;  // standard normal, 95 %

std::string undecided_sentence(const Accuracy& accuracy, const MetricFacts& metric) {
  if (!accuracy.drop_bounds) {
    return fmt::format("{} gives no bounds for {} samples, so nobody can tell whether it drops by more than {}", metric.name, accuracy.n,
                       amount(metric, *accuracy.max_drop));
  }
  const std::string seen = fmt::format("{} samples are too few to tell: {} dropped by {}, and at 95 % by at most {}", accuracy.n,
                                       metric.name, amount(metric, *accuracy.drop), amount(metric, accuracy.drop_bounds->high));
  if (!accuracy.samples_needed)
    return seen + fmt::format("; no number of samples would show that it keeps to {} unless it does better on them",
                              amount(metric, *accuracy.max_drop));
  return seen + fmt::format("; about {} would show that it keeps to {}", *accuracy.samples_needed, amount(metric, *accuracy.max_drop));
}

}  // namespace

std::optional<std::int64_t> samples_needed(const Accuracy& accuracy) {
  if (!accuracy.max_drop || !accuracy.drop || !accuracy.drop_bounds || *accuracy.drop >= *accuracy.max_drop) return std::nullopt;
  const auto n = static_cast<double>(accuracy.n);
  const double room = *accuracy.max_drop - *accuracy.drop;
  double needed = 0.0;
  if (accuracy.lost) {
    const double discordant = static_cast<double>(*accuracy.lost + accuracy.gained.value_or(0)) / n;
    const double variance = std::max(0.0, discordant - *accuracy.drop * *accuracy.drop);
    needed = std::max(std::log(1.0 - confidence) / std::log1p(-std::min(*accuracy.max_drop, 0.999)),
                      z_of_one_side * z_of_one_side * variance / (room * room));
  } else {
    const double half = accuracy.drop_bounds->high - *accuracy.drop;
    needed = n * (half / room) * (half / room);
  }
  constexpr double most = 1e9;  // a promise beyond it helps nobody
  return std::isfinite(needed) && needed <= most ? std::optional(static_cast<std::int64_t>(std::ceil(needed))) : std::nullopt;
}

void decide(Accuracy& accuracy, const MetricFacts& metric) {
  if (!accuracy.max_drop || !accuracy.drop) return;
  accuracy.verdict = DropVerdict::undecided;
  if (accuracy.drop_bounds && accuracy.drop_bounds->high <= *accuracy.max_drop) accuracy.verdict = DropVerdict::holds;
  if (accuracy.drop_bounds && accuracy.drop_bounds->low > *accuracy.max_drop) {
    accuracy.verdict = DropVerdict::does_not_hold;
    accuracy.reason =
        fmt::format("{} dropped by {}, and at 95 % by at least {}: more than the {} allowed", metric.name, amount(metric, *accuracy.drop),
                    amount(metric, accuracy.drop_bounds->low), amount(metric, *accuracy.max_drop));
  }
  if (accuracy.verdict != DropVerdict::undecided) return;
  accuracy.samples_needed = samples_needed(accuracy);
  accuracy.reason = undecided_sentence(accuracy, metric);
}

}  // namespace podium::accuracy
