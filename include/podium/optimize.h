#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "podium/artifact.h"
#include "podium/bench.h"
#include "podium/cancel.h"
#include "podium/results.h"

namespace podium {

enum class Goal { latency, throughput, p99, memory, artifact_size, energy };
[[nodiscard]] std::string_view to_string(Goal goal) noexcept;
[[nodiscard]] std::optional<Goal> parse_goal(std::string_view name) noexcept;

/// "p99 <= 20 ms": a candidate beyond it cannot win.
struct GoalLimit {
  Goal figure = Goal::p99;
  double at_most = 0.0;  ///< ms, bytes or J
};

enum class SearchPreset { constrained, unconstrained };  ///< minutes; everything

struct OptimizeRequest {
  /// Model, data, labels, metric, max_drop, backends, precisions, batches, shapes, threads, device, budget, seed, json, resume, …:
  /// what bench() takes. `json` keeps the measurements; empty: beside the artefact's evidence only.
  BenchRequest what;
  std::filesystem::path output;         ///< folder of the artefact; must not exist, or be an artefact of Podium with `overwrite`
  bool overwrite = false;
  bool archive = false;                 ///< one file instead of a folder
  Goal goal = Goal::latency;
  std::vector<GoalLimit> limits;
  std::optional<double> min_sqnr_db;    ///< the bound where there are no labels
  bool speed_only = false;              ///< lossy variants may win though nothing proves their answers
  bool allow_python = false;            ///< engines that exist only in Python may win
  bool multi_engine = false;            ///< the artefact may hold several engines
  SearchPreset preset = SearchPreset::constrained;
};

/// Why a candidate left the search, in the order they left; the winner last.
struct SearchStep {
  std::string candidate;
  std::int64_t batch = 1;
  std::string stage;   ///< "refused", "build", "answers", "round 1", …, "bound", "winner"
  std::string reason;  ///< one sentence with figures
};

struct OptimizeReport {
  Results results;               ///< every cell that was measured
  std::vector<SearchStep> log;
  std::vector<std::string> winner_by_batch;   ///< cell ids
  std::vector<std::string> pareto_front;      ///< cell ids: no other is better in latency, accuracy and memory at once
  std::string verdict;                        ///< one sentence
  double seconds = 0.0;
};

/// What optimize() hands back: the artefact, loaded.
class Optimized {
 public:
  Optimized(Model model, OptimizeReport report) : model_(std::move(model)), report_(std::move(report)) {}
  [[nodiscard]] const Model& model() const noexcept { return model_; }
  [[nodiscard]] const OptimizeReport& report() const noexcept { return report_; }
  [[nodiscard]] std::vector<Tensor> run(std::span<const Tensor> inputs) const { return model_.run(inputs); }
  [[nodiscard]] std::vector<Tensor> run(std::initializer_list<Tensor> inputs) const { return model_.run(inputs); }

 private:
  Model model_;
  OptimizeReport report_;
};

/// Finds the fastest way of running a model that keeps to the bound, and writes it as an artefact. Throws Exception as bench() does, and
/// check_failed where no candidate keeps to the bound and the limits.
[[nodiscard]] OptimizeReport optimize(const OptimizeRequest& request, BenchObserver& observer, const CancelToken& cancel);
/// The same and loads it: `auto best = podium::optimize("model.onnx");`.
[[nodiscard]] Optimized optimize(const std::string& model, OptimizeRequest request = {});

/// Is the artefact whole, its engine here, are its answers the recorded ones, is it as fast as recorded (within noise)?
[[nodiscard]] Verification verify(const std::filesystem::path& artifact, BenchObserver& observer, const CancelToken& cancel);

}  // namespace podium
