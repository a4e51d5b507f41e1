#include "import/exporter.h"

#include "import_fixture.h"

namespace podium::import {
namespace {

/// The exporter, played by a shell script: what it does when asked to describe is the test's business.
class PlayedExporter : public ImportTest {
 protected:
  std::vector<std::string> python(const std::string& on_describe, const std::string& versions = R"({"torch": "9.9"})") {
    const std::string script = R"(
what=$3 out= errors= asked=
while [ $# -gt 0 ]; do
  case $1 in --out) out=$2 ;; --error-file) errors=$2 ;; --request) asked=$2 ;; esac
  shift
done
if [ "$what" = versions ]; then echo ')" +
                               versions + R"(' > "$out/versions.json"; exit 0; fi
)" + on_describe;
    return {"/bin/sh", folder_.write("python.sh", script).string()};
  }
};

TEST_F(PlayedExporter, IsMissingWhereThereIsNoPython) {
  const auto model = import("torchvision:resnet18");
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::unavailable);
  EXPECT_THAT(model.error().remedy, HasSubstr("scripts/setup"));
}

TEST_F(PlayedExporter, IsMissingWherePythonDoesNotRunOrHasNoPyTorch) {
  EXPECT_EQ(import("torchvision:resnet18", {"/bin/false"}).error().code, ErrorCode::unavailable);
  const auto model = import("torchvision:resnet18", python("exit 0", R"({"torch": ""})"));
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::unavailable);
  EXPECT_THAT(model.error().message, HasSubstr("has none"));
}

TEST_F(PlayedExporter, HandsOnItsErrorWithCodeAndRemedy) {
  const auto model = import("torchvision:resnt", python(R"(
echo '{"error": {"code": "wrong_use", "message": "no such model", "remedy": "write resnet50"}}' > "$errors"; exit 1)"));
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::wrong_use);
  EXPECT_EQ(model.error().message, "no such model");
  EXPECT_EQ(model.error().remedy, "write resnet50");
}

TEST_F(PlayedExporter, ThatCrashesIsAFailureWithWhatItPrintedLast) {
  const auto model = import("torchvision:resnet18", python("echo last words; kill -SEGV $$"));
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::failed);
  EXPECT_THAT(model.error().message, HasSubstr("last words"));
}

TEST_F(PlayedExporter, ThatSaysNothingUsefulInItsErrorFileIsAFailure) {
  EXPECT_EQ(import("torchvision:resnet18", python("echo '[1]' > \"$errors\"; exit 1")).error().code, ErrorCode::failed);
}

TEST_F(PlayedExporter, TellsHowFarItIs) {
  (void)import("torchvision:resnet18", python("echo 'podium: building the model'; echo chatter; exit 1"));
  EXPECT_EQ(progress_, std::vector<std::string>{"building the model"});
}

TEST_F(PlayedExporter, IsStoppedWhereTheUserAsksForIt) {
  const auto interpreter = python("echo 'podium: asleep'; sleep 600");
  const auto model =
      import_model({"torchvision:resnet18", {}, {}, interpreter}, cache_, cancel_, [this](const std::string&) { cancel_.request(); });
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::cancelled);
}

TEST_F(PlayedExporter, LeavesNothingInTheCacheWhereItFails) {
  const std::string facts = R"({"sha256": "ab", "inputs": [], "outputs": [], "parameters": 1, "flops": null, "trained_weights": false})";
  ASSERT_FALSE(import("torchvision:resnet18", python("echo half > \"$out/facts.json\"; exit 1")));
  // The same key: only the script's content differs, which no key knows of.
  const auto model = import("torchvision:resnet18", python("echo '" + facts + "' > \"$out/facts.json\"; echo '{}' > \"$out/source.json\""));
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->facts().sha256, "ab");
  EXPECT_THAT(model->notices().at(0), HasSubstr("random"));
}

TEST_F(PlayedExporter, IsAskedAgainWhereAPackageHasChanged) {
  const auto exporter = Exporter::find(python(""), cancel_);
  ASSERT_TRUE(exporter) << exporter.error().message;
  const auto newer = Exporter::find(python("", R"({"torch": "10.0"})"), cancel_);
  ASSERT_TRUE(newer);
  EXPECT_NE(exporter->key_parts(), newer->key_parts());
}

TEST_F(PlayedExporter, RefusesWeightsThatAreNotThere) {
  const auto model = import("torchvision:resnet18", python(""), folder_.path() / "nowhere.pth");
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::bad_input);
  EXPECT_THAT(model.error().message, HasSubstr("nowhere.pth"));
}

}  // namespace
}  // namespace podium::import
