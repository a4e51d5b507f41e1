#include "../onnx/model_builder.h"
#include "import_fixture.h"

namespace podium::import {
namespace {

class OnnxFile : public ImportTest {
 protected:
  std::string write_model(const std::string& name = "model.onnx") {
    onnx::ModelBuilder builder;
    builder.input("x", {"batch", 4}).output("y", {"batch", 4});
    builder.weight("w", {4, 4});
    builder.node("MatMul", {"x", "w"}, {"y"});
    return folder_.write(name, builder.model().SerializeAsString()).string();
  }
};

TEST_F(OnnxFile, IsTakenInWithoutPython) {
  const std::string file = write_model();
  const auto model = import(file);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->facts().origin, "onnx");
  EXPECT_EQ(model->facts().name, file);
  EXPECT_EQ(model->facts().parameters, 16);
  ASSERT_EQ(model->facts().inputs.size(), 1U);
  EXPECT_TRUE(model->facts().inputs[0].dimensions[0].is_free());
  const auto onnx = variant(*model, "onnx");
  ASSERT_TRUE(onnx) << onnx.error().message;
  EXPECT_EQ(onnx->path, file);
  EXPECT_EQ(onnx->sha256, model->facts().sha256);
  EXPECT_FALSE(onnx->build_s);
}

TEST_F(OnnxFile, IsTheSameFileForEnginesThatComputeInBfloat16) {
  const auto model = import(write_model());
  ASSERT_TRUE(model);
  EXPECT_EQ(variant(*model, "onnx", Precision::bf16)->path, variant(*model, "onnx")->path);
  const auto half = variant(*model, "onnx", Precision::fp16);
  ASSERT_FALSE(half);
  EXPECT_EQ(half.error().code, ErrorCode::unsupported);
}

TEST_F(OnnxFile, NeedsPythonForPyTorchOnlyAndSaysSo) {
  const auto model = import(write_model());
  ASSERT_TRUE(model);
  for (const char* format : {"torch", "aoti"}) {
    const auto made = variant(*model, format);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::unavailable);
    EXPECT_THAT(made.error().remedy, HasSubstr("PODIUM_PYTHON"));
  }
}

TEST_F(OnnxFile, CannotBeHadInAFormatThatNobodyKnows) {
  const auto model = import(write_model());
  ASSERT_TRUE(model);
  EXPECT_EQ(variant(*model, "caffe").error().code, ErrorCode::unsupported);
}

TEST_F(OnnxFile, IsHashedWithTheFilesThatHoldItsWeights) {
  onnx::ModelBuilder builder;
  builder.input("x", {"batch", 4}).output("y", {"batch", 4});
  auto& weight = builder.weight("w", {4, 4});
  weight.clear_raw_data();
  weight.set_data_location(::onnx::TensorProto::EXTERNAL);
  auto& location = *weight.add_external_data();
  location.set_key("location");
  location.set_value("weights.bin");
  builder.node("MatMul", {"x", "w"}, {"y"});
  const std::string file = folder_.write("model.onnx", builder.model().SerializeAsString()).string();
  folder_.write("weights.bin", std::string(64, 'a'));
  const auto before = import(file);
  ASSERT_TRUE(before) << before.error().message;
  folder_.write("weights.bin", std::string(64, 'b'));
  const auto after = import(file);
  ASSERT_TRUE(after);
  EXPECT_NE(before->facts().sha256, after->facts().sha256);
  EXPECT_GT(variant(*after, "onnx")->bytes, 64);
}

TEST_F(OnnxFile, ThatIsMissingOrDamagedIsBadInput) {
  EXPECT_EQ(import((folder_.path() / "nowhere.onnx").string()).error().code, ErrorCode::bad_input);
  EXPECT_EQ(import(folder_.write("damaged.onnx", "not protobuf at all").string()).error().code, ErrorCode::bad_input);
}

TEST_F(OnnxFile, IsDescribedForPyTorchWhereThereIsOne) {
  const auto python = python_with_torch();
  if (!python) GTEST_SKIP() << "no Python with PyTorch is here";
  const auto model = import(write_model(), *python);
  ASSERT_TRUE(model);
  const auto torch = variant(*model, "torch");
  ASSERT_TRUE(torch) << torch.error().message;
  EXPECT_EQ(torch->path.filename(), "source.json");
  EXPECT_THAT(test::slurp(torch->path), HasSubstr("model.onnx"));
}

}  // namespace
}  // namespace podium::import
