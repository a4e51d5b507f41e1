#pragma once

#include "core/shared_fields.h"
#include "report/results_schema.h"

/// A cell of the results file and what it is made of, field by field.
namespace podium::codec {

template <>
struct Fields<report::ResultsSchema, Failure> {
  template <typename V, typename S>
  static void visit(const V& visit, S& failure) {
    visit("class", failure.failure_class);
    visit("signal", failure.signal);
    visit("log_tail", failure.log_tail);
  }
};

template <>
struct Fields<report::ResultsSchema, Latency> {
  template <typename V, typename S>
  static void visit(const V& visit, S& latency) {
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
struct Fields<report::ResultsSchema, Spread> {
  template <typename V, typename S>
  static void visit(const V& visit, S& spread) {
    visit("within_blocks", spread.within_blocks);
    visit("between_blocks", spread.between_blocks);
    visit("between_launches", spread.between_launches);
    visit("between_builds", spread.between_builds);
  }
};

template <>
struct Fields<report::ResultsSchema, WarmUp> {
  template <typename V, typename S>
  static void visit(const V& visit, S& warm_up) {
    visit("iterations", warm_up.iterations);
    visit("seconds", warm_up.seconds);
    visit("steady", warm_up.steady);
    visit("trace_ms", warm_up.trace_ms);
  }
};

template <>
struct Fields<report::ResultsSchema, Throughput> {
  template <typename V, typename S>
  static void visit(const V& visit, S& throughput) {
    visit("per_s", throughput.per_s);
    visit("ci95", throughput.ci95);
    visit("requests", throughput.requests);
    visit("tried", throughput.tried);
    visit("blocks_set_aside", throughput.blocks_set_aside);
    visit("warm_up", throughput.warm_up);
  }
};

template <>
struct Fields<report::ResultsSchema, GpuProgram> {
  template <typename V, typename S>
  static void visit(const V& visit, S& program) {
    visit("pid", program.pid);
    visit("name", program.name);
    visit("share", program.share);
  }
};

template <>
struct Fields<report::ResultsSchema, GpuLoad> {
  static constexpr bool leaves_out_nulls = true;
  template <typename V, typename S>
  static void visit(const V& visit, S& load) {
    visit("clock_mhz", load.clock_mhz);
    visit("memory_clock_mhz", load.memory_clock_mhz);
    visit("temperature_c", load.temperature_c);
    visit("power_w", load.power_w);
    visit("energy_j", load.energy_j);
    visit("throttled_share", load.throttled_share);
    visit("power_capped_share", load.power_capped_share);
    visit("throttle", load.throttle);
    visit("foreign_share", load.foreign_share);
    visit("foreign", load.foreign);
  }
};

template <>
struct Fields<report::ResultsSchema, DeviceClock> {
  template <typename V, typename S>
  static void visit(const V& visit, S& clock) {
    visit("device_ms", clock.device_ms);
    visit("host_ms", clock.host_ms);
    visit("calls", clock.calls);
  }
};

template <>
struct Fields<report::ResultsSchema, BlockLoad> {
  static constexpr bool leaves_out_nulls = true;
  template <typename V, typename S>
  static void visit(const V& visit, S& load) {
    visit("steal_share", load.steal_share);
    visit("foreign_share", load.foreign_share);
    visit("throttled_share", load.throttled_share);
    visit("thermal_throttles", load.thermal_throttles);
    visit("energy_j", load.energy_j);
    visit("gpu", load.gpu);
  }
};

template <>
struct Fields<report::ResultsSchema, Block> {
  static constexpr bool leaves_out_nulls = true;
  template <typename V, typename S>
  static void visit(const V& visit, S& block) {
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
struct Fields<report::ResultsSchema, ThroughputBlock> {
  static constexpr bool leaves_out_nulls = true;
  template <typename V, typename S>
  static void visit(const V& visit, S& block) {
    visit("requests", block.requests);
    visit("launch", block.launch);
    visit("start_ns", block.start_ns);
    visit("elapsed_ns", block.elapsed_ns);
    visit("calls", block.calls);
    visit("load", block.load);
    visit("set_aside", block.set_aside);
    visit("evidence", block.evidence);
    visit("warm_up", block.warm_up);
  }
};

template <>
struct Fields<report::ResultsSchema, Accuracy> {
  template <typename V, typename S>
  static void visit(const V& visit, S& accuracy) {
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
struct Fields<report::ResultsSchema, Memory> {
  template <typename V, typename S>
  static void visit(const V& visit, S& memory) {
    visit("peak_bytes", memory.peak_bytes);
    visit("steady_bytes", memory.steady_bytes);
    visit("idle_bytes", memory.idle_bytes);
    visit("device_bytes", memory.device_bytes);
  }
};

template <>
struct Fields<report::ResultsSchema, Audit> {
  template <typename V, typename S>
  static void visit(const V& visit, S& audit) {
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

/// Without `blocks`, `throughput_blocks` and `missing`, which the journal keeps apart and the writer completes.
template <>
struct Fields<report::ResultsSchema, Cell> {
  template <typename V, typename S>
  static void visit(const V& visit, S& cell) {
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

}  // namespace podium::codec
