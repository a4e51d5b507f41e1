#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "podium/calibration.h"
#include "podium/cancel.h"
#include "podium/results.h"

namespace podium {

/// `both` adds throughput with several requests in flight. It loads each engine anew for each number of requests that it tries, so it
/// takes as long again as those loads do.
enum class Mode { latency, both };

/// How a run measures and what becomes of it, whatever it measures.
struct MeasuringMethod {
  std::chrono::duration<double> budget{0};     ///< measuring only; 0: 10 s a cell, twice that where some are in doubt
  std::int64_t launches = 0;                   ///< of each cell, exactly; 0: at least 3, then by the stopping rule
  std::int64_t rebuilds = 1;                   ///< of the compiled artefacts of cells that could still win
  double interval_target = 0.01;               ///< half width of the ratio to the leader at which a cell was measured enough
  std::chrono::duration<double> warm_up{1.0};  ///< at least so long, and until a trend test finds none
  std::chrono::duration<double> load_timeout{600};
  std::chrono::duration<double> run_timeout{60};  ///< for one inference
  std::int64_t memory_limit_bytes = 0;            ///< for each worker; 0: 80 % of what is available
  Mode mode = Mode::latency;
  std::filesystem::path json;        ///< results file; its journal is written beside it
  bool resume = false;               ///< take up the journal beside `json` where an earlier run ended
  bool overwrite = false;            ///< the journal beside `json` though its run was interrupted
  bool strict = false;               ///< refuse a machine that is not fit to measure on (check_failed), rather than warn
  bool high_priority = true;         ///< workers go before other programs, where the system lets them (root, CAP_SYS_NICE)
  bool no_wait = false;              ///< refuse (unavailable) while another run measures on the device, rather than wait for it
  std::vector<std::string> command;  ///< kept in the results
};

/// What to measure, and how. Empty lists mean "all that is there".
struct BenchRequest : MeasuringMethod {
  std::string model;                              ///< a path, "torchvision:NAME", "python:package.module:function", or an artefact
  std::filesystem::path weights;                  ///< for torchvision models: a .pt/.pth/.safetensors state dictionary
  std::vector<std::string> backends;              ///< names; empty: every backend that is available
  std::vector<Precision> precisions{};            ///< empty: fp32 and bf16 on the CPU, fp32, tf32 and fp16 on a GPU
  std::vector<std::int64_t> batches;              ///< empty: 1, or the batch that the model is fixed to
  std::map<std::string, Shape> shapes;            ///< concrete shapes by input name, batch axis included
  std::int64_t threads = 0;                       ///< 0: the number of usable CPUs
  std::string device = "cpu";                     ///< "cpu" or "cuda:N"
  std::optional<TimingBoundary> timing_boundary;  ///< nothing: host on the CPU, device on a GPU
  /// "BACKEND.OPTION" → values; several values make a candidate each.
  std::map<std::string, std::vector<std::string>> option_values;
  std::filesystem::path data;        ///< a folder of pictures, a .npz or a .npy; empty: packaged or generated inputs
  std::int64_t samples = 0;          ///< of the data, at most; 0: 32, and 512 where they have labels
  std::string labels;                ///< "none", "file-names", "folders", a .csv or .npy file; empty: what is found
  std::filesystem::path preprocess;  ///< a JSON file that says how pictures become inputs; empty: what data or model say, else the usual
  std::string metric;                ///< "top-1", "command:PROGRAM", …; empty: top-1 (mae, similarity) where there are labels
  std::optional<double> max_drop;    ///< a cell whose metric surely dropped by more than the baseline's is rejected
  std::chrono::duration<double> metric_timeout{300};         ///< for a metric's command
  std::filesystem::path calibration;                         ///< inputs like `data`, for int8-static; empty: what is left of `data`
  CalibrationMethod method = CalibrationMethod::percentile;  ///< how ranges are found for int8-static
  double percentile = 99.999;                                ///< of the method of that name
  std::int64_t self_check = 0;                               ///< copies of each candidate, to see how often equals are told apart; 0: none
  std::uint64_t seed = 0;                                    ///< of the order of blocks and of generated inputs
  std::vector<std::string> only_cells;                       ///< ids; empty: every candidate. For a run that repeats another's cells
  std::string model_sha256;                                  ///< where given, a model that hashes to something else is an error
  std::string data_sha256;                                   ///< likewise of the inputs (RunSettings::data_sha256)
  std::string calibration_sha256;                            ///< likewise of the calibration inputs
  /// Measure a cell of which parts ran elsewhere than asked, instead of rejecting it.
  bool allow_fallback = false;
  /// Measure a cell that computes in another precision than its name says, instead of rejecting it.
  bool allow_other_precision = false;
};

/// What is going on, for a progress display. Called from the thread that called bench().
struct Progress {
  std::string stage;    ///< "import", "build", "load", "check", "warm-up", "measure", "throughput"
  std::string subject;  ///< the cell or model under way
  std::int64_t done = 0;
  std::int64_t total = 0;
  std::chrono::duration<double> elapsed{0};
  std::chrono::duration<double> remaining{-1};  ///< negative where it cannot be told yet
};

/// How a cell stands while it is measured. What is left to measure can change it.
struct Standing {
  std::string cell;  ///< its id
  std::int64_t batch = 1;
  double median_ms = 0.0;
  std::optional<Interval> ci95;  ///< of the median so far
  std::int64_t launches = 0;     ///< in which it was measured so far
};

class BenchObserver {
 public:
  virtual ~BenchObserver() = default;
  virtual void on_progress(const Progress&) {}
  /// A block of the cell was measured.
  virtual void on_standing(const Standing&) {}
  /// A warning or a notice worth a line of its own.
  virtual void on_message(const std::string&) {}
  /// A cell has ended (measured or not).
  virtual void on_cell(const Cell&) {}
};

/// Measures every candidate and ranks it. Cells that fail are in the results; throws Exception only where nothing could be measured at all.
/// A cancelled run returns what was measured, its unfinished cells `partial`.
[[nodiscard]] Results bench(const BenchRequest& request, BenchObserver& observer, const CancelToken& cancel);

}  // namespace podium
