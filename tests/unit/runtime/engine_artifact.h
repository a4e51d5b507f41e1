#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "../temporary_folder.h"
#include "backends/api/backend.h"
#include "podium/artifact.h"
#include "sample_artifact.h"

namespace podium::test {

inline constexpr std::int64_t answers_a_row = 8;

/// ONNX by hand (protobuf's wire format): a library for it in this process could meet the engines' own copies.
inline std::string varint(std::uint64_t value) {
  std::string bytes;
  constexpr std::uint64_t seven_bits = 0x7F;
  for (; value > seven_bits; value >>= 7) bytes += static_cast<char>((value & seven_bits) | (seven_bits + 1));
  return bytes + static_cast<char>(value);
}
inline std::string number(std::uint64_t field, std::uint64_t value) {
  return varint(field << 3) + varint(value);
}
inline std::string text(std::uint64_t field, const std::string& bytes) {
  return varint((field << 3) | 2) + varint(bytes.size()) + bytes;
}

/// A float32 value of [batch, columns].
inline std::string value_info(const std::string& name, std::uint64_t columns) {
  const std::string shape = text(1, text(2, "batch")) + text(1, number(1, columns));
  return text(1, name) + text(2, text(1, number(1, 1) + text(2, shape)));
}

/// "x" of rows of four floats, times a table of weights: output k of a row is x0 + k * x1, so that every answer can be told.
inline std::string model_bytes() {
  constexpr std::size_t columns = answers_a_row;
  std::vector<float> weights(4 * columns);
  for (std::size_t k = 0; k < columns; ++k) {
    weights[k] = 1.0F;
    weights[columns + k] = static_cast<float>(k);
  }
  const std::string raw(reinterpret_cast<const char*>(weights.data()), weights.size() * sizeof(float));
  const std::string table = number(1, 4) + number(1, columns) + number(2, 1) + text(8, "weights") + text(9, raw);
  const std::string node = text(1, "x") + text(1, "weights") + text(2, "output") + text(4, "MatMul");
  const std::string graph =
      text(1, node) + text(2, "graph") + text(5, table) + text(11, value_info("x", 4)) + text(12, value_info("output", columns));
  return number(1, 8) + text(7, graph) + text(8, number(2, 17));
}

/// An artefact of an engine that is here, or of two: `other` is then for calls of four rows.
class EngineArtifact {
 public:
  explicit EngineArtifact(const backend::Descriptor& engine) : EngineArtifact(engine, engine) {}
  EngineArtifact(const backend::Descriptor& engine, const backend::Descriptor& other, const std::string& device = "cpu",
                 const OptionValues& options = {}) {
    Manifest manifest = sample_manifest({1, 4});
    for (ArtifactVariant& variant : manifest.variants) {
      const backend::Descriptor& own = &variant == &manifest.variants.front() ? engine : other;
      variant.device = device;
      variant.options = options;
      variant.backend = own.name;
      variant.engine = own.engine;
      variant.model = "models/0/model.onnx";
    }
    artifact::Contents contents = sample_contents(manifest);
    contents.written["models/0/model.onnx"] = model_bytes();
    const auto written = artifact::write(path(), std::move(manifest), contents, false);
    if (!written) throw std::runtime_error(written.error().message);
  }
  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "best"; }

 private:
  TemporaryFolder folder_;
};

inline std::vector<float> expected_of(const std::vector<float>& values) {
  std::vector<float> expected;
  for (std::size_t row = 0; row + 4 <= values.size(); row += 4) {
    for (std::int64_t k = 0; k < answers_a_row; ++k) expected.push_back(values[row] + static_cast<float>(k) * values[row + 1]);
  }
  return expected;
}

/// Rows whose numbers depend on `seed`, so that no answer fits another question.
inline std::vector<float> question(int seed, std::size_t rows) {
  std::vector<float> values(rows * 4);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(seed) + static_cast<float>(i);
  return values;
}

}  // namespace podium::test
