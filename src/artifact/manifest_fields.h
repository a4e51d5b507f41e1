#pragma once

#include "podium/artifact.h"

/// The manifest, field by field. Each key stands here once: the writer and the reader both walk these lists, so they cannot disagree.
namespace podium::artifact {

/// Fields<T>::visit(visitor, value) calls visitor(key, field) for every key in the order of the file. `S` is T or const T.
template <typename T>
struct Fields;

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
struct Fields<RecordedTensor> {
  template <typename V, typename S>
  static void visit(V& visit, S& tensor) {
    visit("name", tensor.name);
    visit("type", tensor.type);
    visit("shape", tensor.shape);
    visit("offset", tensor.offset);
  }
};

template <>
struct Fields<RecordedCall> {
  template <typename V, typename S>
  static void visit(V& visit, S& call) {
    visit("inputs", call.inputs);
    visit("outputs", call.outputs);
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

/// What a reader of the manifest asks first; the rest stands in the evidence.
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
    visit("n", accuracy.n);
    visit("max_drop", accuracy.max_drop);
    visit("verdict", accuracy.verdict);
    visit("reason", accuracy.reason);
  }
};

template <>
struct Fields<ArtifactVariant> {
  template <typename V, typename S>
  static void visit(V& visit, S& variant) {
    visit("cell", variant.cell);
    visit("backend", variant.backend);
    visit("engine", variant.engine);
    visit("engine_version", variant.engine_version);
    visit("precision", variant.precision);
    visit("options", variant.options);
    visit("device", variant.device);
    visit("threads", variant.threads);
    visit("model", variant.model);
    visit("fixed_shape", variant.fixed_shape);
    visit("inputs", variant.inputs);
    visit("median_ms", variant.median_ms);
    visit("median_ci95", variant.median_ci95);
    visit("baseline", variant.baseline);
    visit("ratio_to_baseline", variant.ratio_to_baseline);
    visit("output_error", variant.output_error);
    visit("accuracy", variant.accuracy);
    visit("recorded", variant.recorded);
    visit("calls", variant.calls);
  }
};

template <>
struct Fields<ArtifactFile> {
  template <typename V, typename S>
  static void visit(V& visit, S& file) {
    visit("sha256", file.sha256);
    visit("bytes", file.bytes);
  }
};

/// What changes a time; warnings and the rest of the preflight stand in the evidence.
template <>
struct Fields<Environment> {
  template <typename V, typename S>
  static void visit(V& visit, S& environment) {
    visit("cpu", environment.cpu);
    visit("isa", environment.isa);
    visit("cores", environment.cores);
    visit("memory_bytes", environment.memory_bytes);
    visit("gpu", environment.gpu);
    visit("driver", environment.driver);
    visit("governor", environment.governor);
    visit("os", environment.os);
    visit("versions", environment.versions);
    visit("podium_version", environment.podium_version);
    visit("build_type", environment.build_type);
  }
};

template <>
struct Fields<Manifest> {
  template <typename V, typename S>
  static void visit(V& visit, S& manifest) {
    visit("podium_version", manifest.podium_version);
    visit("created", manifest.created);
    visit("model", manifest.model);
    visit("model_sha256", manifest.model_sha256);
    visit("trained_weights", manifest.trained_weights);
    visit("inputs", manifest.inputs);
    visit("outputs", manifest.outputs);
    visit("preprocess", manifest.preprocess);
    visit("chosen_because", manifest.chosen_because);
    visit("notes", manifest.notes);
    visit("install", manifest.install);
    visit("evidence", manifest.evidence);
    visit("variants", manifest.variants);
    visit("machine", manifest.environment);
    visit("files", manifest.files);
  }
};

}  // namespace podium::artifact
