#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "artifact/opened.h"
#include "backends/api/registry.h"
#include "core/result.h"
#include "podium/bench.h"
#include "podium/cancel.h"
#include "search/batches.h"

namespace podium::api {

/// A variant's recorded calls as the inputs of a worker.
[[nodiscard]] Result<search::Batches> recorded_batches(const artifact::Opened& artifact, const ArtifactVariant& variant);

/// What the engine answers now against what was recorded.
struct AnswerCheck {
  std::int64_t calls = 0;
  double largest_error = 0.0;  ///< root mean square of the difference ÷ of the recorded answer, of the worst output
  double tolerance = 0.0;      ///< likewise: what a faithful implementation of the precision may show
  std::string difference;      ///< another number of outputs, another shape, …; empty where only values differ
  [[nodiscard]] bool agrees() const noexcept { return difference.empty() && largest_error <= tolerance; }
};

struct WorkerCheck {
  std::string engine_version;
  AnswerCheck answers;
};

/// Loads the variant in a worker and has it answer the recorded calls.
[[nodiscard]] Result<WorkerCheck> check_answers(const artifact::Opened& artifact, const ArtifactVariant& variant,
                                                const backend::Registered& backend, const search::Batches& batches,
                                                const CancelToken& cancel);

struct MeasuredVariant {
  Cell cell;
  std::vector<std::string> warnings;  ///< of what else the machine did meanwhile, with the evidence
};

/// Measures the variant as bench does: several launches, warmed up, in blocks, those left out that the machine evidently disturbed.
/// `boundary`: the one that the recorded times are of.
[[nodiscard]] Result<MeasuredVariant> measure_variant(const artifact::Opened& artifact, const ArtifactVariant& variant,
                                                      const backend::Registered& backend, const search::Batches& batches,
                                                      TimingBoundary boundary, std::chrono::duration<double> budget,
                                                      BenchObserver& observer, const CancelToken& cancel);

}  // namespace podium::api
