#include <gmock/gmock.h>

#include <cmath>
#include <cstring>

#include "fake_worker.h"

namespace podium::worker {
namespace {

using test::FakeCell;
using test::number;
using test::text;

std::vector<std::vector<float>> answers_of(const OptionValues& options) {
  FakeCell cell;
  const auto loaded = cell.load(options);
  EXPECT_TRUE(loaded) << loaded.error().error.message;
  const auto answers = cell.worker->answers(2);
  EXPECT_TRUE(answers) << answers.error().error.message;
  std::vector<std::vector<float>> values;
  for (const auto& batch : answers->batches) values.push_back(batch.front().values);
  return values;
}

TEST(Answers, DependOnTheInputAndOnNothingElse) {
  const auto first = answers_of({});
  const auto second = answers_of({});
  EXPECT_EQ(first, second);
  EXPECT_NE(first[0], first[1]);
}

TEST(Answers, CarryNameTypeAndShape) {
  FakeCell cell;
  ASSERT_TRUE(cell.load({}));
  const auto answers = cell.worker->answers(2);
  ASSERT_TRUE(answers);
  ASSERT_EQ(answers->batches.size(), 2U);
  const OutputTensor& output = answers->batches[1].front();
  EXPECT_EQ(output.name, "output");
  EXPECT_EQ(output.type, DataType::float32);
  EXPECT_EQ(output.shape, (Shape{1, 8}));
  EXPECT_EQ(output.values.size(), 8U);
}

TEST(Answers, FirstInferenceIsTimedOnce) {
  FakeCell cell;
  ASSERT_TRUE(cell.load({{"first-call-us", number(20'000)}}));
  const auto answers = cell.worker->answers(2);
  ASSERT_TRUE(answers);
  ASSERT_TRUE(answers->first_inference_ms);
  EXPECT_GE(*answers->first_inference_ms, 20.0);
  EXPECT_FALSE(cell.worker->answers(1)->first_inference_ms);
}

TEST(Answers, OfAnotherInputAreAnotherInputs) {
  const auto honest = answers_of({});
  const auto swapped = answers_of({{"output", text("swapped")}});
  EXPECT_EQ(swapped[1], honest[0]);
}

TEST(Answers, ThatAreConstantDoNotDependOnTheInput) {
  const auto constant = answers_of({{"output", text("constant")}});
  EXPECT_EQ(constant[0], constant[1]);
}

TEST(Answers, WithNoiseAreNearTheHonestOnes) {
  const auto honest = answers_of({});
  const auto noisy = answers_of({{"output", text("noise")}, {"noise-db", number(30)}});
  double noise = 0.0, signal = 0.0;
  for (std::size_t batch = 0; batch < 2; ++batch) {
    for (std::size_t i = 0; i < 8; ++i) {
      noise += std::pow(noisy[batch][i] - honest[batch][i], 2.0);
      signal += std::pow(honest[batch][i], 2.0);
    }
  }
  EXPECT_NEAR(10.0 * std::log10(signal / noise), 30.0, 6.0);
}

TEST(Answers, MayHoldANaN) {
  EXPECT_TRUE(std::isnan(answers_of({{"output", text("nan")}})[0][0]));
}

TEST(Answers, MayLieAboutTheirShape) {
  FakeCell cell;
  ASSERT_TRUE(cell.load({{"output-shape", text("extra-axis")}}));
  EXPECT_EQ(cell.worker->answers(1)->batches[0][0].shape, (Shape{1, 8, 1}));
}

TEST(Answers, ForABatchThatIsNotThereAreAnErrorAndTheWorkerGoesOn) {
  FakeCell cell;
  ASSERT_TRUE(cell.load({}));
  const auto answers = cell.worker->answers(3);
  ASSERT_FALSE(answers);
  EXPECT_EQ(answers.error().error.code, ErrorCode::wrong_use);
  EXPECT_TRUE(cell.worker->answers(2));
}

std::vector<float> floats_of(const LentTensor& tensor) {
  std::vector<float> values(tensor.bytes.size() / sizeof(float));
  std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  return values;
}

TEST(Answer, LendsWhatAnswersCopies) {
  FakeCell cell;
  ASSERT_TRUE(cell.load({}));
  const auto answers = cell.worker->answers(2);
  ASSERT_TRUE(answers);
  for (const std::int64_t batch : {1, 0, 1}) {
    const auto answer = cell.worker->answer(batch);
    ASSERT_TRUE(answer) << answer.error().error.message;
    ASSERT_EQ(answer->outputs.size(), 1U);
    const OutputTensor& copied = answers->batches[static_cast<std::size_t>(batch)].front();
    EXPECT_EQ(answer->outputs[0].name, copied.name);
    EXPECT_EQ(answer->outputs[0].shape, copied.shape);
    EXPECT_EQ(floats_of(answer->outputs[0]), copied.values);
  }
}

TEST(Answer, TimesTheFirstInferenceOnly) {
  FakeCell cell;
  ASSERT_TRUE(cell.load({}));
  EXPECT_TRUE(cell.worker->answer(0)->first_inference_ms);
  EXPECT_FALSE(cell.worker->answer(0)->first_inference_ms);
}

TEST(Answer, ToABatchThatIsNotThereIsAnErrorAndTheWorkerGoesOn) {
  FakeCell cell;
  ASSERT_TRUE(cell.load({}));
  EXPECT_EQ(cell.worker->answer(2).error().error.code, ErrorCode::wrong_use);
  EXPECT_TRUE(cell.worker->answer(1));
}

TEST(Probe, OfTheFakeIsAvailable) {
  FakeCell cell;
  auto worker = cell.start();
  ASSERT_TRUE(worker) << worker.error().error.message;
  const auto probe = worker->probe();
  ASSERT_TRUE(probe);
  EXPECT_TRUE(probe->available);
  EXPECT_EQ(probe->devices, (std::vector<std::string>{"cpu", "cuda:0"})) << "with a GPU of its own making";
}

TEST(Audit, TellsWhatRan) {
  FakeCell cell;
  ASSERT_TRUE(cell.load({}));
  const auto audit = cell.worker->audit();
  ASSERT_TRUE(audit);
  EXPECT_EQ(audit->providers.at("fake"), 1);
}

}  // namespace
}  // namespace podium::worker
