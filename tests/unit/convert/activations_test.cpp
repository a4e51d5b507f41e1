#include "convert/activations.h"

#include "../onnx/model_builder.h"

namespace podium::convert {
namespace {

using onnx::ModelBuilder;

/// x → Relu → a → Sigmoid → b → Tanh → y
void build_chain(ModelBuilder& builder) {
  builder.input("x", {"batch", 4}).output("y", {"batch", 4});
  builder.node("Relu", {"x"}, {"a"});
  builder.node("Sigmoid", {"a"}, {"b"});
  builder.node("Tanh", {"b"}, {"y"});
}

TEST(WithOutputs, HandsOutTheValuesInThatOrderAndComputesNothingElse) {
  ModelBuilder builder;
  build_chain(builder);
  const std::vector<std::string> values{"b", "a"};
  const auto model = with_outputs(builder.model(), values);
  ASSERT_TRUE(model) << model.error().message;
  ASSERT_EQ(model->graph().output_size(), 2);
  EXPECT_EQ(model->graph().output(0).name(), "b");
  EXPECT_EQ(model->graph().output(1).name(), "a");
  EXPECT_EQ(model->graph().output(0).type().tensor_type().elem_type(), ::onnx::TensorProto::FLOAT);
  EXPECT_EQ(model->graph().node_size(), 2);
  EXPECT_EQ(builder.graph().node_size(), 3);
}

TEST(WithOutputs, NamesAValueThatIsNotThere) {
  ModelBuilder builder;
  build_chain(builder);
  const std::vector<std::string> values{"nothing"};
  const auto model = with_outputs(builder.model(), values);
  ASSERT_FALSE(model);
  EXPECT_THAT(model.error().message, testing::HasSubstr("'nothing'"));
}

}  // namespace
}  // namespace podium::convert
