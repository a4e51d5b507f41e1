#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

#include "artifact/write.h"
#include "core/tensor_view.h"
#include "podium/artifact.h"

namespace podium::test {

inline TensorSpec spec(std::string name, DataType type, std::vector<Dimension> dimensions) {
  return {std::move(name), type, std::move(dimensions)};
}

/// A variant of the fake backend for a batch of rows of four floats, with one recorded call: zeros, answered with halves.
inline ArtifactVariant sample_variant(std::int64_t batch) {
  ArtifactVariant variant;
  variant.cell = "fake/fp32/b" + std::to_string(batch) + "/cpu";
  variant.backend = "fake";
  variant.engine = "Fake";
  variant.engine_version = "0.1.0";
  variant.threads = 1;
  variant.model = "models/model.onnx";
  variant.inputs = {spec("x", DataType::float32, {{batch, ""}, {4, ""}})};
  variant.median_ms = 1.25;
  variant.median_ci95 = Interval{1.2, 1.3};
  variant.baseline = "fake/fp32/b1/cpu";
  variant.ratio_to_baseline = Ratio{0.5, Interval{0.4, 0.6}, 3};
  variant.output_error.verdict = Verdict::agrees;
  variant.output_error.sqnr_db = 41.5;
  variant.recorded = "recorded/b" + std::to_string(batch) + ".bin";
  variant.calls = {{{{"x", DataType::float32, {batch, 4}, 0}}, {{"output", DataType::float32, {batch, 8}, batch * 16}}}};
  return variant;
}

inline Manifest sample_manifest(const std::vector<std::int64_t>& batches = {1}) {
  Manifest manifest;
  manifest.podium_version = "0.1.0";
  manifest.created = "2026-11-30T05:00:00Z";
  manifest.model = "model.onnx";
  manifest.model_sha256 = std::string(64, 'a');
  manifest.inputs = {spec("x", DataType::float32, {{-1, "batch"}, {4, ""}})};
  manifest.outputs = {spec("output", DataType::float32, {{-1, "batch"}, {8, ""}})};
  manifest.chosen_because = "it is the fastest";
  manifest.notes = {"task accuracy: not measured"};
  manifest.install = {"pip install nothing"};
  manifest.environment.cpu = "some processor";
  manifest.environment.versions = {{"fake", "0.1.0"}};
  for (const std::int64_t batch : batches) manifest.variants.push_back(sample_variant(batch));
  return manifest;
}

inline artifact::Contents sample_contents(const Manifest& manifest) {
  artifact::Contents contents;
  for (const ArtifactVariant& variant : manifest.variants) {
    contents.written[variant.model] = "the model's bytes";
    contents.written[variant.recorded] = std::string(static_cast<std::size_t>(variant.inputs[0].dimensions[0].size) * 48, '\0');
  }
  return contents;
}

/// Writes one and returns its manifest.
inline Manifest write_sample(const std::filesystem::path& target, const Manifest& manifest = sample_manifest(), bool overwrite = false) {
  auto written = artifact::write(target, manifest, sample_contents(manifest), overwrite);
  if (!written) throw std::runtime_error(written.error().message);
  return *written;
}

}  // namespace podium::test
