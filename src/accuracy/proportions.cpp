#include "accuracy/proportions.h"

#include <algorithm>
#include <cmath>

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>

namespace podium::accuracy {
namespace {

using boost::math::binomial_distribution;
constexpr double both_sides = (1.0 - confidence) / 2.0;
constexpr double one_side = 1.0 - confidence;

double normal_quantile(double probability) {
  return boost::math::quantile(boost::math::normal_distribution<>(), probability);
}

/// Score statistic of the hypothesis that the drop is `drop`, by the likelihood's maximum under it.
double score(const Discordant& discordant, std::int64_t n, double drop) {
  const auto count = static_cast<double>(n);
  const auto lost = static_cast<double>(discordant.lost);
  const auto gained = static_cast<double>(discordant.gained);
  const double a = 2.0 * count;
  const double b = -lost - gained + (2.0 * count - lost + gained) * drop;
  const double c = -gained * drop * (1.0 - drop);
  const double gain = (std::sqrt(std::max(0.0, b * b - 4.0 * a * c)) - b) / (2.0 * a);
  const double variance = count * (2.0 * gain + drop * (1.0 - drop));
  const double distance = lost - gained - count * drop;
  if (variance > 0.0) return distance / std::sqrt(variance);
  return distance == 0.0 ? 0.0 : std::copysign(1e9, distance);
}

/// The drop at which the score statistic, which falls with it, is `wanted`.
double solve(const Discordant& discordant, std::int64_t n, double wanted) {
  double low = -1.0;
  double high = 1.0;
  constexpr int halvings = 60;
  for (int i = 0; i < halvings; ++i) {
    const double middle = (low + high) / 2.0;
    (score(discordant, n, middle) > wanted ? low : high) = middle;
  }
  return (low + high) / 2.0;
}

}  // namespace

Interval wilson(std::int64_t hits, std::int64_t n) {
  const auto count = static_cast<double>(n);
  const double share = static_cast<double>(hits) / count;
  const double z = normal_quantile(1.0 - both_sides);
  const double shrink = 1.0 + z * z / count;
  const double middle = (share + z * z / (2.0 * count)) / shrink;
  const double half = z / shrink * std::sqrt(share * (1.0 - share) / count + z * z / (4.0 * count * count));
  return {hits == 0 ? 0.0 : middle - half, hits == n ? 1.0 : middle + half};
}

Interval clopper_pearson_bounds(std::int64_t hits, std::int64_t n) {
  const auto count = static_cast<double>(n);
  const auto successes = static_cast<double>(hits);
  return {hits == 0 ? 0.0 : binomial_distribution<>::find_lower_bound_on_p(count, successes, one_side),
          hits == n ? 1.0 : binomial_distribution<>::find_upper_bound_on_p(count, successes, one_side)};
}

double mcnemar_exact(const Discordant& discordant) {
  const std::int64_t both = discordant.lost + discordant.gained;
  if (both == 0) return 1.0;
  const auto fewer = static_cast<double>(std::min(discordant.lost, discordant.gained));
  return std::min(1.0, 2.0 * boost::math::cdf(binomial_distribution<>(static_cast<double>(both), 0.5), fewer));
}

Interval drop_bounds(const Discordant& discordant, std::int64_t n) {
  const double z = normal_quantile(1.0 - one_side);
  Interval bounds{solve(discordant, n, z), solve(discordant, n, -z)};
  const std::int64_t net = discordant.lost - discordant.gained;
  const Interval exact = clopper_pearson_bounds(std::abs(net), n);
  bounds.low = std::min(bounds.low, net > 0 ? exact.low : -exact.high);
  bounds.high = std::max(bounds.high, net < 0 ? -exact.low : exact.high);
  return bounds;
}

}  // namespace podium::accuracy
