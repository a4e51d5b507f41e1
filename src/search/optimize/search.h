#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/result.h"
#include "podium/optimize.h"
#include "search/live_cell.h"
#include "search/optimize/bound.h"
#include "search/optimize/space.h"

namespace podium::search {

/// What a search keeps to.
struct SearchPolicy {
  Goals goals;
  Bound bound;
  SearchPreset preset = SearchPreset::constrained;
  bool allow_python = false;
  bool multi_engine = false;  ///< the winners of different batch sizes may be of different engines
  std::string home_engine;  ///< backend that the artefact has in the program already, where several are allowed; empty: the first winner's
  std::set<std::string> settled;  ///< "BACKEND.OPTION" that the user has set: nothing else is tried for it

  [[nodiscard]] bool tries_all() const noexcept { return preset == SearchPreset::unconstrained; }
};

/// One round: cells measured beside each other.
struct Round {
  std::string stage;
  std::int64_t launches = 1;  ///< of each cell in all; 0: as many as the stopping rule asks for and the budget gives
  double seconds_a_cell = 1.0;
  bool with_throughput = false;
  std::vector<std::size_t> baseline_order{};  ///< indices of the round's cells, the first choice first
  /// Who has no block yet and cannot be opened and measured by then is left out, and no launch that the stopping rule can do without begins
  /// that would end later; 0: no end.
  double until_s = 0.0;
};

/// Who measures, and the clock.
struct SearchHooks {
  /// A cell for every candidate; those that cannot run are ended with the reason, those of an earlier run hold what it measured.
  std::function<std::vector<LiveCell>(const std::vector<Candidate>&)> make_cells;
  /// Measures all cells, which are `partial` before and ended behind it, unless the search was cancelled. An Error ends the search.
  std::function<Result<void>(std::vector<LiveCell>&, const Round&)> measure;
  std::function<double()> elapsed_s;
  std::function<bool()> is_cancelled;
  std::function<void(const std::string& message)> on_message;
  /// What loading the candidate took the last time on this machine, builds included; nothing where it was never loaded, or where what was
  /// kept of it is gone. An engine that keeps what it builds takes about as long again or less.
  std::function<std::optional<double>(const Candidate&)> kept_load_s = [](const Candidate&) { return std::optional<double>(); };
};

/// One batch size of a search.
struct BatchSearchRequest {
  std::vector<std::size_t> baseline_order;  ///< indices of the cells, the first choice first
  double until_s = 0.0;                     ///< by the clock of the hooks; 0: no end
};

/// The search for the best candidate, in rounds: what costs little comes first, whoever cannot win leaves, and only contenders are worth an
/// option, a long build or a narrow interval. Starts and times nothing itself.
class CandidateSearch {
 public:
  explicit CandidateSearch(SearchPolicy policy) : policy_(std::move(policy)) {}

  /// `cells` are those of the candidates with their own options; what is tried besides is added behind them. Cells that are not worth
  /// opening are taken out, so that what is left was tried.
  [[nodiscard]] Result<void> run(std::vector<LiveCell>& cells, const BatchSearchRequest& request, const SearchHooks& hooks);

  [[nodiscard]] const SearchPolicy& policy() const noexcept { return policy_; }
  [[nodiscard]] const std::vector<SearchStep>& log() const noexcept { return log_; }
  [[nodiscard]] const std::vector<Lesson>& lessons() const noexcept { return lessons_; }
  /// Batch size → ids of the cells that were never beaten, each measured as narrowly as the budget allowed.
  [[nodiscard]] const std::map<std::int64_t, std::vector<std::string>>& finalists() const noexcept { return finalists_; }

 private:
  friend class BatchSearch;
  SearchPolicy policy_;
  std::vector<SearchStep> log_;
  std::vector<Lesson> lessons_;  ///< of all batch sizes so far
  std::map<std::int64_t, std::vector<std::string>> finalists_;
};

}  // namespace podium::search
