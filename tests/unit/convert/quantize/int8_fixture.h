#pragma once

#include <gmock/gmock.h>

#include <map>
#include <string>
#include <vector>

#include "../../onnx/model_builder.h"
#include "convert/quantize.h"
#include "onnx/tensor_data.h"

namespace podium::convert {

/// Small float models, quantized. Inputs are "x"; what a test does not say has one channel less to think about: weights are all 0.5.
class Int8Test : public testing::Test {
 protected:
  onnx::ModelBuilder builder;
  QuantizationProfile profile;
  std::set<std::string> exclude;

  void floats(const std::string& name, const Shape& shape, std::vector<float> values = {}) {
    std::int64_t count = 1;
    for (const std::int64_t size : shape) count *= size;
    if (values.empty()) values.assign(static_cast<std::size_t>(count), 0.5F);
    *builder.graph().add_initializer() = onnx::float_tensor(name, shape, values);
  }
  ::onnx::NodeProto& node(const std::string& type, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs) {
    auto& made = builder.node(type, inputs, outputs);
    made.set_name(outputs.front() + "_node");
    return made;
  }
  ::onnx::NodeProto& conv(const std::string& input, const std::string& output, bool with_bias = false) {
    floats(output + "_w", {4, 4, 1, 1});
    std::vector<std::string> inputs{input, output + "_w"};
    if (with_bias) {
      floats(output + "_b", {4});
      inputs.push_back(output + "_b");
    }
    return node("Conv", inputs, {output});
  }
  Int8Test& image(const std::string& name = "x") {
    builder.input(name, {"batch", 4, 8, 8});
    return *this;
  }
  void output(const std::string& name) { builder.graph().add_output()->set_name(name); }

  StaticPlan plan() {
    auto made = plan_static(builder.model(), profile, exclude);
    EXPECT_TRUE(made) << made.error().message;
    return made.value_or(StaticPlan());
  }
  /// With the range [-1, 1] for every activation that has none in `ranges`.
  StaticPlan quantize(std::map<std::string, Range> ranges = {}) {
    StaticPlan made = plan();
    for (const std::string& value : made.activations) ranges.try_emplace(value, Range{-1.0F, 1.0F});
    const auto done = apply_static(builder.model(), made, profile, ranges);
    EXPECT_TRUE(done) << done.error().message;
    return made;
  }

  const ::onnx::NodeProto* find(const std::string& name) {
    for (const auto& it : builder.graph().node()) {
      if (it.name() == name) return &it;
    }
    return nullptr;
  }
  /// The type of the node that makes a value; "" for inputs and initializers.
  std::string maker(const std::string& value) {
    for (const auto& it : builder.graph().node()) {
      for (const auto& made : it.output()) {
        if (made == value) return it.op_type();
      }
    }
    return {};
  }
  const ::onnx::TensorProto& tensor(const std::string& name) {
    for (const auto& it : builder.graph().initializer()) {
      if (it.name() == name) return it;
    }
    ADD_FAILURE() << "no tensor " << name;
    static const ::onnx::TensorProto none;
    return none;
  }
  std::vector<float> floats_in(const std::string& name) { return onnx::floats_of(tensor(name)).value_or(std::vector<float>()); }
  std::vector<std::int64_t> integers_in(const std::string& name) {
    return onnx::integers_of(tensor(name)).value_or(std::vector<std::int64_t>());
  }
  std::int64_t count(const std::string& type) {
    std::int64_t found = 0;
    for (const auto& it : builder.graph().node()) found += it.op_type() == type ? 1 : 0;
    return found;
  }
};

}  // namespace podium::convert
