#include <cmath>
#include <vector>

#include "convert/calibration/density.h"
#include "convert/calibration/range_finders.h"

namespace podium::convert {
namespace {

/// Number, sum and sum of squares of some of the counted numbers.
struct Moments {
  double count = 0.0;
  double sum = 0.0;
  double squares = 0.0;

  [[nodiscard]] double squared_distance(double from) const { return squares - 2.0 * from * sum + from * from * count; }
  friend Moments operator-(const Moments& a, const Moments& b) { return {a.count - b.count, a.sum - b.sum, a.squares - b.squares}; }
  friend Moments operator+(const Moments& a, const Moments& b) { return {a.count + b.count, a.sum + b.sum, a.squares + b.squares}; }
};

/// `count` numbers spread evenly between two places.
Moments evenly(double count, double from, double to) {
  return {count, count * (from + to) / 2.0, count * (from * from + from * to + to * to) / 3.0};
}

/// Tells the mean square error of a cut from running sums, at the cost of one step for each level. Places are in bins, from zero.
class SquareError {
 public:
  SquareError(const Density& density, std::size_t levels) : density_(density), levels_(levels) {
    running_.reserve(density.counts.size() + 1);
    running_.push_back({});
    for (std::size_t i = 0; i < density.counts.size(); ++i) running_.push_back(running_.back() + part_of_bin(i, 1.0));
  }

  /// Relative to the mean square of the numbers.
  [[nodiscard]] double operator()(Cut cut) const {
    const double low = -static_cast<double>(cut.below);
    const double step = static_cast<double>(cut.below + cut.above) / static_cast<double>(levels_ - 1);
    double error = 0.0;
    Moments before;
    for (std::size_t level = 0; level < levels_; ++level) {
      const double value = low + static_cast<double>(level) * step;
      const Moments up_to = level + 1 == levels_ ? running_.back() : up_to_place(value + step / 2.0);
      error += (up_to - before).squared_distance(value);
      before = up_to;
    }
    return error / running_.back().squares;
  }

 private:
  [[nodiscard]] Moments part_of_bin(std::size_t bin, double share) const {
    const double from = static_cast<double>(bin) - static_cast<double>(density_.below);
    return evenly(density_.counts[bin] * share, from, from + share);
  }

  [[nodiscard]] Moments up_to_place(double place) const {
    const double position = place + static_cast<double>(density_.below);
    const auto bin = static_cast<std::size_t>(position);
    return running_[bin] + part_of_bin(bin, position - static_cast<double>(bin));
  }

  const Density& density_;
  std::size_t levels_;
  std::vector<Moments> running_;  ///< of the bins before each
};

}  // namespace

Range mse_range(const Histogram& histogram, const CalibrationSettings& settings) {
  const auto levels = static_cast<std::size_t>(settings.symmetric ? settings.levels / 2 : settings.levels);
  const Density density = density_of(histogram, settings.symmetric);
  if (density.counts.empty()) return {};
  const SquareError error(density, levels);
  return range_of(least_cost(density, 1, error), density, histogram, settings.symmetric);
}

}  // namespace podium::convert
