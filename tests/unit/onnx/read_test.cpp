#include "model_builder.h"

namespace podium::onnx {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(ReadModel, TellsInputsAndOutputsWithTheirFreeAxes) {
  ModelBuilder builder;
  build_small_model(builder);
  builder.input("ids", {"batch", -1, 7}, 7);
  const Model model = builder.read().value();
  ASSERT_EQ(model.inputs().size(), 2U);
  EXPECT_EQ(model.inputs()[0].name, "x");
  EXPECT_EQ(model.inputs()[0].type, DataType::float32);
  EXPECT_TRUE(model.inputs()[0].dimensions[0].is_free());
  EXPECT_EQ(model.inputs()[0].dimensions[0].name, "batch");
  EXPECT_EQ(model.inputs()[0].dimensions[1].size, 4);
  EXPECT_EQ(model.inputs()[1].type, DataType::int64);
  EXPECT_TRUE(model.inputs()[1].dimensions[1].is_free());
  ASSERT_EQ(model.outputs().size(), 1U);
  EXPECT_EQ(model.outputs()[0].dimensions[1].size, 3);
}

TEST(ReadModel, TellsWhatIsInIt) {
  ModelBuilder builder;
  build_small_model(builder);
  builder.model().set_producer_version("1.0");
  builder.model().add_opset_import()->set_domain("com.microsoft");
  builder.integers("indices", {1, 2, 3});
  builder.node("Gelu", {"y"}, {"z"}).set_domain("com.microsoft");
  const Model model = builder.read().value();
  EXPECT_EQ(model.producer(), "test 1.0");
  EXPECT_THAT(model.opsets(),
              ElementsAre(Pair("ai.onnx", 17), Pair("com.microsoft", 0)));
  EXPECT_THAT(model.operators(),
              ElementsAre(Pair("MatMul", 1), Pair("com.microsoft.Gelu", 1)));
  EXPECT_EQ(model.parameters(), 12);
  EXPECT_THAT(model.weight_bytes_by_type(),
              ElementsAre(Pair("float32", 48), Pair("int64", 24)));
}

TEST(ReadModel, DoesNotTakeInitializersForInputs) {
  ModelBuilder builder;
  build_small_model(builder);
  builder.input("w", {4, 3}); // as models before IR version 4 do
  EXPECT_EQ(builder.read()->inputs().size(), 1U);
}

TEST(ReadModel, CountsOperatorsAndWeightsOfSubgraphs) {
  ModelBuilder builder;
  build_small_model(builder);
  auto &branch = *builder.node("If", {"c"}, {"z"}).add_attribute();
  branch.set_name("then_branch");
  branch.mutable_g()->add_node()->set_op_type("Relu");
  auto &weight = *branch.mutable_g()->add_initializer();
  weight.set_data_type(10);
  weight.add_dims(5);
  weight.set_raw_data(std::string(10, '\0'));
  const Model model = builder.read().value();
  EXPECT_EQ(model.operators().at("Relu"), 1);
  EXPECT_EQ(model.parameters(), 17);
  EXPECT_EQ(model.weight_bytes_by_type().at("float16"), 10);
}

TEST(ReadModel, CountsConstantNodesAndPackedIntegersAmongTheWeights) {
  ModelBuilder builder;
  build_small_model(builder);
  auto &value = *builder.node("Constant", {}, {"c"}).add_attribute();
  value.set_name("value");
  value.mutable_t()->set_data_type(::onnx::TensorProto::INT4);
  value.mutable_t()->add_dims(5);
  value.mutable_t()->set_raw_data("abc");
  EXPECT_EQ(builder.read()->weight_bytes_by_type().at("int4"), 3);
}

TEST(ReadModel, LeavesOutOutputsThatAreNoTensors) {
  ModelBuilder builder;
  build_small_model(builder);
  auto &output = *builder.graph().add_output();
  output.set_name("probabilities");
  output.mutable_type()
      ->mutable_sequence_type()
      ->mutable_elem_type()
      ->mutable_map_type()
      ->set_key_type(7);
  EXPECT_EQ(builder.read()->outputs().size(), 1U);
}

TEST(ReadModel, NamesAnOutputThatIsNoTensorWhereThereIsNoOther) {
  ModelBuilder builder;
  builder.input("x", {1});
  auto &output = *builder.graph().add_output();
  output.set_name("probabilities");
  output.mutable_type()->mutable_sequence_type();
  expect_refused(builder.read(), ErrorCode::unsupported,
                 "output 'probabilities' is a sequence");
}

TEST(ReadModel, NamesInputsThatCannotBeFed) {
  const auto refuse = [](auto &&change, const std::string &part) {
    ModelBuilder builder;
    build_small_model(builder);
    auto &input = *builder.graph().add_input();
    input.set_name("odd");
    change(*input.mutable_type());
    expect_refused(builder.read(), ErrorCode::unsupported, part);
  };
  refuse([](auto &type) { type.mutable_sequence_type(); },
         "input 'odd' is a sequence");
  refuse([](auto &type) { type.mutable_map_type(); }, "input 'odd' is a map");
  refuse([](auto &type) { type.mutable_optional_type(); },
         "input 'odd' is an optional value");
  refuse([](auto &type) { type.mutable_sparse_tensor_type(); },
         "input 'odd' is a sparse tensor");
  refuse([](auto &type) { type.mutable_tensor_type()->set_elem_type(8); },
         "holds elements of type string");
  refuse([](auto &type) { type.mutable_tensor_type()->set_elem_type(99); },
         "holds elements of type number 99");
  refuse([](auto &type) { type.mutable_tensor_type()->set_elem_type(1); },
         "declares no shape");
}

TEST(ReadModel, RefusesInputsAndOutputsThatMakeNoSense) {
  const auto refuse = [](auto &&change, const std::string &part) {
    ModelBuilder builder;
    build_small_model(builder);
    change(builder);
    expect_refused(builder.read(), ErrorCode::bad_input, part);
  };
  refuse([](ModelBuilder &builder) { builder.input("", {1}); }, "has no name");
  refuse([](ModelBuilder &builder) { builder.input("x", {1}); },
         "input 'x' is there twice");
  refuse([](ModelBuilder &builder) { builder.input("a", {-7}); },
         "an axis of size -7");
  refuse(
      [](ModelBuilder &builder) {
        builder.input("a", {std::int64_t{1} << 40, std::int64_t{1} << 40});
      },
      "larger than any memory");
  refuse(
      [](ModelBuilder &builder) { builder.graph().add_input()->set_name("a"); },
      "input 'a' has no type");
  refuse([](ModelBuilder &builder) { builder.graph().clear_output(); },
         "no output");
}

TEST(ReadModel, KeepsHostileNamesFromDrivingTheTerminal) {
  ModelBuilder builder;
  build_small_model(builder);
  builder.input("\x1b[2J" + std::string(10'000, 'a'), {-7});
  const auto model = builder.read();
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().message.find('\x1b'), std::string::npos);
  EXPECT_LT(model.error().message.size(), 400U);
}

} // namespace
} // namespace podium::onnx
