#include "artifact/write.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "../temporary_folder.h"
#include "artifact/opened.h"
#include "sample_artifact.h"

namespace podium::artifact {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

TEST(WriteArtifact, LeavesTheArtefactAndNothingElse) {
  const test::TemporaryFolder folder;
  test::write_sample(folder.path() / "best");
  EXPECT_THAT(names_in(folder.path()), testing::ElementsAre("best"));
  EXPECT_THAT(names_in(folder.path() / "best"), testing::ElementsAre("artifact.json", "models", "recorded"));
}

TEST(WriteArtifact, CopiesFilesAndRecordsTheirHashes) {
  const test::TemporaryFolder folder;
  const Manifest manifest = test::sample_manifest();
  Contents contents = test::sample_contents(manifest);
  contents.written.erase("models/model.onnx");
  contents.copied["models/model.onnx"] = folder.write("source.onnx", "abc");
  const auto written = write(folder.path() / "best", manifest, contents, false);
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(written->files.at("models/model.onnx").sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(written->files.at("models/model.onnx").bytes, 3);
  EXPECT_EQ(test::slurp(folder.path() / "best/models/model.onnx"), "abc");
}

TEST(WriteArtifact, TakesAFolderWithASlashAtItsEnd) {
  const test::TemporaryFolder folder;
  test::write_sample(folder.path() / "best/");
  EXPECT_TRUE(open(folder.path() / "best", true));
}

TEST(WriteArtifact, RefusesAPlaceThatIsTaken) {
  const test::TemporaryFolder folder;
  test::write_sample(folder.path() / "best");
  const auto refused = check_target(folder.path() / "best", false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::wrong_use);
  EXPECT_THAT(refused.error().remedy, HasSubstr("--overwrite"));
}

TEST(WriteArtifact, ReplacesAnArtefactWhereThatIsAskedFor) {
  const test::TemporaryFolder folder;
  test::write_sample(folder.path() / "best");
  Manifest other = test::sample_manifest({1, 8});
  other.model = "another";
  test::write_sample(folder.path() / "best", other, true);
  const auto opened = open(folder.path() / "best", true);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->manifest.model, "another");
  EXPECT_THAT(names_in(folder.path()), testing::ElementsAre("best"));
}

TEST(WriteArtifact, NeverReplacesWhatIsNoArtefact) {
  const test::TemporaryFolder folder;
  static_cast<void>(folder.write("precious/thesis.tex", "years of work"));
  const auto refused = check_target(folder.path() / "precious", true);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("is not replaced, since it is no artefact"));
  EXPECT_EQ(test::slurp(folder.path() / "precious/thesis.tex"), "years of work");
}

TEST(WriteArtifact, NamesAFolderThatIsNotThere) {
  const test::TemporaryFolder folder;
  const auto refused = check_target(folder.path() / "no/best", false);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("is not there"));
}

TEST(WriteArtifact, LeavesNothingWhereAFileCannotBeCopied) {
  const test::TemporaryFolder folder;
  const Manifest manifest = test::sample_manifest();
  Contents contents = test::sample_contents(manifest);
  contents.copied["models/more.bin"] = folder.path() / "missing.bin";
  const auto written = write(folder.path() / "best", manifest, contents, false);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("missing.bin"));
  EXPECT_TRUE(names_in(folder.path()).empty());
}

TEST(WriteArtifact, LeavesTheOldOneWhereTheNewDoesNotHoldTogether) {
  const test::TemporaryFolder folder;
  test::write_sample(folder.path() / "best");
  Manifest broken = test::sample_manifest();
  broken.variants[0].model = "models/other.onnx";
  ASSERT_FALSE(write(folder.path() / "best", broken, test::sample_contents(test::sample_manifest()), true));
  EXPECT_TRUE(open(folder.path() / "best", true));
}

TEST(WriteArtifact, RefusesContentsOutsideTheFolder) {
  const test::TemporaryFolder folder;
  const Manifest manifest = test::sample_manifest();
  Contents contents = test::sample_contents(manifest);
  contents.written["../escaped"] = "x";
  EXPECT_FALSE(write(folder.path() / "best", manifest, contents, false));
  EXPECT_TRUE(names_in(folder.path()).empty());
}

}  // namespace
}  // namespace podium::artifact
