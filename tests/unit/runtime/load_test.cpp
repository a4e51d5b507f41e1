#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

#include "artifact/manifest_json.h"
#include "fake_artifact.h"
#include "podium/version.h"

namespace podium {
namespace {

using testing::Contains;
using testing::HasSubstr;

TEST(Load, TellsWhatTheModelTakesAndGives) {
  const test::FakeArtifact artifact;
  const Model model = artifact.load();
  ASSERT_EQ(model.inputs().size(), 1U);
  EXPECT_EQ(model.inputs()[0].name, "x");
  EXPECT_EQ(model.outputs()[0].name, "output");
  EXPECT_EQ(model.manifest().variants[0].precision, Precision::fp32);
}

TEST(Load, TellsWhatDiffersFromWhereItWasMeasured) {
  const test::FakeArtifact artifact;
  EXPECT_THAT(artifact.load().notices(), Contains(HasSubstr("it was measured on some processor")));
}

TEST(Load, TellsAnotherVersionOfTheEngine) {
  Manifest manifest = test::sample_manifest();
  manifest.variants[0].engine_version = "0.0.9";
  const test::TemporaryFolder folder;
  test::write_sample(folder.path() / "best", manifest);
  EXPECT_THAT(load(folder.path() / "best").notices(), Contains(HasSubstr("it was measured with 0.0.9")));
}

TEST(Load, RefusesAChangedArtefactBeforeAnythingOfItIsRun) {
  const test::FakeArtifact artifact;
  std::ofstream(artifact.path() / "models/model.onnx") << "something else...";
  const Error error = test::error_of([&] { static_cast<void>(artifact.load()); });
  EXPECT_EQ(error.code, ErrorCode::bad_input);
  EXPECT_THAT(error.message, HasSubstr("was changed"));
  LoadOptions trusting;
  trusting.check_hashes = false;
  EXPECT_NO_THROW(static_cast<void>(artifact.load(trusting)));
}

TEST(Load, NamesTheCommandThatBringsAnEngineThatIsNotHere) {
  Manifest manifest = test::sample_manifest();
  manifest.variants[0].backend = "imaginary";
  manifest.variants[0].engine = "Imaginary Engine";
  manifest.install = {"pip install imaginary==3.1"};
  const test::TemporaryFolder folder;
  test::write_sample(folder.path() / "best", manifest);
  const Error error = test::error_of([&] { static_cast<void>(load(folder.path() / "best")); });
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_THAT(error.message, HasSubstr("the artefact needs Imaginary Engine (imaginary)"));
  EXPECT_EQ(error.remedy, "pip install imaginary==3.1");
}

TEST(Load, RefusesAnOptionThatTheEngineDoesNotHave) {
  const test::FakeArtifact artifact({{"lightning", true}});
  const Error error = test::error_of([&] { static_cast<void>(artifact.load()); });
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_THAT(error.message, HasSubstr("no option 'lightning'"));
}

TEST(Load, RefusesADeviceOfAKindThatIsNotHere) {
  Manifest manifest = test::sample_manifest();
  manifest.variants[0].device = "tpu:0";
  const test::TemporaryFolder folder;
  test::write_sample(folder.path() / "best", manifest);
  EXPECT_THAT(test::error_of([&] { static_cast<void>(load(folder.path() / "best")); }).message, HasSubstr("needs the device tpu:0"));
}

TEST(Load, RunsOnTheGpuThatIsHereWhereItWasMeasuredOnAnotherOfSeveral) {
  const test::FakeArtifact artifact({}, {1}, false, "cuda:1");
  const Model model = artifact.load();
  EXPECT_THAT(model.notices(), Contains(HasSubstr("it was measured on cuda:1, which is not here: it runs on cuda:0")));
  EXPECT_EQ(test::answer_of(model, {1, 2, 3, 4}).size(), 8U);
}

TEST(Load, PassesOnWhatTheEngineSaysOfAModelThatItCannotLoad) {
  const test::FakeArtifact artifact({{"refuse-at", std::string("load")}});
  EXPECT_EQ(test::error_of([&] { static_cast<void>(artifact.load()); }).code, ErrorCode::unsupported);
}

TEST(Load, RefusesNegativeNumbers) {
  const test::FakeArtifact artifact;
  LoadOptions options;
  options.threads = -1;
  EXPECT_EQ(test::error_of([&] { static_cast<void>(artifact.load(options)); }).code, ErrorCode::wrong_use);
}

TEST(Load, RefusesAPathWhereThereIsNothing) {
  EXPECT_THAT(test::error_of([] { static_cast<void>(load("/nonexistent/best")); }).message, HasSubstr("there is no artefact"));
}

TEST(Load, TakesAnArchiveToo) {
  const test::TemporaryFolder folder;
  test::write_sample(folder.path() / "best.zip");
  EXPECT_EQ(test::answer_of(load(folder.path() / "best.zip"), {1, 2, 3, 4}).size(), 8U);
  EXPECT_EQ(read_manifest(folder.path() / "best.zip").model, "model.onnx");
}

TEST(Load, GivesAModelWhoseCopiesShareTheEngine) {
  const test::FakeArtifact artifact;
  const Model* copy = nullptr;
  const auto kept = std::make_unique<Model>(artifact.load());
  Model other = *kept;
  copy = &other;
  EXPECT_EQ(&copy->manifest(), &kept->manifest());
}

}  // namespace
}  // namespace podium
