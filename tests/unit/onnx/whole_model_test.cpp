#include "onnx/whole_model.h"

#include <numeric>

#include "model_builder.h"

namespace podium::onnx {
namespace {

using testing::HasSubstr;

/// A model with one weight in the file of the tests' own, from byte 8 on.
void put_outside(ModelBuilder& builder, const std::vector<float>& values) {
  std::string data(8, 'x');
  data.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  builder.folder().write("weights.bin", data);
  auto& tensor = *builder.graph().mutable_initializer(0);
  tensor.clear_raw_data();
  tensor.set_data_location(::onnx::TensorProto::EXTERNAL);
  for (const auto& [key, value] : {std::pair{"location", "weights.bin"}, {"offset", "8"}}) {
    auto& entry = *tensor.add_external_data();
    entry.set_key(key);
    entry.set_value(value);
  }
}

TEST(WholeModel, BringsExternalWeightsIn) {
  ModelBuilder builder;
  build_small_model(builder);
  std::vector<float> values(12);
  std::iota(values.begin(), values.end(), 1.0F);
  put_outside(builder, values);
  const auto model = read_whole(builder.write());
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(floats_of((*model)->graph().initializer(0)).value(), values);
  EXPECT_EQ((*model)->graph().initializer(0).external_data_size(), 0);
}

TEST(WholeModel, TakesNoMoreMemoryThanThereIs) {
  ModelBuilder builder;
  build_small_model(builder);
  put_outside(builder, std::vector<float>(12));
  for (int i = 0; i < 10; ++i) {
    *builder.graph().add_initializer() = builder.graph().initializer(0);  // all of them the same bytes
    builder.graph().mutable_initializer(i + 1)->set_name("again" + std::to_string(i));
  }
  ReadLimits limits;
  limits.weight_bytes = 100;
  const auto model = read_whole(builder.write(), limits);
  ASSERT_FALSE(model);
  EXPECT_THAT(model.error().message, HasSubstr("more than the 100 B"));
}

TEST(WholeModel, ComesBackFromOneFile) {
  ModelBuilder builder;
  build_small_model(builder);
  const auto file = builder.folder().path() / "copy.onnx";
  const auto written = write_model(builder.model(), file);
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_THAT(*written, testing::ElementsAre(file));
  const auto model = read_whole(file);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ((*model)->SerializeAsString(), builder.model().SerializeAsString());
}

TEST(WholeModel, ComesBackFromAFileAndItsData) {
  ModelBuilder builder;
  build_small_model(builder);
  std::vector<float> values(1000);
  std::iota(values.begin(), values.end(), 0.0F);
  builder.floats("large", {10, 100}, values);
  builder.floats("larger", {1000}, values);
  builder.model().add_metadata_props()->set_key("kept");
  const auto file = builder.folder().path() / "copy.onnx";
  const auto written = write_model(builder.model(), file, {.largest_single_file = 100});
  ASSERT_TRUE(written) << written.error().message;
  ASSERT_EQ(written->size(), 2U);
  EXPECT_EQ((*written)[1].filename(), "copy.onnx.data");
  EXPECT_LT(std::filesystem::file_size(file), 2000U);
  EXPECT_TRUE(Model::read(file));
  const auto model = read_whole(file);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ((*model)->SerializeAsString(), builder.model().SerializeAsString());
}

TEST(WholeModel, TellsWhereItCannotWrite) {
  ModelBuilder builder;
  build_small_model(builder);
  const auto written = write_model(builder.model(), builder.folder().path() / "no/such/folder/m.onnx");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::io);
}

TEST(WholeModel, TellsItsOperatorSet) {
  ModelBuilder builder;
  EXPECT_EQ(opset_of(builder.model()), 17);
  builder.model().clear_opset_import();
  EXPECT_EQ(opset_of(builder.model()), 1);
}

}  // namespace
}  // namespace podium::onnx
