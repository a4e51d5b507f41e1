#pragma once

#include <chrono>
#include <string>

#include "api/bench_run.h"
#include "podium/optimize.h"
#include "search/optimize/search.h"

namespace podium::api {

/// One search: a measuring run whose batch sizes are measured in the search's rounds.
class OptimizeRun {
 public:
  /// `what` is what the run is asked to measure: the request's, with what the search leaves to it filled in.
  /// `home_engine`: what an artefact of several engines has in the program already; empty where that is open.
  OptimizeRun(const OptimizeRequest& request, BenchRequest what, std::string home_engine, BenchObserver& observer,
              const CancelToken& cancel);
  [[nodiscard]] Result<OptimizeReport> run();

 private:
  [[nodiscard]] Result<void> search_batch(const BatchWork& work);
  [[nodiscard]] Result<void> measure(std::vector<search::LiveCell>& cells, const search::Round& round, const BatchWork& work);
  [[nodiscard]] search::BatchRunHooks hooks_behind_earlier_rounds(const BatchWork& work);
  [[nodiscard]] Result<void> choose(OptimizeReport& report) const;
  [[nodiscard]] double elapsed_s() const;

  const OptimizeRequest& request_;
  BenchRequest what_;
  BenchObserver& observer_;
  const CancelToken& cancel_;
  search::CandidateSearch search_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double measured_s_ = 0.0;  ///< by earlier rounds of the batch size
};

}  // namespace podium::api
