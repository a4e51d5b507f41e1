#pragma once

#include <string_view>

#include "podium/results.h"

/// The results file, field by field. Each key stands here once: the writer and the reader both walk these lists, so they cannot disagree.
/// What is not a plain struct (an interval is a pair, an empty text may be null) is in json_writer.cpp and json_reader.cpp.
namespace podium::report {

inline constexpr std::string_view schema = "podium.results/1";

/// A text that is null, with a reason, where it is empty: a thing this machine does not have.
template <typename T>
struct NullWhenEmpty {
  T& text;
};
template <typename T>
NullWhenEmpty(T&) -> NullWhenEmpty<T>;

/// A number that the file holds as {"total_bytes": n}.
template <typename T>
struct TotalBytes {
  T& bytes;
};
template <typename T>
TotalBytes(T&) -> TotalBytes<T>;

/// A key of the schema that this version has no figure for.
struct NotKnown {};

/// Fields<T>::visit(visitor, value) calls visitor(key, field) for every key in the order of the file. `S` is T or const T.
template <typename T>
struct Fields;

template <>
struct Fields<Failure> {
  template <typename V, typename S>
  static void visit(V& visit, S& failure) {
    visit("class", failure.failure_class);
    visit("signal", failure.signal);
    visit("log_tail", failure.log_tail);
  }
};

template <>
struct Fields<Latency> {
  template <typename V, typename S>
  static void visit(V& visit, S& latency) {
    visit("median", latency.median);
    visit("ci95", latency.ci95);
    visit("mean", latency.mean);
    visit("stddev", latency.stddev);
    visit("min", latency.minimum);
    visit("max", latency.maximum);
    visit("p90", latency.p90);
    visit("p90_ci95", latency.p90_ci95);
    visit("p99", latency.p99);
    visit("p99_ci95", latency.p99_ci95);
    visit("n", latency.n);
    visit("outliers_mad", latency.outliers_mad);
    visit("outliers_tukey", latency.outliers_tukey);
    visit("blocks_set_aside", latency.blocks_set_aside);
  }
};

template <>
struct Fields<Spread> {
  template <typename V, typename S>
  static void visit(V& visit, S& spread) {
    visit("within_blocks", spread.within_blocks);
    visit("between_blocks", spread.between_blocks);
    visit("between_launches", spread.between_launches);
    visit("between_builds", spread.between_builds);
  }
};

template <>
struct Fields<WarmUp> {
  template <typename V, typename S>
  static void visit(V& visit, S& warm_up) {
    visit("iterations", warm_up.iterations);
    visit("seconds", warm_up.seconds);
    visit("steady", warm_up.steady);
    visit("trace_ms", warm_up.trace_ms);
  }
};

template <>
struct Fields<Throughput> {
  template <typename V, typename S>
  static void visit(V& visit, S& throughput) {
    visit("per_s", throughput.per_s);
    visit("ci95", throughput.ci95);
    visit("requests", throughput.requests);
    visit("tried", throughput.tried);
  }
};

template <>
struct Fields<GpuLoad> {
  template <typename V, typename S>
  static void visit(V& visit, S& load) {
    visit("clock_mhz", load.clock_mhz);
    visit("memory_clock_mhz", load.memory_clock_mhz);
    visit("temperature_c", load.temperature_c);
    visit("power_w", load.power_w);
    visit("energy_j", load.energy_j);
    visit("throttled_share", load.throttled_share);
    visit("power_capped_share", load.power_capped_share);
    visit("throttle", load.throttle);
  }
};

template <>
struct Fields<DeviceClock> {
  template <typename V, typename S>
  static void visit(V& visit, S& clock) {
    visit("device_ms", clock.device_ms);
    visit("host_ms", clock.host_ms);
    visit("calls", clock.calls);
  }
};

template <>
struct Fields<Gpu> {
  template <typename V, typename S>
  static void visit(V& visit, S& gpu) {
    visit("device", gpu.device);
    visit("name", gpu.name);
    visit("memory_bytes", gpu.memory_bytes);
    visit("compute_capability", gpu.compute_capability);
  }
};

template <>
struct Fields<BlockLoad> {
  template <typename V, typename S>
  static void visit(V& visit, S& load) {
    visit("steal_share", load.steal_share);
    visit("foreign_share", load.foreign_share);
    visit("throttled_share", load.throttled_share);
    visit("thermal_throttles", load.thermal_throttles);
    visit("energy_j", load.energy_j);
    visit("gpu", load.gpu);
  }
};

template <>
struct Fields<Ratio> {
  template <typename V, typename S>
  static void visit(V& visit, S& ratio) {
    visit("value", ratio.value);
    visit("ci95", ratio.ci95);
    visit("launches", ratio.launches);
  }
};

template <>
struct Fields<Block> {
  template <typename V, typename S>
  static void visit(V& visit, S& block) {
    visit("launch", block.launch);
    visit("build", block.build);
    visit("round", block.round);
    visit("start_ns", block.start_ns);
    visit("iterations_per_sample", block.iterations_per_sample);
    visit("lead_in_ns", block.lead_in_ns);
    visit("samples_ns", block.samples_ns);
    visit("load", block.load);
    visit("device_clock", block.device_clock);
    visit("set_aside", block.set_aside);
    visit("evidence", block.evidence);
  }
};

template <>
struct Fields<OutputError> {
  template <typename V, typename S>
  static void visit(V& visit, S& error) {
    visit("sqnr_db", error.sqnr_db);
    visit("max_abs", error.max_abs);
    visit("mean_abs", error.mean_abs);
    visit("cosine", error.cosine);
    visit("samples", error.samples);
    visit("verdict", error.verdict);
    visit("reason", error.reason);
  }
};

template <>
struct Fields<Accuracy> {
  template <typename V, typename S>
  static void visit(V& visit, S& accuracy) {
    visit("metric", accuracy.metric);
    visit("value", accuracy.value);
    visit("ci95", accuracy.ci95);
    visit("baseline", accuracy.baseline);
    visit("drop", accuracy.drop);
    visit("drop_bounds", accuracy.drop_bounds);
    visit("test", accuracy.test);
    visit("p_value", accuracy.p_value);
    visit("lost", accuracy.lost);
    visit("gained", accuracy.gained);
    visit("agreement", accuracy.agreement);
    visit("agreement_ci95", accuracy.agreement_ci95);
    visit("n", accuracy.n);
    visit("max_drop", accuracy.max_drop);
    visit("verdict", accuracy.verdict);
    visit("samples_needed", accuracy.samples_needed);
    visit("reason", accuracy.reason);
  }
};

template <>
struct Fields<Memory> {
  template <typename V, typename S>
  static void visit(V& visit, S& memory) {
    visit("peak_bytes", memory.peak_bytes);
    visit("steady_bytes", memory.steady_bytes);
    visit("idle_bytes", memory.idle_bytes);
    visit("device_bytes", memory.device_bytes);
  }
};

template <>
struct Fields<Audit> {
  template <typename V, typename S>
  static void visit(V& visit, S& audit) {
    visit("providers", audit.providers);
    visit("compute_types", audit.compute_types);
    visit("fallback_share", audit.fallback_share);
    visit("int8_share", audit.int8_share);
    visit("fused_nodes", audit.fused_nodes);
    visit("graph_breaks", audit.graph_breaks);
    visit("fallback_reason", audit.fallback_reason);
    visit("other_precision", audit.other_precision);
  }
};

/// Without `blocks` and `missing`, which the journal keeps apart and the writer completes.
template <>
struct Fields<Cell> {
  template <typename V, typename S>
  static void visit(V& visit, S& cell) {
    visit("id", cell.id);
    visit("backend", cell.backend);
    visit("precision", cell.precision);
    visit("batch", cell.batch);
    visit("device", cell.device);
    visit("options", cell.options);
    visit("variant_sha256", cell.variant_sha256);
    visit("key", cell.key);
    visit("mode", cell.mode);
    visit("concurrency", cell.concurrency);
    visit("status", cell.status);
    visit("reason", cell.reason);
    visit("remedy", cell.remedy);
    visit("failure", cell.failure);
    visit("latency_ms", cell.latency_ms);
    visit("throughput_per_s", cell.throughput_per_s);
    visit("throughput", cell.throughput);
    visit("spread", cell.spread);
    visit("warm_up", cell.warm_up);
    visit("launches", cell.launches);
    visit("stop_reason", cell.stop_reason);
    visit("ratio_to_baseline", cell.ratio_to_baseline);
    visit("ratio_to_best", cell.ratio_to_best);
    visit("timing_boundary", cell.timing_boundary);
    visit("device_clock", cell.device_clock);
    visit("accuracy", cell.accuracy);
    visit("output_error", cell.output_error);
    visit("memory", cell.memory);
    visit("energy_j_per_inference", cell.energy_j_per_inference);
    visit("build_s", cell.build_s);
    visit("build_cached", cell.build_cached);
    visit("load_s", cell.load_s);
    visit("first_inference_ms", cell.first_inference_ms);
    visit("artifact_bytes", cell.artifact_bytes);
    visit("audit", cell.audit);
    visit("is_baseline", cell.is_baseline);
    visit("rank", cell.rank);
    visit("tied_with", cell.tied_with);
  }
};

template <>
struct Fields<TensorSpec> {
  template <typename V, typename S>
  static void visit(V& visit, S& tensor) {
    visit("name", tensor.name);
    visit("type", tensor.type);
    visit("shape", tensor.dimensions);
  }
};

template <>
struct Fields<ModelFacts> {
  template <typename V, typename S>
  static void visit(V& visit, S& model) {
    visit("name", model.name);
    visit("origin", model.origin);
    visit("sha256", model.sha256);
    visit("inputs", model.inputs);
    visit("outputs", model.outputs);
    visit("parameters", model.parameters);
    visit("flops", model.flops);
    visit("trained_weights", model.trained_weights);
  }
};

template <>
struct Fields<Environment> {
  template <typename V, typename S>
  static void visit(V& visit, S& environment) {
    visit("cpu", NullWhenEmpty{environment.cpu});
    visit("isa", environment.isa);
    visit("cores", environment.cores);
    visit("memory", TotalBytes{environment.memory_bytes});
    visit("gpu", NullWhenEmpty{environment.gpu});
    visit("driver", NullWhenEmpty{environment.driver});
    visit("gpus", environment.gpus);
    visit("clocks", NotKnown{});
    visit("governor", NullWhenEmpty{environment.governor});
    visit("os", NullWhenEmpty{environment.os});
    visit("versions", environment.versions);
    visit("podium_version", environment.podium_version);
    visit("build_type", environment.build_type);
    visit("warnings", environment.warnings);
    visit("preflight", environment.preflight);
  }
};

template <>
struct Fields<SelfCheck> {
  template <typename V, typename S>
  static void visit(V& visit, S& check) {
    visit("copies", check.copies);
    visit("pairs", check.pairs);
    visit("false_winners", check.false_winners);
    visit("intervals_off", check.intervals_off);
    visit("largest_difference", check.largest_difference);
    visit("told_apart", check.told_apart);
  }
};

template <>
struct Fields<RunSettings> {
  template <typename V, typename S>
  static void visit(V& visit, S& settings) {
    visit("model", settings.model);
    visit("weights", settings.weights);
    visit("data", settings.data);
    visit("data_sha256", settings.data_sha256);
    visit("samples", settings.samples);
    visit("labels", settings.labels);
    visit("preprocess", settings.preprocess);
    visit("metric", settings.metric);
    visit("max_drop", settings.max_drop);
    visit("calibration", settings.calibration);
    visit("calibration_sha256", settings.calibration_sha256);
    visit("method", settings.method);
    visit("percentile", settings.percentile);
    visit("backends", settings.backends);
    visit("precisions", settings.precisions);
    visit("batches", settings.batches);
    visit("shapes", settings.shapes);
    visit("option_values", settings.option_values);
    visit("threads", settings.threads);
    visit("device", settings.device);
    visit("timing_boundary", settings.timing_boundary);
    visit("budget_s", settings.budget_s);
    visit("launches", settings.launches);
    visit("warm_up_s", settings.warm_up_s);
    visit("self_check", settings.self_check);
    visit("allow_fallback", settings.allow_fallback);
    visit("allow_other_precision", settings.allow_other_precision);
    visit("seed", settings.seed);
  }
};

/// Without `cells`.
template <>
struct Fields<Results> {
  template <typename V, typename S>
  static void visit(V& visit, S& results) {
    visit("command", results.command);
    visit("started", results.started);
    visit("measured_s", results.measured_s);
    visit("prepared_s", results.prepared_s);
    visit("data", results.data);
    visit("settings", results.settings);
    visit("self_check", results.self_check);
    visit("environment", results.environment);
    visit("model", results.model);
  }
};

}  // namespace podium::report
