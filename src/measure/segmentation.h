#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "measure/change_points.h"

/// The search for changes in runs of which none stands alone; `course_of` is what others call.
namespace podium::measure {

/// Mean and variance of any stretch of runs, without looking at each again.
class RunSums {
 public:
  explicit RunSums(std::span<const RunValue> runs);
  [[nodiscard]] std::size_t size() const noexcept { return values_.size() - 1; }
  /// Runs [first, end). Their variance is never less than their own launches explain: runs that happen to agree are no surer than that.
  [[nodiscard]] Side side(std::size_t first, std::size_t end) const;
  /// Sum of squared deviations from the mean of [first, end), of at least the same size.
  [[nodiscard]] double deviance(std::size_t first, std::size_t end) const;

 private:
  double origin_ = 0.0;                               ///< taken away from every value, so that sums of squares keep their digits
  std::vector<double> values_, squares_, variances_;  ///< running sums
};

/// Positions at which a new level begins, ascending.
[[nodiscard]] std::vector<std::size_t> find_splits(const RunSums& sums, double alpha);

/// Places between `first` and `end` at which both sides are a level.
[[nodiscard]] std::size_t places_between(std::size_t first, std::size_t end);
/// Where the levels on both sides deviate least; [first, end) has such a place.
[[nodiscard]] std::size_t best_place(const RunSums& sums, std::size_t first, std::size_t end);

}  // namespace podium::measure
