#include "measure/stopping.h"

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>

#include "measure/location.h"

namespace podium::measure {
namespace {

/// A cell whose ratio to the leader is above this at 99 % is out of the race however the rest goes.
constexpr double hopeless_ratio = 1.05;
constexpr double hopeless_confidence = 0.99;
/// Cells further apart than this ought to be told apart.
constexpr double worth_telling_apart = 0.02;
/// Neighbours that seem this far apart get more than the usual launches to be told apart, beaten or not.
constexpr double worth_more_launches = 0.04;

std::string text_of(const char* format, double value) {
  char buffer[160];
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

/// How large the true standard error may be, at 90 %: a few launches that happen to agree look far more certain than they are, and a rule
/// that ends on the first narrow interval would pick just those. Never below what the rounds explain by themselves.
double cautious_error(const LogRatio& ratio) {
  const boost::math::chi_squared distribution(ratio.degrees_of_freedom);
  const double bound = ratio.standard_error * std::sqrt(ratio.degrees_of_freedom / boost::math::quantile(distribution, 0.1));
  return std::max(bound, ratio.rounds_error);
}

/// By what a cell is at least slower, at 99 %. Its launches are taken to stray by 3 %, or by more where they were seen to: so the distance
/// decides when a cell ends, and not how well three launches happened to agree, which would spoil the interval it ends with.
double least_slowdown(const LogRatio& ratio) {
  const double error = std::max(ratio.standard_error, assumed_deviation / std::sqrt(ratio.degrees_of_freedom + 1.0));
  return std::exp(ratio.value - t_quantile(ratio.degrees_of_freedom, hopeless_confidence) * error);
}

bool is_narrow(const LogRatio& ratio, double target) {
  if (ratio.degrees_of_freedom <= 0.0) return false;
  return t_quantile(ratio.degrees_of_freedom, confidence) * cautious_error(ratio) <= std::log1p(target);
}

/// By how many targets one more unit narrows the half width, were the deviation what it seems.
double gain(const LogRatio& ratio, double target) {
  const double n = ratio.degrees_of_freedom + 1.0;
  const double deviation = std::max(ratio.standard_error, ratio.rounds_error) * std::sqrt(n);
  const double now = t_quantile(n - 1.0, confidence) * deviation / std::sqrt(n);
  const double then = t_quantile(n, confidence) * deviation / std::sqrt(n + 1.0);
  return (now - then) / std::log1p(target);
}

class Decider {
 public:
  Decider(const std::vector<bool>& live, const Comparison& comparison, const StoppingRule& rule)
      : live_(live), comparison_(comparison), rule_(rule), leader_(comparison.fastest(live)) {
    rank_by_estimate();
  }

  std::vector<StopDecision> decide() const {
    std::vector<StopDecision> decisions(live_.size(), StopDecision{.goes_on = false});
    bool others_go_on = false;
    double most_needed = 0.0;
    for (std::size_t cell = 0; cell < live_.size(); ++cell) {
      if (!live_[cell] || cell == leader_) continue;
      decisions[cell] = decide_on(cell);
      if (!decisions[cell].goes_on) continue;
      others_go_on = true;
      most_needed = std::max(most_needed, decisions[cell].need);
    }
    if (leader_) decisions[*leader_] = decide_on_leader(others_go_on, most_needed);
    return decisions;
  }

 private:
  static constexpr double unknown = std::numeric_limits<double>::infinity();

  StopDecision decide_on(std::size_t cell) const {
    const std::optional<LogRatio> ratio = leader_ ? comparison_.log_ratio(cell, *leader_) : std::nullopt;
    if (ratio && ratio->value > std::log(out_of_reach)) {
      return {
          .goes_on = false, .reason = text_of("cannot win: %.1f× the time of the leader", std::exp(ratio->value)), .is_out_of_reach = true};
    }
    if (comparison_.launches(cell) < rule_.fewest_launches || !ratio || ratio->degrees_of_freedom <= 0.0) return {.need = unknown};
    const bool can_win = ratio->value - ratio->half_width(confidence) <= std::log1p(equivalence_margin);
    return can_win ? decide_on_contender(*ratio) : decide_on_beaten(cell, *ratio);
  }

  StopDecision decide_on_contender(const LogRatio& ratio) const {
    // Before the usual launches only an interval that no chance would make so narrow is believed.
    const double target = ratio.launches < rule_.usual_launches ? 0.5 * rule_.interval_target : rule_.interval_target;
    if (ratio.launches < rule_.fewest_launches || !is_narrow(ratio, target)) return {.need = gain(ratio, rule_.interval_target)};
    return {.goes_on = false,
            .reason = text_of("interval: its ratio to the leader is known to ±%.2f %%", 100.0 * std::expm1(ratio.half_width(confidence)))};
  }

  StopDecision decide_on_beaten(std::size_t cell, const LogRatio& ratio) const {
    const double least = least_slowdown(ratio);
    const bool is_hopeless = least > hopeless_ratio;
    if (is_hopeless && is_settled(cell)) {
      return {.goes_on = false, .reason = text_of("cannot win: at least %.2f× the time of the leader", least)};
    }
    const std::int64_t most = (is_place_in_doubt(cell) ? 2 : 1) * rule_.usual_launches;
    if (comparison_.launches(cell) >= most) {
      const double about = std::exp(ratio.value);
      return {.goes_on = false,
              .reason = text_of("cannot win: about %.2f× the time of the leader, after as many launches as a slower cell gets", about)};
    }
    // Its place is of less worth than the first one.
    return {.need = 0.5 * gain_beside(cell)};
  }

  StopDecision decide_on_leader(bool others_go_on, double most_needed) const {
    const std::int64_t launches = comparison_.launches(*leader_);
    if (launches < rule_.fewest_launches) return {.need = unknown};
    if (others_go_on) return {.need = most_needed};
    const bool alone = order_.size() < 2;
    if (alone && launches < rule_.usual_launches) return {};
    return {.goes_on = false, .reason = alone ? "no other cell to be compared with" : "leads, and every other cell is done"};
  }

  /// The cells that have a place, fastest first.
  void rank_by_estimate() {
    if (!leader_) return;
    std::vector<std::pair<double, std::size_t>> places;
    for (std::size_t cell = 0; cell < live_.size(); ++cell) {
      if (cell == *leader_) {
        places.emplace_back(0.0, cell);
        continue;
      }
      if (const auto ratio = comparison_.log_ratio(cell, *leader_)) places.emplace_back(ratio->value, cell);
    }
    std::sort(places.begin(), places.end());
    for (const auto& [value, cell] : places) order_.push_back(cell);
  }

  std::vector<std::size_t> neighbours(std::size_t cell) const {
    const auto at = std::find(order_.begin(), order_.end(), cell);
    std::vector<std::size_t> found;
    if (at == order_.end()) return found;
    if (at != order_.begin()) found.push_back(*(at - 1));
    if (at + 1 != order_.end()) found.push_back(*(at + 1));
    return found;
  }

  /// A pair of which one is measured no more gains nothing by going on.
  bool is_open(std::size_t cell, std::size_t neighbour) const {
    if (!live_[neighbour]) return false;
    const auto ratio = comparison_.log_ratio(cell, neighbour);
    if (!ratio || comparison_.relation(cell, neighbour) != Relation::tied) return false;
    return !is_narrow(*ratio, rule_.interval_target);
  }

  bool is_settled(std::size_t cell) const {
    const auto beside = neighbours(cell);
    return std::none_of(beside.begin(), beside.end(), [&](std::size_t neighbour) { return is_open(cell, neighbour); });
  }

  bool is_place_in_doubt(std::size_t cell) const {
    const auto beside = neighbours(cell);
    return std::any_of(beside.begin(), beside.end(), [&](std::size_t neighbour) {
      const auto ratio = comparison_.log_ratio(cell, neighbour);
      return is_open(cell, neighbour) && std::abs(ratio->value) > std::log1p(worth_more_launches);
    });
  }

  /// What one more launch is worth to the cell's place between neighbours that differ and are not told apart.
  double gain_beside(std::size_t cell) const {
    double most = 0.0;
    for (const std::size_t neighbour : neighbours(cell)) {
      const auto ratio = comparison_.log_ratio(cell, neighbour);
      if (!ratio || ratio->degrees_of_freedom <= 0.0 || !is_open(cell, neighbour)) continue;
      if (std::abs(ratio->value) > std::log1p(worth_telling_apart)) most = std::max(most, gain(*ratio, rule_.interval_target));
    }
    return most;
  }

  const std::vector<bool>& live_;
  const Comparison& comparison_;
  const StoppingRule& rule_;
  std::optional<std::size_t> leader_;
  std::vector<std::size_t> order_;
};

}  // namespace

std::vector<StopDecision> decide(const std::vector<bool>& live, const Comparison& comparison, const StoppingRule& rule) {
  return Decider(live, comparison, rule).decide();
}

std::vector<bool> in_doubt(const std::vector<bool>& eligible, const Comparison& comparison) {
  const std::optional<std::size_t> leader = comparison.fastest(eligible);
  std::vector<bool> within_reach(eligible.size(), false);
  for (std::size_t cell = 0; cell < eligible.size(); ++cell) {
    const auto ratio = leader && eligible[cell] ? comparison.log_ratio(cell, *leader) : std::nullopt;
    within_reach[cell] = cell == leader || (ratio && ratio->value <= std::log(out_of_reach));
  }
  std::vector<bool> doubtful(eligible.size(), false);
  bool is_any = false;
  for (std::size_t a = 0; a < eligible.size(); ++a) {
    for (std::size_t b = a + 1; b < eligible.size(); ++b) {
      if (!within_reach[a] || !within_reach[b] || comparison.relation(a, b) != Relation::tied) continue;
      const auto ratio = comparison.log_ratio(a, b);
      if (!ratio || std::abs(ratio->value) <= std::log1p(worth_more_launches)) continue;
      doubtful[a] = doubtful[b] = is_any = true;
    }
  }
  if (is_any) doubtful[*leader] = true;  // all are paired with it
  return doubtful;
}

}  // namespace podium::measure
