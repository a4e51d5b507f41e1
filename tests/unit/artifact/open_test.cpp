#include "artifact/opened.h"

#include <gmock/gmock.h>

#include "../temporary_folder.h"
#include "artifact/artifact_files.h"
#include "artifact/manifest_json.h"
#include "sample_artifact.h"

namespace podium::artifact {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class OpenedArtifact : public testing::Test {
 protected:
  OpenedArtifact() { test::write_sample(path_); }
  [[nodiscard]] Error refusal(bool check_hashes = true) const {
    const auto opened = artifact::open(path_, check_hashes);
    if (opened) return {ErrorCode::failed, "it was not refused", "x"};
    return opened.error();
  }
  void write(const std::string& name, std::string_view content) { static_cast<void>(folder_.write("best/" + name, content)); }

  test::TemporaryFolder folder_;
  fs::path path_ = folder_.path() / "best";
};

TEST_F(OpenedArtifact, IsThereWithAllItsFiles) {
  const auto opened = artifact::open(path_, true);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->manifest.variants.size(), 1U);
  EXPECT_EQ(test::slurp(opened->folder / opened->manifest.variants[0].model), "the model's bytes");
}

TEST_F(OpenedArtifact, OpensAfterItWasMoved) {
  fs::rename(path_, folder_.path() / "elsewhere");
  EXPECT_TRUE(artifact::open(folder_.path() / "elsewhere", true));
}

TEST_F(OpenedArtifact, IsRefusedWhereAFileWasChanged) {
  write("models/model.onnx", "the model's bytez");
  const Error error = refusal();
  EXPECT_EQ(error.code, ErrorCode::bad_input);
  EXPECT_THAT(error.message, HasSubstr("'models/model.onnx' was changed: its SHA-256 is not the recorded one"));
  EXPECT_THAT(error.remedy, HasSubstr("podium pack"));
}

TEST_F(OpenedArtifact, LetsAChangeOfEqualLengthPassWhereHashesAreNotAskedFor) {
  write("models/model.onnx", "the model's bytez");
  EXPECT_TRUE(artifact::open(path_, false));
}

TEST_F(OpenedArtifact, IsRefusedWhereAFileIsCutOff) {
  write("models/model.onnx", "the model's");
  EXPECT_THAT(refusal(false).message, HasSubstr("'models/model.onnx' is cut off: it has 11 bytes of 17"));
}

TEST_F(OpenedArtifact, IsRefusedWhereAFileHasGrown) {
  write("models/model.onnx", "the model's bytes and more");
  EXPECT_THAT(refusal(false).message, HasSubstr("was changed: it has 26 bytes, 17 were written"));
}

TEST_F(OpenedArtifact, IsRefusedWhereAFileIsMissing) {
  fs::remove(path_ / "models/model.onnx");
  EXPECT_THAT(refusal().message, HasSubstr("'models/model.onnx' is missing"));
}

TEST_F(OpenedArtifact, IsRefusedWhereAFileIsForeign) {
  write("models/model.onnx.data", "weights of somebody else");
  const Error error = refusal();
  EXPECT_THAT(error.message, HasSubstr("'models/model.onnx.data' is foreign: the manifest does not list it"));
  EXPECT_THAT(error.remedy, HasSubstr("move it out"));
}

TEST_F(OpenedArtifact, IsRefusedWhereAFileIsALinkToElsewhere) {
  const fs::path outside = folder_.write("outside", "the model's bytes");
  fs::remove(path_ / "models/model.onnx");
  fs::create_symlink(outside, path_ / "models/model.onnx");
  EXPECT_THAT(refusal().message, HasSubstr("is no plain file but a link"));
}

TEST_F(OpenedArtifact, IsRefusedWhereAFolderIsALinkToElsewhere) {
  fs::rename(path_ / "models", folder_.path() / "models");
  fs::create_directory_symlink(folder_.path() / "models", path_ / "models");
  EXPECT_THAT(refusal().message, HasSubstr("'models' is foreign"));
}

TEST_F(OpenedArtifact, IsRefusedWhereTheManifestNamesAPathOutside) {
  Manifest manifest = *artifact::read_manifest(path_);
  manifest.files["../secret"] = {std::string(64, 'a'), 1};
  write("artifact.json", to_json(manifest));
  EXPECT_THAT(refusal().message, HasSubstr("the path '../secret' leaves the folder"));
}

TEST_F(OpenedArtifact, IsRefusedWhereTheManifestIsMissing) {
  fs::remove(path_ / "artifact.json");
  EXPECT_THAT(refusal().message, HasSubstr("is no artefact: it holds no artifact.json"));
}

TEST_F(OpenedArtifact, IsRefusedWhereTheManifestIsHuge) {
  write("artifact.json", std::string(manifest_limit + 1, ' '));
  EXPECT_THAT(refusal().message, HasSubstr("it is larger than"));
}

TEST_F(OpenedArtifact, IsRefusedWhereThereIsNone) {
  const auto opened = artifact::open(folder_.path() / "nothing", true);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("there is no artefact"));
}

TEST_F(OpenedArtifact, LendsTheBytesOfARecordedTensor) {
  const auto opened = artifact::open(path_, true);
  ASSERT_TRUE(opened);
  const ArtifactVariant& variant = opened->manifest.variants[0];
  const auto bytes = read_recorded(opened->folder, variant, variant.calls[0].outputs[0]);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->size(), 32U);
  RecordedTensor beyond = variant.calls[0].outputs[0];
  beyond.offset = 40;
  const auto cut_off = read_recorded(opened->folder, variant, beyond);
  ASSERT_FALSE(cut_off);
  EXPECT_THAT(cut_off.error().message, HasSubstr("ends before the recorded tensor 'output'"));
}

}  // namespace
}  // namespace podium::artifact
