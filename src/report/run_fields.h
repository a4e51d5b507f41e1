#pragma once

#include "core/shared_fields.h"
#include "report/results_schema.h"

/// A run as the results file holds it, but for its cells, field by field.
namespace podium::codec {

template <>
struct Fields<report::ResultsSchema, Gpu> {
  template <typename V, typename S>
  static void visit(const V& visit, S& gpu) {
    visit("device", gpu.device);
    visit("name", gpu.name);
    visit("memory_bytes", gpu.memory_bytes);
    visit("compute_capability", gpu.compute_capability);
  }
};

template <>
struct Fields<report::ResultsSchema, ModelFacts> {
  template <typename V, typename S>
  static void visit(const V& visit, S& model) {
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
struct Fields<report::ResultsSchema, Environment> {
  template <typename V, typename S>
  static void visit(const V& visit, S& environment) {
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
struct Fields<report::ResultsSchema, SelfCheck> {
  template <typename V, typename S>
  static void visit(const V& visit, S& check) {
    visit("copies", check.copies);
    visit("pairs", check.pairs);
    visit("false_winners", check.false_winners);
    visit("intervals_off", check.intervals_off);
    visit("largest_difference", check.largest_difference);
    visit("told_apart", check.told_apart);
  }
};

template <>
struct Fields<report::ResultsSchema, RunSettings> {
  template <typename V, typename S>
  static void visit(const V& visit, S& settings) {
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
    visit("mode", settings.mode);
    visit("launches", settings.launches);
    visit("rebuilds", settings.rebuilds);
    visit("interval_target", settings.interval_target);
    visit("warm_up_s", settings.warm_up_s);
    visit("high_priority", settings.high_priority);
    visit("self_check", settings.self_check);
    visit("allow_fallback", settings.allow_fallback);
    visit("allow_other_precision", settings.allow_other_precision);
    visit("seed", settings.seed);
  }
};

/// Without `cells`.
template <>
struct Fields<report::ResultsSchema, Results> {
  template <typename V, typename S>
  static void visit(const V& visit, S& results) {
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

}  // namespace podium::codec
