#include "artifact/archive.h"

#include <gmock/gmock.h>
#include <zip.h>

#include "../temporary_folder.h"
#include "artifact/opened.h"
#include "artifact/write.h"
#include "sample_artifact.h"

namespace podium::artifact {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ArchivedArtifact : public testing::Test {
 protected:
  ArchivedArtifact() { test::write_sample(file_); }
  [[nodiscard]] std::string refusal() const {
    const auto opened = open(file_, true);
    return opened ? "" : opened.error().message;
  }
  /// Puts a member in, in the place of one of that name.
  void put(const std::string& name, const std::string& content, bool compressed = false) const {
    zip_t* archive = zip_open(file_.c_str(), 0, nullptr);
    ASSERT_NE(archive, nullptr);
    zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
    const zip_int64_t place = zip_file_add(archive, name.c_str(), source, ZIP_FL_OVERWRITE);
    zip_set_file_compression(archive, static_cast<zip_uint64_t>(place), compressed ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
    ASSERT_EQ(zip_close(archive), 0);
  }
  void remove(const std::string& name) const {
    zip_t* archive = zip_open(file_.c_str(), 0, nullptr);
    ASSERT_NE(archive, nullptr);
    zip_delete(archive, static_cast<zip_uint64_t>(zip_name_locate(archive, name.c_str(), 0)));
    ASSERT_EQ(zip_close(archive), 0);
  }

  test::TemporaryFolder folder_;
  fs::path file_ = folder_.path() / "best.zip";
};

TEST_F(ArchivedArtifact, IsOneFileThatOpensLikeTheFolder) {
  EXPECT_TRUE(fs::is_regular_file(file_));
  const auto opened = open(file_, true);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(test::slurp(opened->folder / "models/model.onnx"), "the model's bytes");
}

TEST_F(ArchivedArtifact, UnpacksToAFolderThatGoesWithIt) {
  fs::path unpacked;
  {
    const auto opened = open(file_, true);
    ASSERT_TRUE(opened);
    unpacked = opened->folder;
    EXPECT_TRUE(fs::exists(unpacked));
  }
  EXPECT_FALSE(fs::exists(unpacked));
}

TEST_F(ArchivedArtifact, ShowsItsManifestWithoutBeingUnpacked) {
  const auto manifest = read_manifest(file_);
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->model, "model.onnx");
}

TEST_F(ArchivedArtifact, IsReplacedOnlyWhereThatIsAskedFor) {
  EXPECT_FALSE(check_target(file_, false));
  EXPECT_TRUE(check_target(file_, true));
}

TEST_F(ArchivedArtifact, IsRefusedWhereAMemberWasChanged) {
  put("models/model.onnx", "the model's bytez");
  EXPECT_THAT(refusal(), HasSubstr("'models/model.onnx' was changed"));
}

TEST_F(ArchivedArtifact, IsRefusedWhereAMemberHasAnotherSize) {
  put("models/model.onnx", "short");
  EXPECT_THAT(refusal(), HasSubstr("holds 'models/model.onnx' with 5 bytes, 17 were written"));
}

TEST_F(ArchivedArtifact, IsRefusedWhereAMemberIsForeignOrMissing) {
  put("../escaped", "x");
  EXPECT_THAT(refusal(), HasSubstr("one is missing or foreign"));
  remove("models/model.onnx");
  EXPECT_THAT(refusal(), HasSubstr("holds '../escaped', which its manifest does not list"));
}

TEST_F(ArchivedArtifact, IsRefusedWhereAMemberIsCompressedSinceItCouldGrowWithoutEnd) {
  put("models/model.onnx", std::string(1 << 16, ' '), true);
  EXPECT_THAT(refusal(), HasSubstr("compressed, which Podium's archives are not"));
}

TEST_F(ArchivedArtifact, IsRefusedWhereItIsCutOff) {
  fs::resize_file(file_, fs::file_size(file_) / 2);
  EXPECT_THAT(refusal(), HasSubstr("cannot be read"));
}

TEST_F(ArchivedArtifact, IsRefusedWhereItIsNoArchive) {
  const fs::path text = folder_.write("text.zip", "not a zip at all");
  const auto opened = open(text, true);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::bad_input);
}

TEST_F(ArchivedArtifact, IsRefusedWithoutAManifest) {
  remove("artifact.json");
  EXPECT_THAT(refusal(), HasSubstr("is no artefact: it holds no artifact.json"));
}

}  // namespace
}  // namespace podium::artifact
