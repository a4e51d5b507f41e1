#include <gmock/gmock.h>

#include "fake_artifact.h"

namespace podium {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<float> one_row{1, 2, 3, 4};
const std::vector<float> another_row{5, -6, 7, 8};

Error refusal(const Model& model, const std::vector<Tensor>& inputs) {
  return test::error_of([&] { static_cast<void>(model.run(inputs)); });
}

TEST(Run, AnswersWithNewTensorsInTheModelsOrder) {
  const test::FakeArtifact artifact;
  const Model model = artifact.load();
  const std::vector<Tensor> outputs = model.run({Tensor::view("x", one_row, {1, 4})});
  ASSERT_EQ(outputs.size(), 1U);
  EXPECT_EQ(outputs[0].name(), "output");
  EXPECT_EQ(outputs[0].shape(), (Shape{1, 8}));
}

TEST(Run, AnswersEachInputWithItsOwnAnswer) {
  const test::FakeArtifact artifact;
  const Model model = artifact.load();
  const std::vector<float> first = test::answer_of(model, one_row);
  const std::vector<float> second = test::answer_of(model, another_row);
  EXPECT_NE(first, second);
  EXPECT_EQ(test::answer_of(model, one_row), first);
}

TEST(Run, KeepsAnAnswerThatALaterCallMustNotChange) {
  const test::FakeArtifact artifact;
  const Model model = artifact.load();
  const std::vector<Tensor> kept = model.run({Tensor::view("x", one_row, {1, 4})});
  const std::vector<float> before(kept[0].values<float>().begin(), kept[0].values<float>().end());
  static_cast<void>(model.run({Tensor::view("x", another_row, {1, 4})}));
  EXPECT_TRUE(std::ranges::equal(kept[0].values<float>(), before));
}

TEST(Run, WritesIntoMemoryOfTheCaller) {
  const test::FakeArtifact artifact;
  const Model model = artifact.load();
  std::vector<float> memory(8);
  std::vector<Tensor> outputs{Tensor::view("", memory, {1, 8})};
  model.run_into(std::vector{Tensor::view("x", one_row, {1, 4})}, outputs);
  EXPECT_EQ(memory, test::answer_of(model, one_row));
}

TEST(Run, RefusesMemoryThatDoesNotFitTheAnswer) {
  const test::FakeArtifact artifact;
  const Model model = artifact.load();
  const std::vector inputs{Tensor::view("x", one_row, {1, 4})};
  const auto refusal_of = [&](std::vector<Tensor> outputs) { return test::error_of([&] { model.run_into(inputs, outputs); }); };
  std::vector<float> memory(9);
  EXPECT_THAT(refusal_of({Tensor::view("", memory, {1, 9})}).message, HasSubstr("output 'output' was to be written into float32 [1x9]"));
  EXPECT_THAT(refusal_of({Tensor::view("", memory, {1, 9})}).remedy, HasSubstr("give memory for float32 [1x8]"));
  EXPECT_THAT(refusal_of({Tensor::view("", DataType::float32, {1, 8}, nullptr)}).message, HasSubstr("into no memory"));
  EXPECT_THAT(refusal_of({Tensor::view("", DataType::float32, {1, 8}, memory.data(), "cuda:0")}).message, HasSubstr("memory of cuda:0"));
  EXPECT_THAT(refusal_of({}).message, HasSubstr("memory for 0 outputs was given, the model has 1"));
}

TEST(Run, LendsOutputsInTheEnginesOwnMemory) {
  const test::FakeArtifact artifact;
  const Model model = artifact.load();
  const void* first = nullptr;
  const void* second = nullptr;
  std::vector<float> seen;
  const std::vector inputs{Tensor::view("x", one_row, {1, 4})};
  model.run(inputs, [&](std::span<const Tensor> outputs) {
    first = outputs[0].data();
    seen.assign(outputs[0].values<float>().begin(), outputs[0].values<float>().end());
  });
  model.run(inputs, [&](std::span<const Tensor> outputs) { second = outputs[0].data(); });
  EXPECT_EQ(first, second);
  EXPECT_EQ(seen, test::answer_of(model, one_row));
}

TEST(Run, IsFreeForOthersAfterTheUserOfItsOutputsThrew) {
  const test::FakeArtifact artifact({{"single-request", true}});
  const Model model = artifact.load();
  const std::vector inputs{Tensor::view("x", one_row, {1, 4})};
  EXPECT_THROW(model.run(inputs, [](std::span<const Tensor>) { throw std::runtime_error("mine"); }), std::runtime_error);
  EXPECT_EQ(test::answer_of(model, one_row).size(), 8U);
}

TEST(Run, TakesOtherBatchesThanWereMeasured) {
  const test::FakeArtifact artifact;
  const Model model = artifact.load();
  std::vector<float> rows(one_row);
  rows.insert(rows.end(), another_row.begin(), another_row.end());
  const std::vector<float> both = test::answer_of(model, rows);
  ASSERT_EQ(both.size(), 16U);
  EXPECT_TRUE(std::ranges::equal(std::span(both).first(8), test::answer_of(model, one_row)));
  EXPECT_TRUE(std::ranges::equal(std::span(both).last(8), test::answer_of(model, another_row)));
}

TEST(Run, GoesOnThroughMoreShapesThanStayLoaded) {
  const test::FakeArtifact artifact;
  const Model model = artifact.load();
  for (std::size_t rows = 1; rows <= 40; ++rows) EXPECT_EQ(test::answer_of(model, std::vector<float>(rows * 4, 1.0F)).size(), rows * 8);
  EXPECT_EQ(test::answer_of(model, one_row).size(), 8U);
}

/// Variants tell themselves apart by what they answer: the second is made to answer with halves.
TEST(Run, GoesToTheVariantThatWasMeasuredAtTheNearestShape) {
  Manifest manifest = test::sample_manifest({1, 8});
  manifest.variants[1].options = {{"output", std::string("constant")}};
  const test::TemporaryFolder folder;
  test::write_sample(folder.path() / "best", manifest);
  const Model model = load(folder.path() / "best");
  const auto first_of = [&](std::size_t rows) { return test::answer_of(model, std::vector<float>(rows * 4, 1.0F)).front(); };
  EXPECT_NE(first_of(1), 0.5F);
  EXPECT_NE(first_of(2), 0.5F);
  EXPECT_EQ(first_of(7), 0.5F);
  EXPECT_EQ(first_of(8), 0.5F);
  EXPECT_EQ(first_of(100), 0.5F);
}

TEST(Run, RefusesShapesThatACompiledVariantDoesNotTake) {
  const test::FakeArtifact artifact({}, {1, 8}, true);
  const Model model = artifact.load();
  EXPECT_EQ(test::answer_of(model, std::vector<float>(32)).size(), 64U);
  const std::vector<float> three_rows(12);
  const Error error = refusal(model, {Tensor::view("x", three_rows, {3, 4})});
  EXPECT_EQ(error.code, ErrorCode::wrong_use);
  EXPECT_THAT(error.message, HasSubstr("compiled for other shapes"));
  EXPECT_THAT(error.remedy, HasSubstr("give inputs of 1x4 or 8x4"));
}

TEST(Run, SaysWhatTheModelTakesWhereAnInputDoesNotFit) {
  const test::FakeArtifact artifact;
  const Model model = artifact.load();
  const std::vector<double> doubles(4);
  EXPECT_THAT(refusal(model, {Tensor::view("x", doubles, {1, 4})}).message, HasSubstr("input 'x' was given as float64 [1x4]"));
  EXPECT_THAT(refusal(model, {Tensor::view("x", doubles, {1, 4})}).remedy, HasSubstr("the model takes 'x' float32 [batchx4]"));
  EXPECT_THAT(refusal(model, {Tensor::view("x", one_row, {2, 2})}).message, HasSubstr("was given as float32 [2x2]"));
  EXPECT_THAT(refusal(model, {Tensor::view("x", one_row, {4})}).message, HasSubstr("was given as float32 [4]"));
  EXPECT_THAT(refusal(model, {Tensor::view("y", one_row, {1, 4})}).message, HasSubstr("the model has no input 'y'"));
  EXPECT_THAT(refusal(model, {}).message, HasSubstr("0 inputs were given, 1 are needed"));
  EXPECT_THAT(refusal(model, {Tensor::view("x", DataType::float32, {1, 4}, nullptr)}).message, HasSubstr("input 'x' has no memory"));
  EXPECT_THAT(refusal(model, {Tensor::view("x", DataType::float32, {1, 4}, one_row.data(), "cuda:0")}).message,
              HasSubstr("lies on cuda:0"));
}

TEST(Run, TakesInputsOfTheHostWhereTheModelRunsOnAGpu) {
  const test::FakeArtifact artifact({}, {1}, false, "cuda:0");
  const Model model = artifact.load();
  const std::vector<float> answer = test::answer_of(model, one_row);
  EXPECT_EQ(answer.size(), 8U);
  EXPECT_EQ(test::answer_of(model, one_row), answer);
  EXPECT_THAT(refusal(model, {Tensor::view("x", DataType::float32, {1, 4}, one_row.data(), "cuda:1")}).message,
              HasSubstr("lies on cuda:1, the artefact runs on cuda:0"));
}

TEST(Run, AnswersAgainAfterARefusal) {
  const test::FakeArtifact artifact;
  const Model model = artifact.load();
  static_cast<void>(refusal(model, {}));
  EXPECT_EQ(test::answer_of(model, one_row).size(), 8U);
}

TEST(Run, PassesOnAnErrorOfTheEngine) {
  const test::FakeArtifact artifact({{"error-at", std::string("answers")}});
  const Model model = artifact.load();
  EXPECT_THAT(refusal(model, {Tensor::view("x", one_row, {1, 4})}).message, testing::Not(testing::IsEmpty()));
}

class RunWithTwoInputs : public testing::Test {
 protected:
  RunWithTwoInputs() {
    Manifest manifest = test::sample_manifest();
    const TensorSpec second = test::spec("mask", DataType::int64, {{-1, "batch"}});
    manifest.inputs.push_back(second);
    manifest.variants[0].inputs.push_back(test::spec("mask", DataType::int64, {{1, ""}}));
    manifest.variants[0].calls.clear();
    test::write_sample(folder_.path() / "best", manifest);
  }
  test::TemporaryFolder folder_;
  std::vector<std::int64_t> mask_{3};
};

TEST_F(RunWithTwoInputs, TakesThemByNameInAnyOrder) {
  const Model model = load(folder_.path() / "best");
  const Tensor x = Tensor::view("x", one_row, {1, 4});
  const Tensor mask = Tensor::view("mask", mask_, {1});
  const std::vector<Tensor> in_order = model.run({x, mask});
  const std::vector<Tensor> swapped = model.run({mask, x});
  EXPECT_TRUE(std::ranges::equal(in_order[0].values<float>(), swapped[0].values<float>()));
}

TEST_F(RunWithTwoInputs, RefusesNamesThatAreHalfGiven) {
  const Model model = load(folder_.path() / "best");
  const Tensor mask = Tensor::view("mask", mask_, {1});
  const Tensor nameless = Tensor::view("", one_row, {1, 4});
  EXPECT_THAT(refusal(model, {mask, nameless}).message, HasSubstr("input 0 is named 'mask' and others have no name"));
  EXPECT_NO_THROW(static_cast<void>(model.run({nameless, mask})));
}

TEST_F(RunWithTwoInputs, NamesTheInputThatIsMissing) {
  const Model model = load(folder_.path() / "best");
  const Tensor x = Tensor::view("x", one_row, {1, 4});
  EXPECT_THAT(refusal(model, {x, x}).message, HasSubstr("input 'mask' was not given"));
  EXPECT_THAT(refusal(model, {x, Tensor::view("maks", mask_, {1})}).message, HasSubstr("no input 'maks', did you mean 'mask'?"));
}

}  // namespace
}  // namespace podium
