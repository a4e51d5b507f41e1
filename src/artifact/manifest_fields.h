#pragma once

#include "core/shared_fields.h"
#include "podium/artifact.h"

/// The manifest, field by field. Each key stands here once: the writer and the reader both walk these lists, so they cannot disagree.
namespace podium::artifact {

/// The schema in codec::Fields. Every key is there in a manifest of it: one that is not was taken out.
struct ManifestSchema {
  static constexpr bool every_key_is_there = true;
};

}  // namespace podium::artifact

namespace podium::codec {

template <>
struct Fields<artifact::ManifestSchema, RecordedTensor> {
  template <typename V, typename S>
  static void visit(const V& visit, S& tensor) {
    visit("name", tensor.name);
    visit("type", tensor.type);
    visit("shape", tensor.shape);
    visit("offset", tensor.offset);
  }
};

template <>
struct Fields<artifact::ManifestSchema, RecordedCall> {
  template <typename V, typename S>
  static void visit(const V& visit, S& call) {
    visit("inputs", call.inputs);
    visit("outputs", call.outputs);
  }
};

/// What a reader of the manifest asks first; the rest stands in the evidence.
template <>
struct Fields<artifact::ManifestSchema, Accuracy> {
  template <typename V, typename S>
  static void visit(const V& visit, S& accuracy) {
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
struct Fields<artifact::ManifestSchema, ArtifactVariant> {
  template <typename V, typename S>
  static void visit(const V& visit, S& variant) {
    visit("cell", variant.cell);
    visit("evidence", variant.evidence);
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
struct Fields<artifact::ManifestSchema, ArtifactFile> {
  template <typename V, typename S>
  static void visit(const V& visit, S& file) {
    visit("sha256", file.sha256);
    visit("bytes", file.bytes);
  }
};

/// What changes a time; warnings and the rest of the preflight stand in the evidence.
template <>
struct Fields<artifact::ManifestSchema, Environment> {
  template <typename V, typename S>
  static void visit(const V& visit, S& environment) {
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
struct Fields<artifact::ManifestSchema, Manifest> {
  template <typename V, typename S>
  static void visit(const V& visit, S& manifest) {
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

}  // namespace podium::codec
