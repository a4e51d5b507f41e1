#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "accuracy/judge.h"
#include "search/batch_run.h"
#include "search/gate.h"

namespace podium::search {

using StageHook = std::function<void(const std::string& stage)>;

/// Takes a cell from nothing to a worker that is loaded, judged, warm and stopped; or ends it with the reason. So for each launch.
class CellPreparation {
 public:
  CellPreparation(const Batches& batches, const BatchRunRequest& request, const BatchRunHooks& hooks, const CancelToken& cancel)
      : batches_(batches), request_(request), hooks_(hooks), cancel_(cancel) {}

  void open(LiveCell& cell, const StageHook& on_stage);
  /// From now on the others' answers are judged against this cell's, the last one opened. An error: a metric that the user asked for
  /// cannot be taken of them.
  [[nodiscard]] Result<void> make_reference(LiveCell& cell);

 private:
  [[nodiscard]] bool load(LiveCell& cell, const StageHook& on_stage);
  void take_key(LiveCell& cell);
  [[nodiscard]] bool answer(LiveCell& cell);
  [[nodiscard]] bool judge_accuracy(LiveCell& cell);
  [[nodiscard]] Result<void> judge_baseline(LiveCell& cell);
  /// Rows that the reference has of so many batches.
  [[nodiscard]] std::span<const Row> reference_of(std::int64_t batches) const;
  [[nodiscard]] bool audit(LiveCell& cell);
  [[nodiscard]] bool warm_up(LiveCell& cell);
  void take_device_memory(LiveCell& cell) const;

  const Batches& batches_;
  const BatchRunRequest& request_;
  const BatchRunHooks& hooks_;
  const CancelToken& cancel_;
  std::vector<Row> reference_;
  std::vector<Row> last_rows_;
  std::optional<std::int64_t> device_memory_before_;  ///< bytes in use before the worker of the cell under way was started
  std::optional<accuracy::Judge> accuracy_;
  std::chrono::steady_clock::time_point began_;  ///< the opening of the cell under way, its model being ready
};

}  // namespace podium::search
