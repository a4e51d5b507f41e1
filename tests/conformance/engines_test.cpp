// What every engine must do alike.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "core/numbers.h"
#include "core/tensor_view.h"
#include "engine.h"
#include "matchers.h"

namespace podium::conformance {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

class EveryEngine : public ::testing::TestWithParam<Engine> {};
class EveryBackend : public ::testing::TestWithParam<Engine> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(EveryEngine);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(EveryBackend);
INSTANTIATE_TEST_SUITE_P(Conformance, EveryEngine, ::testing::ValuesIn(every_engine()), NamedByEngine());
INSTANTIATE_TEST_SUITE_P(Conformance, EveryBackend, ::testing::ValuesIn(every_backend()), NamedByEngine());

/// The case with its first input in another shape or type; the values do not matter, they are to be refused.
Case with_first_input(const Case& given, DataType type, const Shape& shape) {
  Case changed = given;
  for (Batch& batch : changed.batches) {
    Tensor& input = batch.inputs.front();
    input.type = type;
    input.shape = shape;
    input.bytes.assign(element_count(shape) * size_of(type), '\0');
  }
  return changed;
}

TEST(ReferenceAnswers, DifferFromInputToInputByMoreThanAnyTolerance) {
  const auto floats = [](const Tensor& tensor) {
    return to_floats(reinterpret_cast<const std::byte*>(tensor.bytes.data()), tensor.type, element_count(tensor.shape));
  };
  for (const auto& [name, given] : models().cases) {
    if (given.batches.size() < 2) continue;
    const std::vector<float> first = floats(given.batches[0].outputs[0]);
    const std::vector<float> second = floats(given.batches[1].outputs[0]);
    double difference = 0.0;
    double size = 0.0;
    for (std::size_t i = 0; i < first.size(); ++i) {
      difference += std::pow(double{first[i]} - double{second[i]}, 2);
      size += std::pow(double{first[i]}, 2);
    }
    EXPECT_GT(std::sqrt(difference / size), 2 * tolerance(Precision::bf16)) << name;
  }
}

TEST_P(EveryEngine, GivesTheReferenceAnswers) {
  const Case& picture = case_named("picture-b4");
  Running running(GetParam(), picture);
  ASSERT_TRUE(succeeded(running.load()));
  const auto answers = running.answers();
  ASSERT_TRUE(succeeded(answers));
  EXPECT_TRUE(agree(*answers, picture));
  ASSERT_TRUE(answers->first_inference_ms.has_value());
  EXPECT_GT(*answers->first_inference_ms, 0.0);
}

TEST_P(EveryEngine, GivesTheReferenceAnswersInBf16) {
  if (!GetParam().has(Precision::bf16)) GTEST_SKIP() << "it is not asked for bf16";
  const Case& picture = case_named("picture-b4");
  Running running(GetParam(), picture);
  const auto loaded = running.load({}, Precision::bf16);
  if (!loaded && loaded.error().error.code == ErrorCode::unsupported) GTEST_SKIP() << loaded.error().error.message;
  ASSERT_TRUE(succeeded(loaded));
  const auto answers = running.answers();
  ASSERT_TRUE(succeeded(answers));
  EXPECT_TRUE(agree(*answers, picture, Precision::bf16));
  EXPECT_FALSE(agree(*answers, picture, Precision::fp32)) << "bf16 answers cannot be as near as this: it computed in fp32";
}

TEST_P(EveryEngine, AnswersRightWithSeveralRequestsInFlightOrSaysWhyNot) {
  const Case& picture = case_named("picture-b4");
  Running running(GetParam(), picture);
  backend::LoadRequest request = running.request();
  request.requests = 3;
  ASSERT_TRUE(succeeded(running.worker().load(request)));
  const auto answers = running.answers();
  ASSERT_TRUE(succeeded(answers));
  EXPECT_TRUE(agree(*answers, picture));
  const auto figures = running.worker().throughput({std::chrono::milliseconds(100), 3});
  if (!figures && figures.error().error.code == ErrorCode::unsupported) {
    EXPECT_THAT(figures.error().error.message, Not(IsEmpty()));
    return;
  }
  ASSERT_TRUE(succeeded(figures));
  EXPECT_THAT(figures->mismatch, IsEmpty());
  EXPECT_GE(figures->calls, 3);
  const auto after = running.answers();
  ASSERT_TRUE(succeeded(after));
  EXPECT_TRUE(agree(*after, picture));
}

TEST_P(EveryEngine, CarriesIntegersBooleansAndDoubles) {
  const Case& types = case_named("types-b2");
  Running running(GetParam(), types);
  const auto loaded = running.load();
  const bool may_lack_types = !GetParam().runs_on("cpu");  // GPUs have engines without float64
  if (may_lack_types && !loaded && loaded.error().failure.failure_class != "crash") GTEST_SKIP() << loaded.error().error.message;
  ASSERT_TRUE(succeeded(loaded));
  const auto answers = running.answers();
  ASSERT_TRUE(succeeded(answers));
  EXPECT_TRUE(agree(*answers, types));
}

TEST_P(EveryEngine, RunsTwoSessionsOfDifferentBatchSizesSideBySide) {
  const Case& one = case_named("picture-b1");
  const Case& four = case_named("picture-b4");
  Running first(GetParam(), one);
  Running second(GetParam(), four);
  ASSERT_TRUE(succeeded(first.load()));
  ASSERT_TRUE(succeeded(second.load()));
  for (int turn = 0; turn < 2; ++turn) {
    const auto of_one = first.answers();
    const auto of_four = second.answers();
    ASSERT_TRUE(succeeded(of_one));
    ASSERT_TRUE(succeeded(of_four));
    EXPECT_TRUE(agree(*of_one, one));
    EXPECT_TRUE(agree(*of_four, four));
  }
}

TEST_P(EveryEngine, AnswersAlikeBeforeAndAfterItWasMeasuredAndPaused) {
  const Case& picture = case_named("picture-b4");
  Running running(GetParam(), picture);
  ASSERT_TRUE(succeeded(running.load()));
  ASSERT_TRUE(succeeded(running.answers()));
  ASSERT_TRUE(succeeded(running.worker().measure({std::chrono::milliseconds(20), 7, 1000, 1})));
  running.worker().pause();
  const auto answers = running.answers();
  ASSERT_TRUE(succeeded(answers));
  EXPECT_TRUE(agree(*answers, picture));
}

TEST_P(EveryEngine, RefusesAnInputOfAnotherType) {
  const Case& picture = case_named("picture-b4");
  Running running(GetParam(), with_first_input(picture, DataType::float64, picture.batches[0].inputs[0].shape));
  const Error error = error_of_using(running);
  EXPECT_EQ(error.code, ErrorCode::bad_input) << error.message;
  EXPECT_THAT(error.message, HasSubstr("pixels"));
}

TEST_P(EveryEngine, RefusesAnInputWithAnotherNumberOfAxes) {
  Running running(GetParam(), with_first_input(case_named("picture-b4"), DataType::float32, {4, 3, 256}));
  const Error error = error_of_using(running);
  EXPECT_EQ(error.code, ErrorCode::bad_input) << error.message;
  EXPECT_THAT(error.message, HasSubstr("pixels"));
}

TEST_P(EveryEngine, RefusesAnInputOfAnotherShape) {
  Running running(GetParam(), with_first_input(case_named("picture-b4"), DataType::float32, {4, 4, 16, 16}));
  const Error error = error_of_using(running);
  EXPECT_THAT(error.message, Not(IsEmpty()));
  if (GetParam().descriptor().model_format == "torch") return;  // a PyTorch module declares no sizes: only its operators find out
  EXPECT_EQ(error.code, ErrorCode::bad_input) << error.message;
  EXPECT_THAT(error.message, HasSubstr("pixels"));
}

TEST_P(EveryEngine, RefusesToRunWithAnInputMissing) {
  Case types = case_named("types-b2");
  for (Batch& batch : types.batches) batch.inputs.erase(batch.inputs.begin() + 1);
  Running running(GetParam(), types);
  const Error error = error_of_using(running);
  EXPECT_EQ(error.code, ErrorCode::bad_input) << error.message;
  EXPECT_THAT(error.message, HasSubstr("mask"));
}

TEST_P(EveryEngine, AuditsWhatItRan) {
  Running running(GetParam(), case_named("picture-b4"));
  ASSERT_TRUE(succeeded(running.load()));
  ASSERT_TRUE(succeeded(running.answers()));
  const auto audit = running.worker().audit();
  ASSERT_TRUE(succeeded(audit));
  EXPECT_THAT(audit->providers, Not(IsEmpty()));
  EXPECT_THAT(audit->providers, Each(Pair(Not(IsEmpty()), Gt(0))));
  EXPECT_THAT(audit->compute_types, Contains(Key("float32")));
  EXPECT_THAT(audit->compute_types, Not(Contains(Key("bfloat16")))) << "fp32 means fp32";
}

TEST_P(EveryEngine, ShowsBf16InItsAuditWhereItComputedSo) {
  if (!GetParam().has(Precision::bf16)) GTEST_SKIP() << "it is not asked for bf16";
  Running running(GetParam(), case_named("picture-b4"));
  const auto loaded = running.load({}, Precision::bf16);
  if (!loaded && loaded.error().error.code == ErrorCode::unsupported) GTEST_SKIP() << loaded.error().error.message;
  ASSERT_TRUE(succeeded(loaded));
  ASSERT_TRUE(succeeded(running.answers()));
  const auto audit = running.worker().audit();
  ASSERT_TRUE(succeeded(audit));
  EXPECT_THAT(audit->compute_types, Contains(Key("bfloat16")));
}

TEST_P(EveryEngine, SaysThatNothingRanInInt8WhereTheModelIsFloat) {
  if (GetParam().descriptor().model_format != "onnx") GTEST_SKIP() << "it quantizes by itself what it is given";
  for (const Precision precision : {Precision::int8_static, Precision::int8_dynamic}) {
    if (!GetParam().has(precision)) continue;
    Running running(GetParam(), case_named("picture-b4"));
    ASSERT_TRUE(succeeded(running.load({}, precision)));
    ASSERT_TRUE(succeeded(running.answers()));
    const auto audit = running.worker().audit();
    ASSERT_TRUE(succeeded(audit));
    EXPECT_THAT(audit->other_precision, HasSubstr("none in 8-bit integers"));
  }
}

TEST_P(EveryEngine, GivesItsMemoryBackWhenAModelIsReplacedOrDropped) {
  const Case& wide = case_named("wide-b1");
  const auto weight_bytes = static_cast<std::int64_t>(512 * 16384 * sizeof(float));
  Running running(GetParam(), wide);
  const auto use = [&] {
    ASSERT_TRUE(succeeded(running.load()));
    ASSERT_TRUE(succeeded(running.answers()));
  };
  use();
  const std::int64_t once = running.worker().memory_bytes();
  for (int again = 0; again < 4; ++again) use();
  const std::int64_t many = running.worker().memory_bytes();
  EXPECT_LT(many - once, weight_bytes * 3 / 2) << "four loads more must not keep four models more";

  if (!GetParam().runs_on("cpu")) return;  // its weights lie in the GPU's memory
  backend::LoadRequest missing = running.request();
  missing.model = "/nonexistent/model";
  ASSERT_FALSE(running.worker().load(missing));
  EXPECT_LT(running.worker().memory_bytes(), many - weight_bytes / 2) << "a failed load leaves no model behind";
}

TEST_P(EveryBackend, SaysThatItIsHere) {
  Running running(GetParam(), case_named("picture-b1"));
  const auto probe = running.worker().probe();
  ASSERT_TRUE(succeeded(probe));
  EXPECT_TRUE(probe->available) << probe->reason;
  EXPECT_THAT(probe->version, Not(IsEmpty()));
  EXPECT_THAT(probe->devices, Contains(GetParam().device()));
  EXPECT_TRUE(probe->place.empty() || std::filesystem::exists(probe->place)) << probe->place;
}

TEST_P(EveryBackend, TakesAsManySamplesAsItIsAskedFor) {
  Running running(GetParam(), case_named("picture-b1"));
  ASSERT_TRUE(succeeded(running.load()));
  const auto block = running.worker().measure({std::chrono::nanoseconds(0), 25, 25, 2});
  ASSERT_TRUE(succeeded(block));
  EXPECT_EQ(block->samples_ns.size(), 25U);
  EXPECT_THAT(block->samples_ns, Each(Gt(0)));
  std::int64_t sum = 0;
  for (const std::int64_t sample : block->samples_ns) sum += sample;
  EXPECT_GE(block->elapsed_ns, sum);
}

TEST_P(EveryBackend, RefusesAnUnknownOptionByName) {
  Running running(GetParam(), case_named("picture-b1"));
  const auto loaded = running.load({{"no-such-option", OptionValue{true}}});
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().error.code, ErrorCode::wrong_use);
  EXPECT_THAT(loaded.error().error.message, HasSubstr("no-such-option"));
}

}  // namespace
}  // namespace podium::conformance
