#include "search/optimize/choice.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <tuple>

#include <fmt/format.h>

#include "core/text.h"
#include "measure/comparison.h"
#include "search/optimize/goal.h"
#include "search/optimize/halving.h"

namespace podium::search {
namespace {

/// What a call to another process costs at least: it is woken, and wakes the caller.
constexpr double out_of_process_ms = 0.05;

/// A cell that may win, and how far it is from the best of its batch size.
struct Eligible {
  const Cell* cell = nullptr;
  double times_the_best = 1.0;
  bool is_finalist = false;
};

/// Options that are not the defaults stand behind the fourth part of an id.
std::int64_t options_of(const Cell& cell) {
  return std::count(cell.id.begin(), cell.id.end(), '/') - 3;
}

class Chooser {
 public:
  Chooser(const std::vector<Cell>& cells, const ChoiceRequest& request) : cells_(cells), request_(request) {}

  Choice run() {
    for (const Cell& cell : cells_) by_batch_.try_emplace(cell.batch);
    for (auto& [batch, eligible] : by_batch_) {
      eligible = eligible_at(batch);
      if (!eligible.empty()) continue;
      choice_.why_none = none_at(batch);
      return std::move(choice_);
    }
    if (request_.policy.multi_engine) {
      crown_each();
      return std::move(choice_);
    }
    const std::string backend = best_backend();
    if (backend.empty()) {
      choice_.why_none = by_batch_.empty() ? "no candidate was measured" : "no engine has a candidate that may win at every batch size";
      return std::move(choice_);
    }
    for (const auto& [batch, eligible] : by_batch_) crown(batch, eligible, backend);
    return std::move(choice_);
  }

 private:
  bool is_finalist(const Cell& cell) const {
    const auto known = request_.finalists.find(cell.batch);
    return known != request_.finalists.end() && std::find(known->second.begin(), known->second.end(), cell.id) != known->second.end();
  }

  /// Nothing where the cell may win.
  std::optional<std::pair<std::string, std::string>> objection(const Cell& cell) const {
    if (request_.python_backends.contains(cell.backend) && !request_.policy.allow_python)
      return std::pair{"python", "it exists only in Python"};
    if (auto objected = bound_objection(request_.policy.bound, cell)) return std::pair{"bound", *objected};
    if (auto objected = limit_objection(request_.policy.goals, cell, true)) return std::pair{"limits", *objected};
    const Goal best = request_.policy.goals.best;
    if (figure_of(best, cell)) return std::nullopt;
    return std::pair{"limits", fmt::format("its {} is not known, so nobody can say whether it is best", to_string(best))};
  }

  std::vector<Eligible> eligible_at(std::int64_t batch) {
    std::vector<const Cell*> cells;
    const Cell* baseline = nullptr;
    for (const Cell& cell : cells_) {
      if (cell.batch != batch || cell.status != CellStatus::ok || !cell.latency_ms) continue;
      if (cell.is_baseline) baseline = &cell;
      if (auto objected = objection(cell)) {
        if (is_finalist(cell)) choice_.steps.push_back({cell.id, batch, objected->first, objected->second});
        continue;
      }
      cells.push_back(&cell);
    }
    std::vector<Eligible> eligible;
    const Standings all = standings(request_.policy.goals.best, cells, baseline);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (all.of[i].times_the_best) eligible.push_back({cells[i], *all.of[i].times_the_best, is_finalist(*cells[i])});
    }
    return eligible;
  }

  std::string none_at(std::int64_t batch) const {
    const bool any_ok = std::any_of(cells_.begin(), cells_.end(),
                                    [batch](const Cell& cell) { return cell.batch == batch && cell.status == CellStatus::ok; });
    return any_ok ? fmt::format("at batch {} no candidate keeps to the bound and the limits", batch)
                  : fmt::format("at batch {} no candidate ran", batch);
  }

  /// A finalist before one that left early: its figure is surer.
  static bool is_better(const Eligible& a, const Eligible& b) {
    const auto key = [](const Eligible& one) { return std::tuple{!one.is_finalist, one.times_the_best}; };
    return key(a) < key(b);
  }

  const Eligible* best_of(const std::vector<Eligible>& eligible, const std::string& backend) const {
    const Eligible* best = nullptr;
    for (const Eligible& one : eligible) {
      if (one.cell->backend == backend && (best == nullptr || is_better(one, *best))) best = &one;
    }
    return best;
  }

  static const Eligible& best_of_all(const std::vector<Eligible>& eligible) {
    return *std::min_element(eligible.begin(), eligible.end(), is_better);
  }

  /// The best of each batch size, of whatever engine. One engine is in the program, and calls of another go to a process of its own: that
  /// is worth it only where they gain more than it costs.
  void crown_each() {
    std::string home = request_.policy.home_engine;
    for (const auto& [batch, eligible] : by_batch_) {
      const Eligible& best = best_of_all(eligible);
      if (home.empty()) home = best.cell->backend;
      const Eligible* at_home = best_of(eligible, home);
      crown(batch, eligible, at_home != nullptr && stays_at_home(*at_home, best) ? home : best.cell->backend);
    }
  }

  bool stays_at_home(const Eligible& at_home, const Eligible& best) const {
    if (at_home.is_finalist != best.is_finalist) return false;
    if (at_home.times_the_best <= best.times_the_best * (1.0 + measure::equivalence_margin)) return true;
    const Goal goal = request_.policy.goals.best;
    if (goal != Goal::latency && goal != Goal::p99) return false;
    return *figure_of(goal, *at_home.cell) - *figure_of(goal, *best.cell) < out_of_process_ms;
  }

  std::string best_backend() const {
    std::set<std::string> backends;
    for (const auto& [batch, eligible] : by_batch_) {
      for (const Eligible& one : eligible) backends.insert(one.cell->backend);
    }
    std::string best;
    double least = std::numeric_limits<double>::infinity();
    for (const std::string& backend : backends) {
      double sum = 0.0;
      for (const auto& [batch, eligible] : by_batch_) {
        const Eligible* own = best_of(eligible, backend);
        sum += own == nullptr ? std::numeric_limits<double>::infinity() : std::log(own->times_the_best);
      }
      if (sum < least) std::tie(best, least) = std::tie(backend, sum);
    }
    return best;
  }

  /// The plainest of the cells that are as good as the best of its engine.
  const Eligible& plainest(const std::vector<Eligible>& eligible, const Eligible& best) const {
    const Eligible* plainest = &best;
    const auto key = [](const Eligible& one) {
      return std::tuple{is_lossy(one.cell->precision), options_of(*one.cell), one.times_the_best};
    };
    for (const Eligible& one : eligible) {
      const bool is_as_good = one.cell->backend == best.cell->backend && one.is_finalist == best.is_finalist &&
                              one.times_the_best <= best.times_the_best * (1.0 + measure::equivalence_margin);
      if (is_as_good && key(one) < key(*plainest)) plainest = &one;
    }
    return *plainest;
  }

  void crown(std::int64_t batch, const std::vector<Eligible>& eligible, const std::string& backend) {
    const Eligible& best = *best_of(eligible, backend);
    const Eligible& chosen = plainest(eligible, best);
    for (const Eligible& one : eligible) {
      if (&one != &chosen && one.is_finalist) tell_beaten(one, chosen);
    }
    std::string reason = evidence_of(*chosen.cell);
    if (!request_.policy.multi_engine && chosen.times_the_best > 1.0 + measure::equivalence_margin)
      reason += fmt::format("; another engine is {:.2f} times as good here, and an artefact has one", chosen.times_the_best);
    if (&chosen != &best) reason += fmt::format("; as good as {}, and plainer", best.cell->id);
    choice_.winners.push_back({batch, chosen.cell->id, reason});
    choice_.steps.push_back({chosen.cell->id, batch, "winner", reason});
  }

  void tell_beaten(const Eligible& one, const Eligible& chosen) {
    const Goal goal = request_.policy.goals.best;
    const auto& tied = chosen.cell->tied_with;
    const bool is_tied = goal == Goal::latency && std::find(tied.begin(), tied.end(), one.cell->id) != tied.end();
    choice_.steps.push_back({one.cell->id, one.cell->batch, "finals",
                             fmt::format("{}, {} the winner's {}", shown(goal, *figure_of(goal, *one.cell)),
                                         is_tied ? "not told apart from" : "against", shown(goal, *figure_of(goal, *chosen.cell)))});
  }

  std::string evidence_of(const Cell& cell) const {
    const Goal goal = request_.policy.goals.best;
    std::string text = shown(goal, *figure_of(goal, cell));
    if (cell.is_baseline) return text + ", the baseline itself";
    if (!cell.ratio_to_baseline || cell.ratio_to_baseline->value <= 0.0) return text;
    const Ratio& ratio = *cell.ratio_to_baseline;
    text += fmt::format(", {:.2f} times as fast as the baseline", 1.0 / ratio.value);
    if (ratio.ci95 && ratio.ci95->low > 0.0)
      text += fmt::format(" (95 %: {:.2f} to {:.2f})", 1.0 / ratio.ci95->high, 1.0 / ratio.ci95->low);
    return text;
  }

  const std::vector<Cell>& cells_;
  const ChoiceRequest& request_;
  std::map<std::int64_t, std::vector<Eligible>> by_batch_;
  Choice choice_;
};

}  // namespace

Choice choose(const std::vector<Cell>& cells, const ChoiceRequest& request) {
  return Chooser(cells, request).run();
}

}  // namespace podium::search
