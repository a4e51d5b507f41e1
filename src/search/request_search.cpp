#include "search/request_search.h"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

namespace podium::search {

namespace {

constexpr double worthwhile_gain = 1.02;
constexpr int patience = 2;

}  // namespace

std::optional<std::int64_t> RequestSearch::next() const noexcept {
  const bool over = ended_ || without_gain_ >= patience || (now_ > most_ && best_ > 0);
  return over ? std::nullopt : std::optional(now_);
}

void RequestSearch::tell(double per_s) {
  if (best_ == 0 || per_s >= best_per_s_ * worthwhile_gain) {
    best_ = now_;
    best_per_s_ = per_s;
    without_gain_ = 0;
  } else {
    ++without_gain_;
  }
  now_ *= 2;
}

std::int64_t steps_to(std::int64_t most) noexcept {
  std::int64_t steps = 1;
  for (std::int64_t requests = 2; requests <= most; requests *= 2) ++steps;
  return steps;
}

MeanRate mean_rate(std::span<const double> launches) {
  MeanRate rate;
  if (launches.empty()) return rate;
  const auto count = static_cast<double>(launches.size());
  rate.per_s = std::accumulate(launches.begin(), launches.end(), 0.0) / count;
  if (launches.size() < 2) return rate;
  double squares = 0.0;
  for (const double launch : launches) squares += (launch - rate.per_s) * (launch - rate.per_s);
  const double standard_error = std::sqrt(squares / (count - 1.0) / count);
  const double half = boost::math::quantile(boost::math::students_t(count - 1.0), 0.975) * standard_error;
  rate.ci95 = Interval{rate.per_s - half, rate.per_s + half};
  return rate;
}

}  // namespace podium::search
