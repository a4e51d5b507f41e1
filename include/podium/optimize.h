#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "podium/artifact.h"
#include "podium/bench.h"
#include "podium/cancel.h"
#include "podium/report.h"
#include "podium/results.h"

namespace podium {

/// What a search makes best. Throughput is best where it is most, every other figure where it is least.
enum class Goal : std::uint8_t { latency, throughput, p99, memory, artifact_size, energy };
/// "latency", "artifact-size", …: the spelling of --goal.
[[nodiscard]] std::string_view to_string(Goal goal) noexcept;
[[nodiscard]] std::optional<Goal> parse_goal(std::string_view name) noexcept;

/// A candidate beyond it cannot win. `value` in milliseconds, inputs a second, bytes or joules: at most so much, of throughput at least.
struct GoalLimit {
  Goal figure = Goal::p99;
  double value = 0.0;
};

struct Goals {
  Goal best = Goal::latency;
  std::vector<GoalLimit> limits;
};
/// "latency", "p99<=20ms, throughput", "memory<=500MB, throughput>=100/s, latency". Throws Exception (wrong_use).
[[nodiscard]] Goals parse_goals(const std::string& text);
/// As parse_goals() takes it.
[[nodiscard]] std::string to_string(const Goals& goals);

/// constrained: minutes, builds that take long only where they promise something; unconstrained: everything that is worth trying.
enum class SearchPreset : std::uint8_t { constrained, unconstrained };
[[nodiscard]] std::string_view to_string(SearchPreset preset) noexcept;
[[nodiscard]] std::optional<SearchPreset> parse_search_preset(std::string_view name) noexcept;

struct OptimizeRequest {
  /// Model, data, labels, metric, max_drop, backends, batches, shapes, threads, seed, json, resume, …: what bench() takes. Differences:
  /// no `precisions` mean all that can be judged, and `budget` is the whole search's, builds included (0: 10 minutes where the preset is
  /// constrained, else none); what is under way when it is over is finished.
  BenchRequest what;
  /// More sets of shapes that the artefact is to serve. `what.shapes` is the one that the engine is chosen for; of that engine the fastest
  /// way is looked for at each other set, and a call goes to the variant that was measured nearest to its shapes.
  std::vector<std::map<std::string, Shape>> more_shapes;
  std::filesystem::path output;                           ///< of the artefact: a folder, or a .zip; empty: nothing is written
  bool overwrite = false;                                 ///< an artefact that is there already
  std::map<std::string, std::filesystem::path> attached;  ///< files of the caller's for the artefact, by their paths within it
  Goals goals;
  std::optional<double> min_sqnr_db;  ///< the bound where there are no labels
  bool speed_only = false;            ///< lossy variants may win though nothing proves their answers
  bool allow_python = false;          ///< engines that exist only in Python may win
  bool multi_engine = false;          ///< each batch size and shape may have another engine; the artefact runs all but one out of process
  SearchPreset preset = SearchPreset::constrained;
};

/// The sizes of an input's axes, the batch included: one of each, or of a free axis several that grow (least, usual, largest; or as many as
/// there are buckets).
using ShapeRange = std::vector<std::vector<std::int64_t>>;
/// Sets `what.shapes` to the middle sizes and `more_shapes` to the others. Axes with several sizes have equally many, and grow together.
/// Throws Exception (wrong_use).
void set_shapes(OptimizeRequest& request, const std::map<std::string, ShapeRange>& ranges);

/// When and why a candidate left the search, or was called back; the winners last.
struct SearchStep {
  std::string candidate;  ///< id of a cell
  std::int64_t batch = 1;
  std::string stage;   ///< "refused", "answers", "bound", "defaults", "options", …, "finals", "called back", "winner"
  std::string reason;  ///< one sentence with figures
};

/// The choice for one batch size.
struct Winner {
  std::int64_t batch = 1;
  std::string cell;    ///< its id
  std::string reason;  ///< why it, in a sentence
};

/// A cell that no other of its batch size beats in latency, accuracy and memory at once.
struct ParetoPoint {
  std::string cell;
  std::int64_t batch = 1;
  double latency_ms = 0.0;
  std::optional<double> drop{};     ///< of the metric, where it was judged
  std::optional<double> sqnr_db{};  ///< nothing where outputs are identical to the baseline's, or were not judged
  std::optional<std::int64_t> memory_bytes{};
};

/// What the search found at one of OptimizeRequest::more_shapes.
struct ShapeReport {
  std::map<std::string, Shape> shapes;
  Results results;
  std::vector<SearchStep> log;
  std::vector<Winner> winners;
  std::string verdict;
};

struct OptimizeReport {
  Results results;  ///< every cell that was measured
  std::string goal;
  std::string bound;  ///< "drop of top-1 at most 1 %", "SQNR at least 20 dB", …
  SearchPreset preset = SearchPreset::constrained;
  std::vector<SearchStep> log;
  std::vector<Winner> winners;  ///< one for each batch size, all of one engine unless several are allowed; empty where no candidate keeps
                                ///< to the bound and the limits
  std::vector<ParetoPoint> pareto_front;
  std::vector<ShapeReport> more_shapes;
  std::string verdict;             ///< one sentence
  std::string advice;              ///< what to do next, in a sentence
  std::filesystem::path artifact;  ///< that was written; empty where none was
  double seconds = 0.0;
};

/// Finds the fastest way of running a model that keeps to the bound. Throws Exception as bench() does, and wrong_use where the bound cannot
/// be judged by what was given. A cancelled search returns what it has, without winners.
[[nodiscard]] OptimizeReport optimize(const OptimizeRequest& request, BenchObserver& observer, const CancelToken& cancel);

/// The winner of a search, loaded into this process, and how it was found.
class Optimized : public Model {
 public:
  Optimized(Model model, OptimizeReport report) : Model(std::move(model)), report_(std::move(report)) {}
  [[nodiscard]] const OptimizeReport& report() const noexcept { return report_; }

 private:
  OptimizeReport report_;
};

/// The same in one call, for a program that goes on with the winner: `podium::optimize("model.onnx", options).run(inputs)`. `model` is as
/// BenchRequest::model, and goes before that of `options`. Where these name no output, the artefact is a temporary folder that ends with
/// the last copy of the model. Throws check_failed where nothing keeps to the bound and the limits, with the reason.
[[nodiscard]] Optimized optimize(const std::string& model, const OptimizeRequest& options = {});

[[nodiscard]] std::string to_table(const OptimizeReport& report, const TableStyle& style);
[[nodiscard]] std::string to_markdown(const OptimizeReport& report);
/// Schema podium.search/1: the search, without the measurements, which OptimizeReport::results holds.
[[nodiscard]] std::string to_json(const OptimizeReport& report);

}  // namespace podium
