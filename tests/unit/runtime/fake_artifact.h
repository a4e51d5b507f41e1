#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "../temporary_folder.h"
#include "podium/artifact.h"
#include "sample_artifact.h"

namespace podium::test {

/// An artefact of the fake backend, in a folder of its own: rows of four floats, answered with eight floats a row that depend on them.
class FakeArtifact {
 public:
  explicit FakeArtifact(const OptionValues& options = {}, const std::vector<std::int64_t>& batches = {1}, bool fixed_shape = false,
                        const std::string& device = "cpu") {
    Manifest manifest = sample_manifest(batches);
    for (ArtifactVariant& variant : manifest.variants) {
      variant.options = options;
      variant.fixed_shape = fixed_shape;
      variant.device = device;
    }
    write_sample(path(), manifest);
  }
  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "best"; }
  [[nodiscard]] Model load(const LoadOptions& options = {}) const { return podium::load(path(), options); }

 private:
  TemporaryFolder folder_;
};

/// What the model answers to `values` as `rows` rows of four.
inline std::vector<float> answer_of(const Model& model, std::vector<float> values) {
  const auto rows = static_cast<std::int64_t>(values.size() / 4);
  const std::vector<Tensor> outputs = model.run({Tensor::view("", values, {rows, 4})});
  const std::span<const float> answer = outputs.at(0).values<float>();
  return {answer.begin(), answer.end()};
}

/// The error of what is expected to throw one.
template <typename Action>
Error error_of(Action&& action) {
  try {
    action();
  } catch (const Exception& exception) {
    return exception.error();
  }
  return {ErrorCode::failed, "nothing was thrown", ""};
}

}  // namespace podium::test
