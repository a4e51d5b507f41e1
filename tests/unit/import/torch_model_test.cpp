#include "import_fixture.h"

namespace podium::import {
namespace {

constexpr const char* module_text = R"(
import torch

class Small(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = torch.nn.Linear(4, 3)

    def forward(self, x):
        return self.inner(x)

def make():
    return Small(), torch.randn(1, 4)
)";

/// A model of the user's own, in the current folder, with the real PyTorch.
class TorchModel : public ImportTest {
 protected:
  void SetUp() override {
    python_ = python_with_torch();
    if (!python_) GTEST_SKIP() << "no Python with PyTorch is here";
    folder_.write("small_model.py", module_text);
    before_ = std::filesystem::current_path();
    std::filesystem::current_path(folder_.path());
  }
  void TearDown() override {
    if (!before_.empty()) std::filesystem::current_path(before_);
  }
  /// Four samples of the model's input, drawn from `seed`.
  std::filesystem::path npz_of(int seed) {
    const std::filesystem::path file = folder_.path() / ("samples" + std::to_string(seed) + ".npz");
    const std::string code = "import numpy; numpy.savez('" + file.string() + "', x=numpy.random.default_rng(" + std::to_string(seed) +
                             ").standard_normal((4, 4)).astype('float32'))";
    EXPECT_EQ(std::system(("'" + python_->front() + "' -c \"" + code + "\"").c_str()), 0);
    return file;
  }
  Result<ImportedModel> import_small() { return import("python:small_model:make", *python_); }

  std::optional<std::vector<std::string>> python_;
  std::filesystem::path before_;
};

TEST_F(TorchModel, IsDescribedAndBecomesOnnxOnce) {
  const auto model = import_small();
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->facts().origin, "torch");
  EXPECT_EQ(model->facts().parameters, 15);
  EXPECT_TRUE(model->facts().inputs.at(0).dimensions.at(0).is_free());
  const auto source = variant(*model, "torch");
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_THAT(test::slurp(source->path), HasSubstr("state.pt"));

  const auto made = variant(*model, "onnx");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_FALSE(made->cached);
  EXPECT_GT(made->build_s.value_or(0.0), 0.0);
  const auto again = import_small();
  ASSERT_TRUE(again);
  const auto found = variant(*again, "onnx");
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->cached);
  EXPECT_EQ(found->sha256, made->sha256);
  EXPECT_EQ(found->bytes, made->bytes);
}

TEST_F(TorchModel, IsTakenInAnewWhereItsCodeHasChanged) {
  const auto before = import_small();
  ASSERT_TRUE(before) << before.error().message;
  folder_.write("small_model.py", std::string(module_text) + "# another\n");
  const auto after = import_small();
  ASSERT_TRUE(after);
  EXPECT_NE(before->facts().sha256, after->facts().sha256);
}

TEST_F(TorchModel, BecomesAPackageThatIsAModelItself) {
  const auto model = import_small();
  ASSERT_TRUE(model) << model.error().message;
  const auto package = variant(*model, "aoti");
  ASSERT_TRUE(package) << package.error().message;
  EXPECT_THAT(progress_, ::testing::Contains("compiling with Inductor"));
  flush_denormals_ = true;
  EXPECT_TRUE(variant(*model, "aoti")->cached) << "an option that does not concern compiling made another package";
  const auto itself = import(package->path.string());
  ASSERT_TRUE(itself) << itself.error().message;
  EXPECT_EQ(itself->facts().inputs.at(0).name, "x");
  EXPECT_EQ(itself->facts().inputs.at(0).dimensions.at(1).size, 4);
  EXPECT_EQ(itself->facts().outputs.at(0).name, "output");
}

TEST_F(TorchModel, IsQuantizedOnceForEachCalibrationFile) {
  const auto model = import_small();
  ASSERT_TRUE(model) << model.error().message;
  const auto without = variant(*model, "torch", Precision::int8_static);
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, ErrorCode::unsupported);
  EXPECT_THAT(without.error().remedy, HasSubstr("--calibration"));

  calibration_ = npz_of(1);
  const auto quantized = variant(*model, "torch", Precision::int8_static);
  if (!quantized && quantized.error().code == ErrorCode::unavailable) GTEST_SKIP() << quantized.error().message;
  ASSERT_TRUE(quantized) << quantized.error().message;
  EXPECT_EQ(quantized->path.filename(), "source.json");
  const auto package = variant(*model, "aoti", Precision::int8_static);
  ASSERT_TRUE(package) << package.error().message;
  EXPECT_TRUE(variant(*model, "torch", Precision::int8_static)->cached);
  EXPECT_TRUE(variant(*model, "aoti", Precision::int8_static)->cached);

  calibration_ = npz_of(2);
  const auto other = variant(*model, "torch", Precision::int8_static);
  ASSERT_TRUE(other) << other.error().message;
  EXPECT_FALSE(other->cached);
  EXPECT_NE(other->sha256, quantized->sha256);
}

TEST_F(TorchModel, ThatDoesNotExistSaysWhereItWasLookedFor) {
  const auto model = import("python:no_such_module:make", *python_);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::bad_input);
  EXPECT_THAT(model.error().remedy, HasSubstr(folder_.path().string()));
}

TEST_F(TorchModel, OfAFileNamedLikePyTorchIsNotTakenForPyTorch) {
  folder_.write("torch.py", "raise SystemExit('taken for PyTorch')");
  const auto model = import("torchvision:no_such_model_at_all", *python_);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::wrong_use);
}

}  // namespace
}  // namespace podium::import
