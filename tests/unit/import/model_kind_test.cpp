#include "import/model_kind.h"

#include "import_fixture.h"

namespace podium::import {
namespace {

TEST(ModelKind, IsToldByPrefixOrExtension) {
  EXPECT_EQ(kind_of_model("model.onnx")->kind, ModelKind::onnx_file);
  EXPECT_EQ(kind_of_model("a:b/model.pt2")->kind, ModelKind::pt2_file);
  EXPECT_EQ(kind_of_model("torchvision:resnet50")->kind, ModelKind::torchvision);
  EXPECT_EQ(kind_of_model("torchvision:resnet50")->rest, "resnet50");
  EXPECT_EQ(kind_of_model("hf:some/folder")->kind, ModelKind::hugging_face);
  EXPECT_EQ(kind_of_model("python:package.module:function")->rest, "package.module:function");
}

TEST(ModelKind, AnUnknownPrefixNamesTheNearestAndAllThatAreKnown) {
  const auto kind = kind_of_model("torchvison:resnet50");
  ASSERT_FALSE(kind);
  EXPECT_EQ(kind.error().code, ErrorCode::wrong_use);
  EXPECT_THAT(kind.error().message, HasSubstr("did you mean 'torchvision'?"));
  EXPECT_THAT(kind.error().remedy, HasSubstr("python:package.module:function"));
}

TEST(ModelKind, AKindThatIsNotKnownYetIsRefused) {
  EXPECT_THAT(kind_of_model("keras:some/folder").error().message, HasSubstr("'keras:' are not known"));
}

TEST(ModelKind, AFileOfAnotherKindAndAFolderAreRefusedAsWhatTheyAre) {
  const test::TemporaryFolder folder;
  EXPECT_THAT(kind_of_model(folder.write("weights.pth", "x").string()).error().message, HasSubstr("ends in '.pth'"));
  EXPECT_THAT(kind_of_model(folder.path().string()).error().message, HasSubstr("is a folder"));
  EXPECT_THAT(kind_of_model("resnet50").error().message, HasSubstr("neither a file nor a kind"));
}

TEST(ModelKind, ControlCharactersOfANameDoNotReachTheTerminal) {
  EXPECT_EQ(kind_of_model("evil\x1b[31m").error().message.find('\x1b'), std::string::npos);
}

class HuggingFace : public ImportTest {};

TEST_F(HuggingFace, AFolderWithoutConfigurationIsRefused) {
  const test::TemporaryFolder folder;
  const auto model = import("hf:" + folder.path().string());
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::bad_input);
  EXPECT_THAT(model.error().message, HasSubstr("no config.json"));
}

class Weights : public ImportTest {};

TEST_F(Weights, GoOnlyWithModelsThatHaveNone) {
  const auto model = import("model.onnx", {}, "weights.pth");
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::wrong_use);
  EXPECT_THAT(model.error().message, HasSubstr("--weights"));
}

}  // namespace
}  // namespace podium::import
