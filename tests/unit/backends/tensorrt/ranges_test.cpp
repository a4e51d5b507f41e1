#include "backends/tensorrt/ranges.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "backends/tensorrt/wire.h"

namespace podium::tensorrt {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

/// ONNX by hand, as the engine's backend reads it.
struct Onnx {
  std::string graph;

  Onnx& node(const std::string& type, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs,
             const std::string& attribute = "") {
    std::string bytes;
    for (const std::string& input : inputs) wire::append_bytes(bytes, 1, input);
    for (const std::string& output : outputs) wire::append_bytes(bytes, 2, output);
    wire::append_bytes(bytes, 4, type);
    if (!attribute.empty()) wire::append_bytes(bytes, 5, attribute);
    wire::append_bytes(graph, 1, bytes);
    return *this;
  }
  Onnx& tensor(const std::string& name, const std::vector<float>& values) {
    std::string bytes;
    if (values.size() != 1) wire::append_bytes(bytes, 1, std::string(1, static_cast<char>(values.size())));  // dims, packed
    wire::append_bytes(bytes, 8, name);
    wire::append_bytes(bytes, 9, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
    wire::append_bytes(graph, 5, bytes);
    return *this;
  }
  /// A pair of Q and DQ between `value` and `value + "_dq"`.
  Onnx& pair(const std::string& value, float scale) {
    tensor(value + "_scale", {scale});
    return node("QuantizeLinear", {value, value + "_scale"}, {value + "_q"})
        .node("DequantizeLinear", {value + "_q", value + "_scale"}, {value + "_dq"});
  }
  Onnx& weights(const std::string& name) {
    tensor(name, {1, 2}).tensor(name + "_scale", {0.1F, 0.2F});
    return node("QuantizeLinear", {name, name + "_scale"}, {name + "_q"})
        .node("DequantizeLinear", {name + "_q", name + "_scale"}, {name + "_dq"});
  }
  Onnx& output(const std::string& name) {
    std::string bytes;
    wire::append_bytes(bytes, 1, name);
    wire::append_bytes(graph, 12, bytes);
    return *this;
  }
  [[nodiscard]] std::string file() const {
    std::string bytes("\x08\x08", 2);  // ir_version
    wire::append_bytes(bytes, 7, graph);
    return bytes + std::string("\x42\x02\x10\x11", 4);  // opset_import behind it
  }
};

/// "Conv x,w -> c" for each node of a file.
std::vector<std::string> nodes_of(const std::string& file) {
  std::vector<std::string> nodes;
  const auto model = wire::fields_of(file).value();
  const auto graph = wire::fields_of(wire::bytes_of(model, 7)).value();
  for (const wire::Field& field : graph) {
    if (field.number != 1) continue;
    std::string inputs;
    std::string outputs;
    std::string type;
    const auto node = wire::fields_of(field.bytes).value();
    for (const wire::Field& part : node) {
      if (part.number == 1) inputs += (inputs.empty() ? "" : ",") + std::string(part.bytes);
      if (part.number == 2) outputs += std::string(part.bytes);
      if (part.number == 4) type = part.bytes;
    }
    nodes.push_back(type + " " + inputs + " -> " + outputs);
  }
  return nodes;
}

TEST(TensorRtRanges, ComeFromThePairsThatAreTakenOut) {
  std::string attribute;
  wire::append_bytes(attribute, 1, "kernel");
  Onnx model;
  model.pair("x", 0.5F).weights("w").node("Conv", {"x_dq", "w_dq"}, {"c"}, attribute).pair("c", 0.25F).weights("v");
  model.node("MatMul", {"c_dq", "v_dq"}, {"y"}).output("y");
  const auto taken = take_out_quantization(model.file());
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_THAT(nodes_of(taken->onnx), ElementsAre("Conv x,w -> c", "MatMul c,v -> y"));
  EXPECT_THAT(taken->ranges, ElementsAre(Pair("c", FloatEq(31.75F)), Pair("x", FloatEq(63.5F))));
  EXPECT_THAT(taken->onnx, AllOf(HasSubstr("kernel"), HasSubstr("\x42\x02\x10\x11"))) << "what it does not know stays as it is";
}

TEST(TensorRtRanges, AreGivenToWhatLiesWithinAKernel) {
  // A residual block: conv -> Add (whose other input is quantized) -> Relu -> pair, then pooling.
  Onnx model;
  model.pair("x", 1.0F).weights("w").node("Conv", {"x_dq", "w_dq"}, {"c"}).node("Add", {"c", "x_dq"}, {"s"});
  model.node("Relu", {"s"}, {"r"}).pair("r", 2.0F).node("MaxPool", {"r_dq"}, {"p"}).output("p");
  const auto taken = take_out_quantization(model.file());
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_THAT(nodes_of(taken->onnx), ElementsAre("Conv x,w -> c", "Add c,x -> s", "Relu s -> r", "MaxPool r -> p"));
  EXPECT_THAT(taken->ranges, UnorderedElementsAre(Pair("x", FloatEq(127)), Pair("r", FloatEq(254)), Pair("s", FloatEq(254)),
                                                  Pair("c", FloatEq(381)), Pair("p", FloatEq(254))));
}

TEST(TensorRtRanges, AreNotGivenToWhatOthersReadToo) {
  Onnx model;
  model.pair("x", 1.0F).node("Conv", {"x_dq"}, {"c"}).node("Relu", {"c"}, {"r"}).pair("r", 1.0F).node("Sigmoid", {"c"}, {"g"});
  model.node("Mul", {"r_dq", "g"}, {"y"}).output("y");
  const auto taken = take_out_quantization(model.file());
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_THAT(taken->ranges, UnorderedElementsAre(Pair("x", FloatEq(127)), Pair("r", FloatEq(127))))
      << "below zero, the gate reads of c what the Relu cuts off";
}

struct Refusal {
  const char* name;
  std::string file;
  const char* says;
};
void PrintTo(const Refusal& refusal, std::ostream* out) {
  *out << refusal.name;
}

class WhatHasNoRanges : public ::testing::TestWithParam<Refusal> {};

TEST_P(WhatHasNoRanges, IsRefusedWithTheReason) {
  const auto taken = take_out_quantization(GetParam().file);
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().message, HasSubstr(GetParam().says));
  EXPECT_FALSE(taken.error().remedy.empty());
}

std::string graph_attribute() {
  std::string attribute;
  wire::append_bytes(attribute, 6, "");
  return attribute;
}

INSTANTIATE_TEST_SUITE_P(
    TensorRt, WhatHasNoRanges,
    ::testing::Values(
        Refusal{"float_model", Onnx().node("Relu", {"x"}, {"y"}).output("y").file(), "no value with a range"},
        Refusal{"stored", Onnx().pair("x", 1).tensor("w", {1}).node("DequantizeLinear", {"w", "x_scale"}, {"w_dq"}).file(),
                "stored in int8"},
        Refusal{"output", Onnx().pair("x", 1).output("x_dq").file(), "an output of the model is quantized"},
        Refusal{"branches", Onnx().pair("x", 1).node("If", {"x_dq"}, {"y"}, graph_attribute()).file(), "If holds a graph of its own"},
        Refusal{"no_scale", Onnx().node("QuantizeLinear", {"x", "made"}, {"q"}).node("DequantizeLinear", {"q", "made"}, {"d"}).file(),
                "value 'x' has no single scale"},
        Refusal{"cut_off", Onnx().pair("x", 1).file().substr(0, 20), "no ONNX file"}, Refusal{"text", "not a model", "no ONNX file"}),
    [](const auto& given) { return std::string(given.param.name); });

TEST(TensorRtWire, ReadsWhatItWrites) {
  std::string message;
  wire::append_bytes(message, 300, std::string(200, 'x'));
  wire::append_bytes(message, 1, "");
  const auto fields = wire::fields_of(message);
  ASSERT_TRUE(fields);
  ASSERT_EQ(fields->size(), 2U);
  EXPECT_EQ(fields->at(0).number, 300U);
  EXPECT_EQ(fields->at(0).bytes, std::string(200, 'x'));
  EXPECT_EQ(std::string(fields->at(0).whole) + std::string(fields->at(1).whole), message);
  EXPECT_FALSE(wire::fields_of(message.substr(0, 100)));
  EXPECT_FALSE(wire::fields_of("\x0B")) << "a group";
  EXPECT_FALSE(wire::varints_in("\xFF"));
}

}  // namespace
}  // namespace podium::tensorrt
