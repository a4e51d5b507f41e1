#include "search/optimize/batch_search.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "measure/comparison.h"
#include "measure/statistics.h"
#include "search/optimize/goal.h"

namespace podium::search {
namespace {

/// A forecast is rough: who promises less than this many times the leader's latency is built.
constexpr double forecast_margin = 1.5;
/// Options that cost a build are tried on who is this near to the leader.
constexpr double near_enough_to_build = 1.15;
/// More than so many are measured twice before the finals.
constexpr std::size_t most_finalists = 4;
constexpr std::size_t most_called_back = 2;

double median_ms(const Cell& cell) {
  const std::vector<double> values = measure::scored_milliseconds(cell.blocks);
  return values.empty() ? 0.0 : measure::median(values);
}

}  // namespace

Result<void> BatchSearch::run() {
  set_python_aside();
  for (const auto step :
       {&BatchSearch::measure_defaults, &BatchSearch::measure_long_builds, &BatchSearch::try_options, &BatchSearch::try_options_that_build,
        &BatchSearch::tell_siblings, &BatchSearch::narrow_down, &BatchSearch::measure_finalists, &BatchSearch::call_back_the_next}) {
    if (auto done = (this->*step)(); !done) return done;
    if (hooks_.is_cancelled()) return {};
  }
  for (const std::size_t place : field_.contenders()) search_.finalists_[field_[place].cell.batch].push_back(field_[place].cell.id);
  return {};
}

/// What cannot win is measured where everything is, else only as the baseline.
void BatchSearch::set_python_aside() {
  if (policy_.tries_all()) return;
  const auto& order = request_.baseline_order;
  const auto first_open = std::find_if(order.begin(), order.end(), [this](std::size_t place) { return field_[place].is_open(); });
  for (const std::size_t place : field_.waiting()) {
    if (field_.is_python(place) && (first_open == order.end() || place != *first_open))
      field_.leave(place, "python", "it exists only in Python and was not measured (--allow-python lets it take part)");
  }
}

Result<void> BatchSearch::measure_defaults() {
  Places quick = field_.waiting();
  std::erase_if(quick, [this](std::size_t place) { return builds_long(field_[place].candidate); });
  // Where the budget ends in the middle of it, it went to those that promise most.
  const auto turn = [this](std::size_t place) { return turn_of(field_[place].candidate.precision); };
  std::stable_sort(quick.begin(), quick.end(), [&](std::size_t a, std::size_t b) { return turn(a) < turn(b); });
  if (auto measured = field_.measure(quick, finding_round("defaults", 1)); !measured) return measured;
  field_.thin_out("defaults", 1);
  return {};
}

/// fp32 first: with it, the other precisions of the same engine can be forecast.
Result<void> BatchSearch::measure_long_builds() {
  const auto is_wide = [this](std::size_t place) { return !is_lossy(field_[place].candidate.precision); };
  Places wide = field_.waiting();
  std::erase_if(wide, [&](std::size_t place) { return !is_wide(place); });
  if (auto measured = build_and_measure(wide, "long builds"); !measured || hooks_.is_cancelled()) return measured;
  for (const std::size_t place : field_.waiting()) forecast(place);
  return build_and_measure(field_.waiting(), "long builds");
}

Result<void> BatchSearch::build_and_measure(const Places& who, const std::string& stage) {
  const Places fitting = affordable(who, stage);
  if (auto measured = field_.measure(fitting, finding_round(stage, 1)); !measured) return measured;
  if (!fitting.empty()) field_.thin_out(stage, 1);
  return {};
}

std::vector<Measured> BatchSearch::measured_latencies() const {
  std::vector<Measured> measured;
  for (std::size_t place = 0; place < field_.size(); ++place) {
    const LiveCell& cell = field_[place];
    if (cell.cell.status == CellStatus::ok && median_ms(cell.cell) > 0.0)
      measured.push_back({cell.cell.backend, cell.cell.precision, median_ms(cell.cell)});
  }
  return measured;
}

void BatchSearch::forecast(std::size_t place) {
  const auto leader = field_.leader();
  if (policy_.tries_all() || !leader || policy_.goals.best != Goal::latency) return;
  const auto promised = forecast_ms(field_[place].candidate, measured_latencies());
  const double best = median_ms(field_[*leader].cell);
  if (!promised || *promised <= forecast_margin * best) return;
  field_.leave(place, "forecast",
               fmt::format("its engine's fp32 and what {} gains elsewhere promise {}, and the leader takes {}, so it was not built",
                           to_string(field_[place].candidate.precision), shown(Goal::latency, *promised), shown(Goal::latency, best)));
}

bool BatchSearch::is_built(const Candidate& candidate) const {
  const auto& trials = candidate.backend.descriptor.worth_trying;
  const auto builds = [&](const std::string& option) {
    return std::any_of(trials.begin(), trials.end(),
                       [&](const backend::OptionTrial& trial) { return trial.option == option && trial.builds_slowly; });
  };
  for (std::size_t place = 0; place < field_.size(); ++place) {
    const Candidate& other = field_[place].candidate;
    const bool is_made = !field_[place].cell.blocks.empty();
    if (!is_made || other.backend.descriptor.name != candidate.backend.descriptor.name || other.precision != candidate.precision) continue;
    const bool is_same = std::all_of(candidate.options.begin(), candidate.options.end(), [&](const auto& option) {
      const auto known = other.options.find(option.first);
      return !builds(option.first) || (known != other.options.end() && known->second == option.second);
    });
    if (is_same) return true;
  }
  return false;
}

Round BatchSearch::finding_round(const std::string& stage, std::int64_t launches) const {
  return {stage, launches, seconds_a_launch, false, {}, request_.until_s > 0.0 ? end_of_finding_s() : 0.0};
}

Places BatchSearch::best_of_each_backend() const {
  const Places places = field_.contenders();
  if (policy_.tries_all()) return places;
  const Standings now = field_.standings_of(places);
  std::map<std::string, std::size_t> best;  // backend → index in `places`
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!now.of[i].times_the_best) continue;
    const auto [known, is_new] = best.try_emplace(field_[places[i]].cell.backend, i);
    if (!is_new && *now.of[i].times_the_best < *now.of[known->second].times_the_best) known->second = i;
  }
  Places bases;
  for (const auto& [backend, index] : best) bases.push_back(places[index]);
  return bases;
}

Result<void> BatchSearch::try_options() {
  return try_trials(best_of_each_backend(), false, "options");
}

Result<void> BatchSearch::try_options_that_build() {
  Places bases = best_of_each_backend();
  const Places places = field_.contenders();
  const Standings now = field_.standings_of(places);
  if (!policy_.tries_all()) {
    std::erase_if(bases, [&](std::size_t base) {
      const auto& standing = now.of[static_cast<std::size_t>(std::find(places.begin(), places.end(), base) - places.begin())];
      return !standing.times_the_best || *standing.times_the_best > near_enough_to_build;
    });
  }
  return try_trials(bases, true, "options that build");
}

bool BatchSearch::is_known_to_be_worse(const Candidate& candidate, const OptionChange& change) const {
  const auto& lessons = search_.lessons_;
  return !policy_.tries_all() && std::any_of(lessons.begin(), lessons.end(), [&](const Lesson& lesson) {
    return lesson.backend == candidate.backend.descriptor.name && lesson.change == change && lesson.ratio >= surely_worse;
  });
}

Result<void> BatchSearch::try_trials(const Places& bases, bool slow_builds, const std::string& stage) {
  struct Tried {
    std::size_t trial;
    std::size_t base;
    OptionChange change;
  };
  std::vector<Tried> tried;
  Places who;
  for (const std::size_t base : bases) {
    const Candidate candidate = field_[base].candidate;  // a copy: adding cells moves them
    for (const Trial& trial : trials_of(candidate, policy_.settled, slow_builds)) {
      if (is_known_to_be_worse(candidate, trial.change)) continue;
      for (const std::size_t place : field_.add({trial.candidate})) {
        tried.push_back({place, base, trial.change});
        who.push_back(place);
      }
    }
  }
  const Places fitting = affordable(who, stage);
  if (fitting.empty()) return {};
  // A change is told from the candidate without it in the same launch.
  Places beside;
  for (const Tried& one : tried) {
    if (std::find(fitting.begin(), fitting.end(), one.trial) != fitting.end()) beside.push_back(one.base);
  }
  if (auto measured = field_.measure(fitting, finding_round(stage, 1), beside); !measured || hooks_.is_cancelled()) return measured;
  for (const Tried& one : tried) learn(one.trial, one.base, one.change);
  field_.thin_out(stage, 1);
  return {};
}

void BatchSearch::learn(std::size_t trial, std::size_t base, const OptionChange& change) {
  if (field_[trial].cell.status != CellStatus::ok || field_[base].cell.status != CellStatus::ok) return;
  const measure::Comparison comparison({field_[trial].cell.blocks, field_[base].cell.blocks}, {});
  if (const auto ratio = comparison.ratio(0, 1)) search_.lessons_.push_back({field_[trial].cell.backend, change, ratio->value});
}

/// What helped one candidate may help others: changes that helped together, on every contender that has not tried them.
Result<void> BatchSearch::tell_siblings() {
  std::vector<Candidate> candidates;
  for (const std::size_t place : field_.contenders()) {
    if (auto changed = taught(field_[place].candidate, search_.lessons_, policy_.settled)) candidates.push_back(std::move(*changed));
  }
  return build_and_measure(field_.add(candidates), "siblings");
}

Result<void> BatchSearch::narrow_down() {
  if (field_.contenders().size() <= most_finalists) return {};
  const Places places = shortened(field_.contenders(), most_finalists, "second look", [this](const Places& who) {
    return affords(opening_s(with_baseline(who)) + seconds_a_launch * static_cast<double>(who.size() + 1));
  });
  if (places.size() <= most_finalists) return {};
  if (auto measured = field_.measure(places, finding_round("second look", 2)); !measured) return measured;
  field_.thin_out("second look", 2);
  return {};
}

Result<void> BatchSearch::measure_finalists() {
  const Places finalists = shortened(field_.contenders(), 1, "finals", [this](const Places& who) {
    return request_.until_s <= 0.0 || hooks_.elapsed_s() + least_finals_s(who) <= request_.until_s;
  });
  if (finalists.empty()) return {};
  // A tail that is asked for needs its samples, however long they take.
  const double until_s = asks_for(policy_.goals, Goal::p99) ? 0.0 : request_.until_s;
  const Round round{"finals", 0, seconds_a_finalist(finalists), asks_for(policy_.goals, Goal::throughput), {}, until_s};
  return field_.measure(finalists, round);
}

bool BatchSearch::may_win(const Cell& cell) const {
  return figure_of(policy_.goals.best, cell) && !bound_objection(policy_.bound, cell) && !limit_objection(policy_.goals, cell, true);
}

/// Where no finalist may win after all, those that it had beaten are measured as finalists, the best first.
Result<void> BatchSearch::call_back_the_next() {
  const auto has_winner = [this] {
    const Places places = field_.contenders();
    return std::any_of(places.begin(), places.end(), [this](std::size_t place) { return may_win(field_[place].cell); });
  };
  const auto has_time = [this] { return request_.until_s <= 0.0 || hooks_.elapsed_s() < request_.until_s; };
  while (!has_winner() && has_time() && field_.call_back(most_called_back, "no finalist keeps to the limits")) {
    if (auto measured = measure_finalists(); !measured || hooks_.is_cancelled()) return measured;
  }
  return {};
}

Result<void> CandidateSearch::run(std::vector<LiveCell>& cells, const BatchSearchRequest& request, const SearchHooks& hooks) {
  Field field(cells, policy_, log_, request, hooks);
  auto done = BatchSearch(*this, field, request, hooks).run();
  field.drop_unopened();
  return done;
}

}  // namespace podium::search
