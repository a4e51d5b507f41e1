#include "convert/calibration/density.h"

#include <algorithm>
#include <cmath>

namespace podium::convert {
namespace {

std::size_t used(std::span<const std::uint64_t> side) {
  const auto last = std::find_if(side.rbegin(), side.rend(), [](std::uint64_t count) { return count > 0; });
  return static_cast<std::size_t>(std::distance(last, side.rend()));
}

/// `share` of a side's bins, one at least where it has any.
std::size_t shrunk(std::size_t bins, double share) {
  return std::min(bins, static_cast<std::size_t>(std::ceil(static_cast<double>(bins) * share)));
}

/// The best cut so far, and what it costs.
class Search {
 public:
  Search(std::size_t fewest, const std::function<double(Cut)>& cost, Cut whole)
      : fewest_(fewest), cost_(cost), whole_(whole), best_(whole), least_(cost(whole)) {}

  /// Tries every place of the ends that `below` and `above` name, from the whole on inwards, while the other stays where it is best; true
  /// where that found something better.
  bool try_ends(bool below, bool above) {
    constexpr double step = 0.01;
    const Cut start = best_;
    Cut before{};
    bool better = false;
    for (double share = 1.0;; share *= 1.0 - step) {
      const Cut cut{below ? shrunk(whole_.below, share) : start.below, above ? shrunk(whole_.above, share) : start.above};
      if (cut.below + cut.above < fewest_) break;
      if (cut.below != before.below || cut.above != before.above) better = take(cut) || better;
      if ((!below || cut.below <= 1) && (!above || cut.above <= 1)) break;
      before = cut;
    }
    return better;
  }
  /// Each end in turn, until neither helps.
  void settle() {
    constexpr int most_rounds = 4;
    for (int round = 0; round < most_rounds; ++round) {
      const bool above_helped = try_ends(false, true);
      const bool below_helped = try_ends(true, false);
      if (!above_helped && !below_helped) break;
    }
  }
  [[nodiscard]] Cut best() const noexcept { return best_; }
  [[nodiscard]] double least() const noexcept { return least_; }

 private:
  /// A difference as small as rounding makes is none.
  bool take(Cut cut) {
    constexpr double noise = 1e-12;
    const double cost = cost_(cut);
    if (!(cost < least_ - noise)) return false;
    best_ = cut;
    least_ = cost;
    return true;
  }

  std::size_t fewest_;
  const std::function<double(Cut)>& cost_;
  Cut whole_;
  Cut best_;
  double least_;
};

}  // namespace

Density density_of(const Histogram& histogram, bool folded) {
  const std::size_t below = used(histogram.below());
  const std::size_t above = used(histogram.above());
  Density density;
  density.below = folded ? 0 : below;
  density.width = histogram.width();
  density.counts.resize(folded ? std::max(below, above) : below + above);
  for (std::size_t i = 0; i < above; ++i) density.counts[density.below + i] += static_cast<double>(histogram.above()[i]);
  for (std::size_t i = 0; i < below; ++i) density.counts[folded ? i : below - 1 - i] += static_cast<double>(histogram.below()[i]);
  return density;
}

Cut least_cost(const Density& density, std::size_t fewest, const std::function<double(Cut)>& cost) {
  const Cut whole{density.below, density.above()};
  if (whole.below + whole.above <= fewest) return whole;
  Search together(fewest, cost, whole);
  together.try_ends(true, true);
  if (whole.below == 0 || whole.above == 0) return together.best();
  together.settle();
  Search apart(fewest, cost, whole);
  apart.settle();
  return apart.least() < together.least() ? apart.best() : together.best();
}

Range range_of(const Cut& cut, const Density& density, const Histogram& histogram, bool symmetric) {
  const auto above = static_cast<float>(static_cast<double>(cut.above) * density.width);
  const auto below = static_cast<float>(static_cast<double>(cut.below) * density.width);
  if (!symmetric) return {std::max(0.0F - below, histogram.low()), std::min(above, histogram.high())};
  const float largest = std::min(above, std::max(histogram.high(), -histogram.low()));
  return {-largest, largest};
}

}  // namespace podium::convert
