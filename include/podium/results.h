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
  std::optional<Interval> ci95;  ///< of the median; Student's t over launches, over rounds where there is one launch only
  double mean = 0.0;
  double stddev = 0.0;
  double minimum = 0.0;
  double maximum = 0.0;
  double p90 = 0.0;
  std::optional<Interval> p90_ci95;  ///< bootstrap over blocks within launches
  std::optional<double> p99;         ///< only with enough samples to know it
  std::optional<Interval> p99_ci95;
  std::int64_t n = 0;                 ///< scored samples
  std::int64_t outliers_mad = 0;      ///< of those, how many lie over 3 scaled median absolute deviations from their block's median
  std::int64_t outliers_tukey = 0;    ///< of those, how many lie outside Tukey's fences (1.5 interquartile ranges) of their block
  std::int64_t blocks_set_aside = 0;  ///< not scored, each on the evidence recorded with it
};

/// Relative standard deviations at each level of a cell's measurement, told apart: 0.01 is one percent. Nothing where a level has
/// fewer than two members.
struct Spread {
  std::optional<double> within_blocks;
  std::optional<double> between_blocks;
  std::optional<double> between_launches;
  std::optional<double> between_builds;
};

/// How a cell came to steady state, in its first launch.
struct WarmUp {
  std::int64_t iterations = 0;
  double seconds = 0.0;
  bool steady = false;           ///< false: the trend test still found one when the time for warming up was over
  std::vector<double> trace_ms;  ///< median of each window, for one call
};

/// Throughput with several requests in flight, measured.
struct Throughput {
  double per_s = 0.0;  ///< inputs (not calls) a second
  std::optional<Interval> ci95;
  std::int64_t requests = 1;            ///< in flight at once: the best of those tried
  std::map<std::string, double> tried;  ///< requests in flight → inputs a second
  std::int64_t blocks_set_aside = 0;    ///< of Cell::throughput_blocks, each on the evidence recorded with it
  std::optional<WarmUp> warm_up{};      ///< with `requests` in flight: of its first launch, or of the first that did not settle
};

struct Ratio {
  double value = 0.0;
  std::optional<Interval> ci95;
  std::int64_t launches = 0;  ///< that both cells had in common: the units of the interval; 1: it covers the rounds of one launch only
};

/// A program that is not ours and ran on the GPU.
struct GpuProgram {
  std::int64_t pid = 0;
  std::string name;
  double share = 0.0;  ///< of the GPU's time, in which its kernels ran
};

/// A GPU at the end of a block, and what held it back over the block.
struct GpuLoad {
  std::optional<std::int64_t> clock_mhz;  ///< of its multiprocessors
  std::optional<std::int64_t> memory_clock_mhz;
  std::optional<std::int64_t> temperature_c;
  std::optional<double> power_w;
  std::optional<double> energy_j;         ///< used over the block
  std::optional<double> throttled_share;  ///< of the block's time, in which heat or its power supply lowered its clock
  std::optional<double>
      power_capped_share;               ///< of the block's time, in which its power limit lowered its clock: its steady state under load
  std::optional<std::string> throttle;  ///< what lowers its clock just now: "power cap", …
  /// Of the GPU's time, by the driver's last samples, in which other programs' kernels ran. Nothing where the driver does not tell whose
  /// kernels ran: Cell::missing says why.
  std::optional<double> foreign_share{};
  std::optional<std::vector<GpuProgram>> foreign{};  ///< whose kernels these were, the busiest first; nothing where there were none
};

/// What the machine did during a block besides running it. Evidence for setting it aside.
struct BlockLoad {
  std::optional<double> steal_share;              ///< of the usable CPUs' time, taken by the hypervisor
  std::optional<double> foreign_share;            ///< of the usable CPUs' time, used by processes that are not ours
  std::optional<double> throttled_share;          ///< of the block's time, in which the control group's quota stopped us
  std::optional<std::int64_t> thermal_throttles;  ///< events that the processor counted
  std::optional<double> energy_j;                 ///< what the package used, where it tells
  std::optional<GpuLoad> gpu;                     ///< of a cell on a GPU
};

/// The same calls by the device's own clock (CUDA events around the work of a call) and by the host's: the two check each other.
struct DeviceClock {
  double device_ms = 0.0;  ///< median of one call
  double host_ms = 0.0;    ///< median of the same calls, from before run to after synchronize
  std::int64_t calls = 0;
};

/// A short run of timed iterations. Samples are nanoseconds for `iterations_per_sample` calls each.
struct Block {
  std::int64_t launch = 0;  ///< one life of the worker; the same number in all cells of a batch size was measured in the same minutes
  std::int64_t build = 0;   ///< of the compiled artefact: rises with each rebuild
  std::int64_t round = 0;
  std::int64_t start_ns = 0;  ///< CLOCK_MONOTONIC
  std::int64_t iterations_per_sample = 1;
  std::vector<std::int64_t> lead_in_ns;  ///< recorded, not scored: the first calls after a switch run slower
  std::vector<std::int64_t> samples_ns;
  BlockLoad load;
  std::optional<DeviceClock> device_clock;  ///< of some calls behind the samples
  bool set_aside = false;
  std::string evidence;  ///< why it was set aside
};

/// A short run with several requests in flight.
struct ThroughputBlock {
  std::int64_t requests = 1;    ///< in flight at once
  std::int64_t launch = 0;      ///< one life of the worker, counted apart for each number of requests
  std::int64_t start_ns = 0;    ///< CLOCK_MONOTONIC
  std::int64_t elapsed_ns = 0;  ///< in which so many calls ended, the requests' own rates summed up
  std::int64_t calls = 0;
  BlockLoad load;
  bool set_aside = false;
  std::string evidence;             ///< why it was set aside
  std::optional<WarmUp> warm_up{};  ///< that its launch began with; of the launch's first block only
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

/// Whether a drop keeps to `max_drop`, at 95 %.
enum class DropVerdict { not_asked, holds, does_not_hold, undecided };
[[nodiscard]] std::string_view to_string(DropVerdict verdict) noexcept;
[[nodiscard]] std::optional<DropVerdict> parse_drop_verdict(std::string_view name) noexcept;

/// How well a cell answers by one metric, beside the baseline on the same samples. Shares (top-1, top-5, agreement) are 0 … 1.
struct Accuracy {
  std::string metric;              ///< "top-1", …
  std::optional<double> value{};   ///< nothing for an SQNR without noise
  std::optional<Interval> ci95{};  ///< of the value, as other samples would give it: Wilson's for shares, else a bootstrap over samples
  std::optional<double> baseline{};
  std::optional<double> drop{};           ///< how much worse than the baseline; a negative one is better, whichever way the metric counts
  std::optional<Interval> drop_bounds{};  ///< of the drop; each bound holds at 95 % by itself
  std::string test{};                     ///< "McNemar, exact", "paired bootstrap"; empty where there was none
  std::optional<double> p_value{};        ///< two-sided: that cell and baseline are equally good
  std::optional<std::int64_t> lost{};     ///< samples that the baseline has right and the cell wrong, of a share
  std::optional<std::int64_t> gained{};   ///< the other way round
  std::optional<double> agreement{};      ///< of top-1 and top-5: share of samples whose highest score is where the baseline's is
  std::optional<Interval> agreement_ci95{};
  std::int64_t n = 0;  ///< samples
  std::optional<double> max_drop{};
  DropVerdict verdict = DropVerdict::not_asked;
  std::optional<std::int64_t> samples_needed{};  ///< about so many would show that the drop keeps to max_drop, were it as it looks now
  std::string reason{};                          ///< one sentence, where the verdict is `does_not_hold` or `undecided`
};

struct Memory {
  std::optional<std::int64_t> peak_bytes;    ///< the largest that the worker's whole process group held, over `idle_bytes`
  std::optional<std::int64_t> steady_bytes;  ///< what it held while measured, over `idle_bytes`
  std::optional<std::int64_t> idle_bytes;    ///< what it held with its engine found and no model loaded
  std::optional<std::int64_t> device_bytes;  ///< of the device's memory, more than before the worker was started
};

/// What really ran.
struct Audit {
  std::map<std::string, std::int64_t> providers;      ///< nodes by execution provider or engine
  std::map<std::string, std::int64_t> compute_types;  ///< nodes by arithmetic: "float32", "bfloat16", …
  std::optional<double> fallback_share;               ///< of the nodes, run elsewhere than asked: another provider, the Python interpreter
  std::optional<double> int8_share{};                 ///< of the nodes that compute, in 8-bit integers
  std::optional<std::int64_t> fused_nodes{};          ///< nodes of the model that the engine merged into others
  std::optional<std::int64_t> graph_breaks{};         ///< where a compiler handed back to the interpreter
  std::string fallback_reason{};                      ///< what fell back, in a sentence; empty where nothing did
  std::string other_precision{};  ///< what computes in another precision than asked, in a sentence; empty where nothing does
};

struct Cell {
  std::string id;  ///< "openvino/bf16/b8/cpu", options behind it where they are not the defaults
  std::string backend;
  Precision precision = Precision::fp32;
  std::int64_t batch = 1;
  std::string device = "cpu";
  OptionValues options;
  std::string variant_sha256;
  std::string
      key;  ///< hash of model, variant, options, engine version, machine and settings that change a time: equal keys measure the same
  std::string mode = "latency";
  std::int64_t concurrency = 1;
  std::string timing_boundary = "host";

  CellStatus status = CellStatus::partial;
  std::string reason;  ///< one sentence, where the status is not `ok`
  std::string remedy;  ///< what would mend it; may be empty
  std::optional<Failure> failure;

  std::optional<Latency> latency_ms;
  std::vector<Block> blocks;
  std::optional<double> throughput_per_s;  ///< inputs a second, measured: `throughput` where several requests were tried
  std::optional<Throughput> throughput;    ///< nothing where throughput mode was not measured
  std::vector<ThroughputBlock> throughput_blocks;
  std::optional<Spread> spread;
  std::optional<WarmUp> warm_up;
  std::int64_t launches = 0;               ///< in which blocks were scored
  std::string stop_reason;                 ///< why measuring ended: "interval", "cannot win", "budget", …, in a sentence
  std::optional<Ratio> ratio_to_baseline;  ///< latency of this cell ÷ latency of the baseline: under 1 is faster
  std::optional<Ratio> ratio_to_best;
  std::optional<DeviceClock> device_clock;  ///< medians over the scored blocks
  OutputError output_error;
  std::optional<Accuracy> accuracy;
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

/// A GPU of this machine.
struct Gpu {
  std::string device;  ///< "cuda:0"
  std::string name;
  std::int64_t memory_bytes = 0;
  std::string compute_capability;  ///< "9.0"
};

struct Environment {
  std::string cpu;
  std::vector<std::string> isa;
  std::int64_t cores = 0;  ///< usable ones: affinity and quota
  std::int64_t memory_bytes = 0;
  std::string gpu;
  std::string driver;
  std::vector<Gpu> gpus;  ///< that the driver tells of
  std::string governor;
  std::string os;
  std::map<std::string, std::string> versions;  ///< backend → engine version
  std::string podium_version;
  std::string build_type;
  std::vector<std::string> warnings;             ///< each says what to do
  std::map<std::string, std::string> preflight;  ///< what was found before measuring: "smt" → "2 threads a core", …
};

/// Equal cells under different names, compared as if they were candidates (an A/A test).
struct SelfCheck {
  std::int64_t copies = 0;              ///< of each candidate
  std::int64_t pairs = 0;               ///< of equal cells that were compared
  std::int64_t false_winners = 0;       ///< of those, told apart: wrong each time
  std::int64_t intervals_off = 0;       ///< of those, whose 95 % interval does not hold 1: some 5 % are expected
  double largest_difference = 0.0;      ///< between equal cells, as |ratio - 1|
  std::vector<std::string> told_apart;  ///< "A against B: 1.8 % faster"
};

/// What a run was asked, so that it can be repeated or taken up again.
struct RunSettings {
  std::string model;  ///< as typed, a file by its absolute path
  std::string weights;
  std::string data;
  std::string data_sha256;   ///< of the inputs as the model was given them
  std::int64_t samples = 0;  ///< of the data, at most; 0: by default
  std::string labels;        ///< as typed, a file by its absolute path
  std::string preprocess;
  std::string metric;
  std::optional<double> max_drop;
  std::string calibration;  ///< where int8-static found its ranges, as typed; empty: in what was left of `data`
  std::string calibration_sha256;
  std::string method;       ///< of calibration; empty where nothing was calibrated
  double percentile = 0.0;  ///< of that method
  std::vector<std::string> backends;
  std::vector<std::string> precisions;
  std::vector<std::int64_t> batches;
  std::map<std::string, Shape> shapes;
  std::map<std::string, std::vector<std::string>> option_values;
  std::int64_t threads = 0;
  std::string device = "cpu";
  std::string timing_boundary;  ///< "host" or "device"
  double budget_s = 0.0;
  std::string mode = "latency";   ///< "latency" or "both"
  std::int64_t launches = 0;      ///< as asked; 0: by the stopping rule
  std::int64_t rebuilds = 1;      ///< as asked, of the compiled artefacts of cells that could still win
  double interval_target = 0.01;  ///< half width of the ratio to the leader at which a cell was measured enough
  double warm_up_s = 1.0;
  bool high_priority = true;  ///< workers went before other programs, where the system let them; see preflight
  std::int64_t self_check = 0;
  bool allow_fallback = false;
  bool allow_other_precision = false;
  std::int64_t seed = 0;
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
  std::string preprocess{};           ///< how its input takes pictures, as JSON in its metadata says; empty where it says nothing
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
  RunSettings settings;
  std::optional<SelfCheck> self_check;
  std::vector<Cell> cells;
};

}  // namespace podium
