#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "podium/options.h"
#include "podium/types.h"

namespace podium {

/// How a cell ended. `unsupported` is expected of a candidate; `rejected` means that its answers were wrong.
enum class CellStatus { ok, partial, unsupported, failed, timeout, out_of_memory, rejected };
[[nodiscard]] std::string_view to_string(CellStatus status) noexcept;
[[nodiscard]] std::optional<CellStatus> parse_cell_status(std::string_view name) noexcept;

/// Why a cell did not end well, told apart by class.
struct Failure {
  std::string failure_class;  ///< "crash", "timeout", "out_of_memory", "unsupported", "wrong_output", "error", "lost"
  std::optional<int> signal;  ///< the signal that ended the worker, where one did
  std::string log_tail;       ///< the last lines the worker printed
};

struct Interval {
  double low = 0.0;
  double high = 0.0;
};

/// Milliseconds for one call of the model at the cell's batch size.
struct Latency {
  double median = 0.0;
  std::optional<Interval> ci95;  ///< of the median
  double mean = 0.0;
  double stddev = 0.0;
  double minimum = 0.0;
  double maximum = 0.0;
  double p90 = 0.0;
  std::optional<double> p99;  ///< only with enough samples to know it
  std::int64_t n = 0;         ///< scored samples
};

struct Ratio {
  double value = 0.0;
  std::optional<Interval> ci95;
};

/// A short run of timed iterations. Samples are nanoseconds for `iterations_per_sample` calls each.
struct Block {
  std::int64_t launch = 0;
  std::int64_t round = 0;
  std::int64_t start_ns = 0;  ///< CLOCK_MONOTONIC
  std::int64_t iterations_per_sample = 1;
  std::vector<std::int64_t> lead_in_ns;  ///< recorded, not scored: the first calls after a switch run slower
  std::vector<std::int64_t> samples_ns;
  bool set_aside = false;
  std::string evidence;  ///< why it was set aside
};

/// What a judge of answers can say.
enum class Verdict { agrees, cannot_judge, disagrees, not_checked };
[[nodiscard]] std::string_view to_string(Verdict verdict) noexcept;
[[nodiscard]] std::optional<Verdict> parse_verdict(std::string_view name) noexcept;

/// Difference between a cell's outputs and the baseline's on the same inputs.
struct OutputError {
  std::optional<double> sqnr_db;  ///< signal to noise after the baseline's mean output is taken away; absent when there is no noise at all
  double max_abs = 0.0;
  double mean_abs = 0.0;
  double cosine = 0.0;
  std::int64_t samples = 0;  ///< inputs compared
  Verdict verdict = Verdict::not_checked;
  std::string reason;  ///< one sentence, where the verdict is not `agrees`
};

struct Memory {
  std::optional<std::int64_t> peak_bytes;    ///< proportional set size of the worker's whole process group
  std::optional<std::int64_t> steady_bytes;
  std::optional<std::int64_t> device_bytes;
};

/// What really ran.
struct Audit {
  std::map<std::string, std::int64_t> providers;      ///< nodes by execution provider or engine
  std::map<std::string, std::int64_t> compute_types;  ///< nodes by arithmetic: "f32", "bf16", …
  std::optional<double> fallback_share;
};

struct Cell {
  std::string id;  ///< "openvino/bf16/b8/cpu", options behind it where they are not the defaults
  std::string backend;
  Precision precision = Precision::fp32;
  std::int64_t batch = 1;
  std::string device = "cpu";
  OptionValues options;
  std::string variant_sha256;
  std::string mode = "latency";
  std::int64_t concurrency = 1;
  std::string timing_boundary = "host";

  CellStatus status = CellStatus::partial;
  std::string reason;  ///< one sentence, where the status is not `ok`
  std::string remedy;  ///< what would mend it; may be empty
  std::optional<Failure> failure;

  std::optional<Latency> latency_ms;
  std::vector<Block> blocks;
  std::optional<double> throughput_per_s;  ///< inputs a second: batch ÷ median latency
  std::optional<Ratio> ratio_to_baseline;  ///< latency of this cell ÷ latency of the baseline: under 1 is faster
  std::optional<Ratio> ratio_to_best;
  OutputError output_error;
  Memory memory;
  std::optional<double> energy_j_per_inference;
  std::optional<double> build_s;  ///< compiling or converting, not part of any latency
  bool build_cached = false;      ///< the build was taken from Podium's cache
  std::optional<double> load_s;
  std::optional<double> first_inference_ms;
  std::optional<std::int64_t> artifact_bytes;
  std::optional<Audit> audit;
  bool is_baseline = false;
  std::optional<std::int64_t> rank;
  std::vector<std::string> tied_with;
  std::map<std::string, std::string> missing;  ///< key of a figure that is null → why
};

struct Environment {
  std::string cpu;
  std::vector<std::string> isa;
  std::int64_t cores = 0;  ///< usable ones: affinity and quota
  std::int64_t memory_bytes = 0;
  std::string gpu;
  std::string driver;
  std::string governor;
  std::string os;
  std::map<std::string, std::string> versions;  ///< backend → engine version
  std::string podium_version;
  std::string build_type;
  std::vector<std::string> warnings;
};

struct ModelFacts {
  std::string name;    ///< what the user typed
  std::string origin;  ///< "torch" or "onnx"
  std::string sha256;
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
  std::optional<std::int64_t> parameters;
  std::optional<std::int64_t> flops;  ///< for one input, a multiply-add counted as two
  bool trained_weights = true;        ///< false where weights came from a seed
};

/// One run, as the results file `podium.results/1` holds it.
struct Results {
  Environment environment;
  ModelFacts model;
  std::vector<std::string> command;  ///< the command line that made it
  std::string started;               ///< UTC, ISO 8601
  double measured_s = 0.0;
  double prepared_s = 0.0;  ///< import, builds and loads
  std::string data;         ///< where the inputs came from
  std::vector<Cell> cells;
};

}  // namespace podium
