#include <algorithm>
#include <limits>
#include <tuple>

#include <fmt/format.h>

#include "measure/comparison.h"
#include "measure/rounds.h"
#include "measure/statistics.h"
#include "measure/stopping.h"
#include "search/cell_median.h"
#include "search/optimize/batch_search.h"
#include "search/optimize/goal.h"

/// The part of a search that holds what things take against the time that is left.
namespace podium::search {
namespace {

/// Of a compiler that nothing is known of yet.
constexpr double usual_build_s = 90.0;
/// A load that took so long the last time is put off as a build is: the engine keeps nothing of it, or was loaded only once and built.
constexpr double long_load_s = 30.0;
constexpr double most_seconds_a_finalist = 10.0;
constexpr double fewest_seconds_a_finalist = 3.0;
/// A launch of the finals measures a finalist for about so long.
constexpr double seconds_a_launch_of_finals = 2.5;
/// Of an engine that was opened only once and may have built meanwhile, and none of whose other cells tell more.
constexpr double usual_opening_s = 10.0;

/// What its only opening took may be a build.
bool may_have_built(const LiveCell& cell) {
  return cell.openings < 2 && cell.candidate.backend.descriptor.builds_slowly;
}

}  // namespace

/// An engine that has kept what it built does not build again.
bool BatchSearch::builds_long(const Candidate& candidate) const {
  return candidate.backend.descriptor.builds_slowly && hooks_.kept_load_s(candidate).value_or(usual_build_s) >= long_load_s;
}

double BatchSearch::build_estimate_s(const Candidate& candidate) const {
  if (is_built(candidate)) return 0.0;
  if (const auto kept = hooks_.kept_load_s(candidate)) return *kept;
  double estimate = candidate.backend.descriptor.builds_slowly ? usual_build_s : 0.0;
  bool is_known = false;
  for (std::size_t place = 0; place < field_.size(); ++place) {
    const Cell& cell = field_[place].cell;
    if (cell.backend != candidate.backend.descriptor.name || !cell.build_s) continue;
    estimate = is_known ? std::max(estimate, *cell.build_s) : *cell.build_s;
    is_known = true;
  }
  return estimate;
}

double BatchSearch::opening_s(std::size_t place) const {
  const LiveCell& cell = field_[place];
  if (!cell.opening_s || !may_have_built(cell)) return cell.opening_s.value_or(0.0);
  return std::min(*cell.opening_s, opening_of_engine_s(cell.candidate));
}

double BatchSearch::opening_of_engine_s(const Candidate& candidate) const {
  std::optional<double> without_build;
  std::optional<double> with_build;
  for (std::size_t place = 0; place < field_.size(); ++place) {
    const LiveCell& cell = field_[place];
    if (cell.cell.backend != candidate.backend.descriptor.name || !cell.opening_s) continue;
    auto& shortest = may_have_built(cell) ? with_build : without_build;
    shortest = std::min(shortest.value_or(*cell.opening_s), *cell.opening_s);
  }
  return without_build.value_or(std::min(with_build.value_or(0.0), usual_opening_s));
}

double BatchSearch::opening_s(const Places& places) const {
  double seconds = 0.0;
  for (const std::size_t place : places) seconds += opening_s(place);
  return seconds;
}

/// It takes part in every round.
Places BatchSearch::with_baseline(Places places) const {
  const auto baseline = field_.baseline();
  if (baseline && std::find(places.begin(), places.end(), *baseline) == places.end()) places.push_back(*baseline);
  return places;
}

double BatchSearch::least_finals_s(const Places& finalists) const {
  const Places all = with_baseline(finalists);
  std::int64_t owed = 1;
  for (const std::size_t place : all)
    owed = std::max(owed, measure::StoppingRule{}.fewest_launches - measure::count_launches(field_[place].cell.blocks).all);
  return static_cast<double>(owed) * opening_s(all) + fewest_seconds_a_finalist * static_cast<double>(all.size());
}

/// The finals of the leader alone, at least, are left their time; the finding of it is too.
double BatchSearch::end_of_finding_s() const {
  const double budget_s = request_.until_s - began_s_;
  const auto leader = field_.leader();
  const double finals_s = leader ? least_finals_s({*leader}) : 0.0;
  return began_s_ + std::clamp(budget_s - finals_s, least_share_for_finding * budget_s, share_for_finding * budget_s);
}

bool BatchSearch::affords(double seconds) const {
  return request_.until_s <= 0.0 || hooks_.elapsed_s() + seconds <= end_of_finding_s();
}

/// The others leave: there is no time for them.
Places BatchSearch::affordable(const Places& who, const std::string& stage) {
  Places fitting;
  const auto leader = field_.leader();
  double seconds = who.empty() ? 0.0 : opening_s(with_baseline(leader ? Places{*leader} : Places{}));
  for (const std::size_t place : who) {
    const bool is_first_of_all = !field_.baseline() && fitting.empty();
    const Candidate& candidate = field_[place].candidate;
    const double takes_s = seconds_a_launch + std::max(build_estimate_s(candidate), opening_of_engine_s(candidate));
    seconds += takes_s;
    if (is_first_of_all || affords(seconds)) {
      fitting.push_back(place);
      continue;
    }
    seconds -= takes_s;
    field_.leave(place, "budget", fmt::format("{}: the budget leaves no time to try it; give more with --budget", stage));
  }
  return fitting;
}

/// The least promising leave until the others have time enough. The leader stays, and a baseline that contends: it is measured anyhow.
Places BatchSearch::shortened(Places places, std::size_t fewest, const std::string& stage, const std::function<bool(const Places&)>& fits) {
  const Standings now = field_.standings_of(places);
  using Turn = std::tuple<double, bool, std::size_t, std::size_t>;
  std::vector<Turn> order;  // of those that are as good as the leader, lossless and plain ones stay longest, as they win then
  for (std::size_t i = 0; i < places.size(); ++i) {
    const double times = now.of[i].times_the_best.value_or(std::numeric_limits<double>::infinity());
    const Candidate& candidate = field_[places[i]].candidate;
    order.emplace_back(times <= 1.0 + measure::equivalence_margin ? 1.0 : times, is_lossy(candidate.precision), candidate.unusual.size(),
                       places[i]);
  }
  std::sort(order.begin(), order.end());
  const auto leader = field_.leader();
  for (auto last = order.rbegin(); last != order.rend() && places.size() > std::max<std::size_t>(fewest, 1) && !fits(places); ++last) {
    const std::size_t place = std::get<3>(*last);
    if (place == leader || place == field_.baseline()) continue;
    std::erase(places, place);
    field_.beat(place, "budget", fmt::format("{}: the budget leaves no time to measure it again; give more with --budget", stage));
  }
  return places;
}

double BatchSearch::seconds_a_finalist(const Places& finalists) const {
  const auto number = static_cast<double>(finalists.size() + 1);  // and the baseline
  double seconds = most_seconds_a_finalist;
  if (request_.until_s > 0.0) {
    const double for_each_second = number + opening_s(with_baseline(finalists)) / seconds_a_launch_of_finals;
    seconds = std::clamp((request_.until_s - hooks_.elapsed_s()) / for_each_second, fewest_seconds_a_finalist, most_seconds_a_finalist);
  }
  if (!asks_for(policy_.goals, Goal::p99)) return seconds;
  double slowest = 0.0;
  for (const std::size_t place : finalists) slowest = std::max(slowest, median_of(field_[place].cell).value_or(0.0));
  constexpr double room = 1.3;  // for lead-ins, and blocks that are set aside
  return std::max(seconds, room * static_cast<double>(measure::samples_for_p99) * slowest / 1e3);
}

}  // namespace podium::search
