// The real engines in this process, as a program in production has them. Under AddressSanitizer this is where their memory is looked at.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "../onnx/model_builder.h"
#include "backends/api/registry.h"
#include "core/install_paths.h"
#include "fake_artifact.h"

namespace podium {
namespace {

constexpr std::int64_t answers_a_row = 8;

/// "x" of rows of four floats, times a table of weights: output k of a row is x0 + k * x1, so that every answer can be told.
std::string model_bytes() {
  std::vector<float> weights(4 * answers_a_row);
  for (std::size_t k = 0; k < answers_a_row; ++k) {
    weights[k] = 1.0F;
    weights[answers_a_row + k] = static_cast<float>(k);
  }
  onnx::ModelBuilder builder;
  builder.input("x", {"batch", 4}).output("output", {"batch", answers_a_row}).floats("weights", {4, answers_a_row}, weights);
  builder.node("MatMul", {"x", "weights"}, {"output"});
  return builder.model().SerializeAsString();
}

/// An artefact of an engine that is here.
class EngineArtifact {
 public:
  explicit EngineArtifact(const backend::Descriptor& engine) {
    Manifest manifest = test::sample_manifest({1, 4});
    for (ArtifactVariant& variant : manifest.variants) {
      variant.backend = engine.name;
      variant.engine = engine.engine;
      variant.model = "models/0/model.onnx";
    }
    artifact::Contents contents = test::sample_contents(manifest);
    contents.written["models/0/model.onnx"] = model_bytes();
    const auto written = artifact::write(path(), std::move(manifest), contents, false);
    if (!written) throw std::runtime_error(written.error().message);
  }
  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "best"; }

 private:
  test::TemporaryFolder folder_;
};

std::vector<float> expected_of(const std::vector<float>& values) {
  std::vector<float> expected;
  for (std::size_t row = 0; row + 4 <= values.size(); row += 4) {
    for (std::int64_t k = 0; k < answers_a_row; ++k) expected.push_back(values[row] + static_cast<float>(k) * values[row + 1]);
  }
  return expected;
}

/// Rows whose numbers depend on `seed`, so that no answer fits another question.
std::vector<float> question(int seed, std::size_t rows) {
  std::vector<float> values(rows * 4);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(seed) + static_cast<float>(i);
  return values;
}

std::vector<backend::Descriptor> engines_here() {
  std::vector<backend::Descriptor> engines;
  const auto registry = backend::read_registry(find_install_paths().backends);
  if (!registry) return engines;
  for (const backend::Registered& entry : *registry) {
    const auto& kinds = entry.descriptor.device_kinds;
    const bool is_on_cpu = std::find(kinds.begin(), kinds.end(), "cpu") != kinds.end();
    if (entry.launch == backend::Launch::module && entry.descriptor.model_format == "onnx" && entry.descriptor.name != "fake" && is_on_cpu)
      engines.push_back(entry.descriptor);
  }
  return engines;
}

class RealEngine : public ::testing::TestWithParam<backend::Descriptor> {
 protected:
  EngineArtifact artifact_{GetParam()};
};

TEST_P(RealEngine, AnswersEveryShapeRightly) {
  const Model model = load(artifact_.path());
  for (const std::size_t rows : {1U, 4U, 3U, 1U}) {
    const std::vector<float> values = question(static_cast<int>(rows), rows);
    EXPECT_EQ(test::answer_of(model, values), expected_of(values)) << rows;
  }
}

TEST_P(RealEngine, WritesIntoTheCallersMemoryAndLendsItsOwn) {
  const Model model = load(artifact_.path());
  const std::vector<float> values = question(1, 4);
  const Tensor input = Tensor::view("x", values, {4, 4});
  std::vector<Tensor> own;
  own.push_back(Tensor::allocate("output", DataType::float32, {4, answers_a_row}));
  model.run_into(std::span(&input, 1), own);
  EXPECT_THAT(own.front().values<float>(), testing::ElementsAreArray(expected_of(values)));
  model.run(std::span(&input, 1), [&](std::span<const Tensor> lent) {
    EXPECT_THAT(lent.front().values<float>(), testing::ElementsAreArray(expected_of(values)));
  });
}

TEST_P(RealEngine, AnswersEachOfEightThreadsWithItsOwnAnswer) {
  const Model model = load(artifact_.path());
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> running;
    for (int i = 0; i < 8; ++i) {
      running.emplace_back([&, i] {
        for (int call = 0; call < 50; ++call) {
          const std::vector<float> values = question(100 * i + call, std::size_t{call % 2 == 0 ? 1U : 4U});
          if (test::answer_of(model, values) != expected_of(values)) ++wrong;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
}

TEST_P(RealEngine, AnswersLaterAndCanBeLoadedAgainAndAgain) {
  const std::vector<float> values = question(3, 1);
  for (int time = 0; time < 3; ++time) {
    const Model model = load(artifact_.path());
    std::vector<Tensor> inputs;
    inputs.push_back(Tensor::view("x", values, {1, 4}));
    const std::vector<Tensor> outputs = model.run_async(std::move(inputs)).get();
    EXPECT_THAT(outputs.front().values<float>(), testing::ElementsAreArray(expected_of(values))) << time;
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RealEngine);
INSTANTIATE_TEST_SUITE_P(Cpu, RealEngine, testing::ValuesIn(engines_here()), [](const auto& engine) {
  std::string name = engine.param.name;
  std::erase_if(name, [](char letter) { return letter == '-'; });
  return name;
});

}  // namespace
}  // namespace podium
