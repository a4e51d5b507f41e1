#include <zip.h>

#include "import/pt2_archive.h"
#include "import_fixture.h"

namespace podium::import {
namespace {

constexpr const char* wrapper = "m/data/aotinductor/model/abc.wrapper.so";
constexpr const char* metadata = "m/data/aotinductor/model/abc.wrapper_metadata.json";

/// Writes a zip archive of members and their contents.
std::string write_zip(const std::filesystem::path& file, const std::map<std::string, std::string>& members) {
  int error = 0;
  zip_t* archive = zip_open(file.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &error);
  for (const auto& [name, content] : members) {
    zip_file_add(archive, name.c_str(), zip_source_buffer(archive, content.data(), content.size(), 0), ZIP_FL_ENC_UTF_8);
  }
  EXPECT_EQ(zip_close(archive), 0);
  return file.string();
}

class Pt2File : public ImportTest {
 protected:
  std::string archive(const std::map<std::string, std::string>& members) { return write_zip(folder_.path() / "model.pt2", members); }
};

TEST_F(Pt2File, IsToldApartByWhatItHolds) {
  EXPECT_EQ(read_pt2_archive(archive({{"m/models/model.json", "{}"}}))->content, Pt2Archive::Content::exported_program);
  EXPECT_EQ(read_pt2_archive(archive({{"serialized_exported_program.json", "{}"}}))->content, Pt2Archive::Content::exported_program);
  EXPECT_EQ(read_pt2_archive(archive({{wrapper, "code"}}))->content, Pt2Archive::Content::aoti_package);
}

TEST_F(Pt2File, ThatIsMissingTruncatedOrSomethingElseIsBadInput) {
  EXPECT_THAT(read_pt2_archive(folder_.path() / "nowhere.pt2").error().message, HasSubstr("there is no file"));
  EXPECT_THAT(read_pt2_archive(folder_.write("text.pt2", "hello")).error().message, HasSubstr("damaged or no .pt2 file"));
  EXPECT_THAT(read_pt2_archive(archive({{"readme.txt", "hello"}})).error().message, HasSubstr("neither an exported program nor"));
  const std::string whole = test::slurp(archive({{wrapper, std::string(5000, 'x')}}));
  const auto truncated = read_pt2_archive(folder_.write("short.pt2", whole.substr(0, whole.size() - 60)));
  ASSERT_FALSE(truncated);
  EXPECT_EQ(truncated.error().code, ErrorCode::bad_input);
}

TEST_F(Pt2File, ThatIsAPackageOfPodiumsTellsItsTensorsAndRunsAsItIs) {
  const std::string text = R"({"podium.inputs": "[{\"name\": \"x\", \"type\": \"float32\", \"shape\": [2, 4]}]",
    "podium.output_specs": "[{\"name\": \"y\", \"type\": \"float32\", \"shape\": [2, 3]}]", "podium.precision": "bf16"})";
  const auto model = import(archive({{wrapper, "code"}, {metadata, text}}));
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->facts().origin, "torch");
  ASSERT_EQ(model->facts().inputs.size(), 1U);
  EXPECT_EQ(model->facts().inputs[0].dimensions[0].size, 2);
  EXPECT_EQ(model->facts().outputs.at(0).name, "y");
  ASSERT_EQ(model->notices().size(), 1U);
  EXPECT_THAT(model->notices()[0], HasSubstr("compiled code"));
  EXPECT_TRUE(variant(*model, "aoti", Precision::bf16));
  EXPECT_EQ(variant(*model, "aoti", Precision::fp32).error().remedy, "--precisions bf16");
  EXPECT_EQ(variant(*model, "onnx", Precision::bf16).error().code, ErrorCode::unsupported);
  EXPECT_EQ(variant(*model, "torch", Precision::bf16).error().code, ErrorCode::unsupported);
}

TEST_F(Pt2File, ThatIsAForeignPackageNeedsTheShapeOfItsInput) {
  const std::string file = archive({{wrapper, "code"}, {metadata, R"({"AOTI_DEVICE_KEY": "cpu"})"}});
  const auto refused = import(file);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::wrong_use);
  EXPECT_THAT(refused.error().remedy, HasSubstr("--shape"));
  shapes_["picture"] = {1, 3, 8, 8};
  const auto model = import(file);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->facts().inputs.at(0).name, "picture");
  EXPECT_TRUE(variant(*model, "aoti"));
}

TEST_F(Pt2File, WithDamagedMetadataIsTakenForAForeignPackage) {
  const std::string file = archive({{wrapper, "code"}, {metadata, R"({"podium.inputs": "[{\"name\": 7}]"})"}});
  EXPECT_EQ(import(file).error().code, ErrorCode::wrong_use);
}

TEST_F(Pt2File, ThatIsAProgramNeedsPyTorch) {
  const auto model = import(archive({{"m/models/model.json", "{}"}}));
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::unavailable);
}

TEST_F(Pt2File, ThatOnlyLooksLikeAProgramIsBadInputToPyTorch) {
  const auto python = python_with_torch();
  if (!python) GTEST_SKIP() << "no Python with PyTorch is here";
  const auto model = import(archive({{"m/models/model.json", "{}"}}), *python);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::bad_input);
  EXPECT_THAT(model.error().remedy, HasSubstr("torch.export.save"));
}

}  // namespace
}  // namespace podium::import
