#pragma once

#include <vector>

#include "search/batch_run.h"

namespace podium::search {

/// Measures throughput of the cells that are `ok`, after run_batch(): finds the number of requests in flight that serves most inputs a
/// second. Every number is a load of its own, in several launches, the cells in changing order; one worker lives at a time. Answers are
/// judged as in run_batch(), and those given with several requests in flight against those given with one: a cell that mixes them up is
/// `rejected`. Any other failure leaves the cell as it was, with the reason in `missing`. An Error means that the run cannot go on.
[[nodiscard]] Result<void> run_throughput(std::vector<LiveCell>& cells, const Batches& batches, const BatchRunRequest& request,
                                          const BatchRunHooks& hooks, const CancelToken& cancel);

}  // namespace podium::search
