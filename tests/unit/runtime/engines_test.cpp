// The real engines in this process, as a program in production has them. Under AddressSanitizer this is where their memory is looked at.
#include <gmock/gmock.h>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "backends/api/registry.h"
#include "core/install_paths.h"
#include "fake_artifact.h"

namespace podium {
namespace {

constexpr std::int64_t answers_a_row = 8;

/// ONNX by hand (protobuf's wire format): a library for it in this process could meet the engines' own copies.
std::string varint(std::uint64_t value) {
  std::string bytes;
  constexpr std::uint64_t seven_bits = 0x7F;
  for (; value > seven_bits; value >>= 7) bytes += static_cast<char>((value & seven_bits) | (seven_bits + 1));
  return bytes + static_cast<char>(value);
}
std::string number(std::uint64_t field, std::uint64_t value) {
  return varint(field << 3) + varint(value);
}
std::string text(std::uint64_t field, const std::string& bytes) {
  return varint((field << 3) | 2) + varint(bytes.size()) + bytes;
}

/// A float32 value of [batch, columns].
std::string value_info(const std::string& name, std::uint64_t columns) {
  const std::string shape = text(1, text(2, "batch")) + text(1, number(1, columns));
  return text(1, name) + text(2, text(1, number(1, 1) + text(2, shape)));
}

/// "x" of rows of four floats, times a table of weights: output k of a row is x0 + k * x1, so that every answer can be told.
std::string model_bytes() {
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
  EngineArtifact(const backend::Descriptor& engine, const backend::Descriptor& other) {
    Manifest manifest = test::sample_manifest({1, 4});
    for (ArtifactVariant& variant : manifest.variants) {
      const backend::Descriptor& own = &variant == &manifest.variants.front() ? engine : other;
      variant.backend = own.name;
      variant.engine = own.engine;
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

std::vector<std::string> names_of_engines_here() {
  std::vector<std::string> names;
  for (const backend::Descriptor& engine : engines_here()) names.push_back(engine.name);
  return names;
}

backend::Descriptor engine_named(const std::string& name) {
  const std::vector<backend::Descriptor> engines = engines_here();
  return *std::find_if(engines.begin(), engines.end(), [&](const backend::Descriptor& engine) { return engine.name == name; });
}

class RealEngine : public ::testing::TestWithParam<std::string> {
 protected:
  EngineArtifact artifact_{engine_named(GetParam())};
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

/// Of this process.
std::vector<pid_t> children() {
  std::ifstream list(fmt::format("/proc/self/task/{}/children", ::getpid()));
  return {std::istream_iterator<pid_t>(list), {}};
}

class TwoEngines : public ::testing::Test {
 protected:
  void SetUp() override {
    if (engines_here().size() < 2) GTEST_SKIP() << "fewer than two engines that read ONNX are built in";
    artifact_.emplace(engines_here()[0], engines_here()[1]);
  }
  std::optional<EngineArtifact> artifact_;
};

TEST_F(TwoEngines, AnswerEachForItsShapesTheSecondInAProcessOfItsOwn) {
  {
    const Model model = load(artifact_->path());
    EXPECT_EQ(test::answer_of(model, question(1, 1)), expected_of(question(1, 1)));
    EXPECT_THAT(children(), testing::IsEmpty()) << "the first engine is in this process";
    for (int seed = 0; seed < 3; ++seed) EXPECT_EQ(test::answer_of(model, question(seed, 4)), expected_of(question(seed, 4)));
    EXPECT_THAT(children(), testing::SizeIs(1));
    std::ifstream maps("/proc/self/maps");
    const std::string loaded{std::istreambuf_iterator<char>(maps), {}};
    EXPECT_THAT(loaded, testing::Not(testing::HasSubstr("podium-backend-" + engines_here()[1].name)));
  }
  EXPECT_THAT(children(), testing::IsEmpty()) << "it ends with the model";
}

TEST_F(TwoEngines, TakeTurnsOutOfProcessWhereSeveralThreadsCall) {
  const Model model = load(artifact_->path());
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> running;
    for (int i = 0; i < 4; ++i) {
      running.emplace_back([&, i] {
        for (int call = 0; call < 20; ++call) {
          const std::vector<float> values = question(100 * i + call, 4);
          if (test::answer_of(model, values) != expected_of(values)) ++wrong;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
}

TEST_F(TwoEngines, SayThatTheOtherProcessHasEnded) {
  const Model model = load(artifact_->path());
  static_cast<void>(test::answer_of(model, question(1, 4)));
  ASSERT_THAT(children(), testing::SizeIs(1));
  ::kill(children().front(), SIGKILL);
  const Error error = test::error_of([&] { static_cast<void>(test::answer_of(model, question(1, 4))); });
  EXPECT_EQ(error.code, ErrorCode::failed) << error.message;
  EXPECT_FALSE(error.message.empty());
  EXPECT_EQ(test::answer_of(model, question(1, 1)), expected_of(question(1, 1))) << "the engine in this process answers on";
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RealEngine);
INSTANTIATE_TEST_SUITE_P(Cpu, RealEngine, testing::ValuesIn(names_of_engines_here()), [](const auto& engine) {
  std::string name = engine.param;
  std::erase_if(name, [](char letter) { return letter == '-'; });
  return name;
});

}  // namespace
}  // namespace podium
