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
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "backends/api/registry.h"
#include "core/install_paths.h"
#include "engine_artifact.h"
#include "fake_artifact.h"

namespace podium {
namespace {

using test::answers_a_row;
using test::EngineArtifact;
using test::expected_of;
using test::question;

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

TEST_F(TwoEngines, BothTellWhatDiffersFromWhereTheyWereMeasured) {
  const Model model = load(artifact_->path());
  for (const backend::Descriptor& engine : {engines_here()[0], engines_here()[1]}) {
    EXPECT_THAT(model.notices(),
                testing::Contains(testing::AllOf(testing::StartsWith(engine.engine), testing::HasSubstr("measured with 0.1.0"))));
  }
  const std::set<std::string> once(model.notices().begin(), model.notices().end());
  EXPECT_EQ(once.size(), model.notices().size()) << "what both say of the machine is said once";
  EXPECT_THAT(children(), testing::IsEmpty()) << "who was asked has ended";
}

TEST_F(TwoEngines, OneThatIsNotHereIsToldWhenTheArtefactIsLoaded) {
  backend::Descriptor missing;
  missing.name = "imaginary";
  missing.engine = "Imaginary Engine";
  const EngineArtifact artifact(engines_here()[0], missing);
  const Model model = load(artifact.path());
  EXPECT_THAT(model.notices(),
              testing::Contains(testing::AllOf(testing::HasSubstr("calls of the shapes that Imaginary Engine is for fail here"),
                                               testing::HasSubstr("pip install nothing"))));
  EXPECT_EQ(test::answer_of(model, question(1, 1)), expected_of(question(1, 1)));
  EXPECT_EQ(test::error_of([&] { static_cast<void>(test::answer_of(model, question(1, 4))); }).code, ErrorCode::unavailable);
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
