#pragma once

#include <functional>
#include <string>

#include "search/optimize/field.h"

namespace podium::search {

/// The rounds of one batch size.
class BatchSearch {
 public:
  BatchSearch(CandidateSearch& search, Field& field, const BatchSearchRequest& request, const SearchHooks& hooks)
      : search_(search), policy_(search.policy_), field_(field), request_(request), hooks_(hooks) {}
  [[nodiscard]] Result<void> run();

 private:
  [[nodiscard]] Result<void> measure_defaults();
  [[nodiscard]] Result<void> measure_long_builds();
  [[nodiscard]] Result<void> try_options();
  [[nodiscard]] Result<void> try_options_that_build();
  [[nodiscard]] Result<void> tell_siblings();
  [[nodiscard]] Result<void> narrow_down();
  [[nodiscard]] Result<void> measure_finalists();
  [[nodiscard]] Result<void> call_back_the_next();

  void set_python_aside();
  [[nodiscard]] Result<void> build_and_measure(const Places& who, const std::string& stage);
  [[nodiscard]] Result<void> try_trials(const Places& bases, bool slow_builds, const std::string& stage);
  [[nodiscard]] bool is_known_to_be_worse(const Candidate& candidate, const OptionChange& change) const;
  void learn(std::size_t trial, std::size_t base, const OptionChange& change);
  [[nodiscard]] Places best_of_each_backend() const;
  [[nodiscard]] std::vector<Measured> measured_latencies() const;
  void forecast(std::size_t place);
  /// Whether another cell has built its model already: they differ only in options that build nothing anew.
  [[nodiscard]] bool is_built(const Candidate& candidate) const;
  [[nodiscard]] bool builds_long(const Candidate& candidate) const;
  [[nodiscard]] double build_estimate_s(const Candidate& candidate) const;
  /// What a launch of it takes besides measuring; 0 where it was not opened yet.
  [[nodiscard]] double opening_s(std::size_t place) const;
  [[nodiscard]] double opening_s(const Places& places) const;
  /// The same of the quickest cell of the candidate's engine.
  [[nodiscard]] double opening_of_engine_s(const Candidate& candidate) const;
  [[nodiscard]] Places with_baseline(Places places) const;
  /// As long as the finals of these take at least.
  [[nodiscard]] double least_finals_s(const Places& finalists) const;
  [[nodiscard]] Places shortened(Places places, std::size_t fewest, const std::string& stage,
                                 const std::function<bool(const Places&)>& fits);
  /// A round of those that may win, and when it must end so that enough time is left for the finals.
  [[nodiscard]] Round finding_round(const std::string& stage, std::int64_t launches) const;
  [[nodiscard]] double end_of_finding_s() const;
  /// Whether so many more seconds leave enough for the finals.
  [[nodiscard]] bool affords(double seconds) const;
  [[nodiscard]] Places affordable(const Places& who, const std::string& stage);
  [[nodiscard]] double seconds_a_finalist(const Places& finalists) const;
  /// What only the finals tell (a tail, throughput) may keep a finalist from winning.
  [[nodiscard]] bool may_win(const Cell& cell) const;

  static constexpr double seconds_a_launch = 1.0;
  /// Of the time for a batch size, what goes into finding finalists; the rest measures them.
  static constexpr double share_for_finding = 0.7;
  /// Where engines take long to load, and the finals want more for that.
  static constexpr double least_share_for_finding = 0.4;

  CandidateSearch& search_;
  const SearchPolicy& policy_;
  Field& field_;
  const BatchSearchRequest& request_;
  const SearchHooks& hooks_;
  double began_s_ = hooks_.elapsed_s();
};

}  // namespace podium::search
