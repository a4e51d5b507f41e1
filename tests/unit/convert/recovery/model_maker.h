#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "evaluator.h"
#include "onnx/attributes.h"
#include "onnx/tensor_data.h"

namespace podium::convert::test {

/// Numbers that are the same on every machine and in every run.
inline std::vector<float> noise(std::size_t count, unsigned seed, float size = 1.0F) {
  std::mt19937 generator(seed);
  std::vector<float> values(count);
  for (float& value : values) value = size * (static_cast<float>(generator() >> 8) / static_cast<float>(1 << 23) - 1.0F);
  return values;
}

/// Builds a model in memory; every node is named after its output.
class ModelMaker {
 public:
  ModelMaker() {
    model_.set_ir_version(8);
    model_.add_opset_import()->set_version(17);
  }
  ::onnx::ModelProto& model() { return model_; }

  ModelMaker& input(const std::string& name) { return describe(*model_.mutable_graph()->add_input(), name); }
  ModelMaker& output(const std::string& name) { return describe(*model_.mutable_graph()->add_output(), name); }
  ModelMaker& weight(const std::string& name, const Shape& shape, const std::vector<float>& values) {
    *model_.mutable_graph()->add_initializer() = onnx::float_tensor(name, shape, values);
    return *this;
  }
  ModelMaker& integers(const std::string& name, const Shape& shape, const std::vector<std::int64_t>& values, DataType type) {
    *model_.mutable_graph()->add_initializer() = onnx::integer_tensor(name, shape, values, type);
    return *this;
  }
  ::onnx::NodeProto& node(const std::string& type, const std::vector<std::string>& inputs, const std::string& output) {
    ::onnx::NodeProto& node = *model_.mutable_graph()->add_node();
    node.set_op_type(type);
    node.set_name(output);
    for (const std::string& name : inputs) node.add_input(name);
    node.add_output(output);
    return node;
  }

 private:
  ModelMaker& describe(::onnx::ValueInfoProto& value, const std::string& name) {
    value.set_name(name);
    value.mutable_type()->mutable_tensor_type()->set_elem_type(::onnx::TensorProto::FLOAT);
    return *this;
  }
  ::onnx::ModelProto model_;
};

inline void set_integer(::onnx::NodeProto& node, const std::string& name, std::int64_t value) {
  ::onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(::onnx::AttributeProto::INT);
  attribute.set_i(value);
}

inline void set_integers(::onnx::NodeProto& node, const std::string& name, const std::vector<std::int64_t>& values) {
  ::onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(::onnx::AttributeProto::INTS);
  for (const std::int64_t value : values) attribute.add_ints(value);
}

/// The numbers of an initializer; empty where there is none of that name.
inline std::vector<float> weight_of(const ::onnx::ModelProto& model, const std::string& name) {
  for (const ::onnx::TensorProto& tensor : model.graph().initializer()) {
    if (tensor.name() == name) return onnx::floats_of(tensor).value();
  }
  return {};
}

/// Batches of noise for the input `x`.
inline std::vector<std::map<std::string, Tensor>> noise_batches(std::size_t batches, const Shape& shape, float size = 1.0F) {
  std::size_t count = 1;
  for (const std::int64_t dimension : shape) count *= static_cast<std::size_t>(dimension);
  std::vector<std::map<std::string, Tensor>> made;
  for (std::size_t batch = 0; batch < batches; ++batch) {
    made.push_back({{"x", {shape, noise(count, static_cast<unsigned>(100 + batch), size)}}});
  }
  return made;
}

/// Expects the same outputs but for rounding.
inline void expect_same_outputs(const Evaluator& engine, const ::onnx::ModelProto& a, const ::onnx::ModelProto& b) {
  for (std::size_t batch = 0; batch < static_cast<std::size_t>(engine.batches()); ++batch) {
    const auto expected = engine.outputs(a, batch);
    const auto given = engine.outputs(b, batch);
    ASSERT_TRUE(expected) << expected.error().message;
    ASSERT_TRUE(given) << given.error().message;
    ASSERT_EQ(expected->size(), given->size());
    for (std::size_t i = 0; i < expected->size(); ++i) {
      float largest = 0.0F;
      for (const float value : (*expected)[i].values) largest = std::max(largest, std::abs(value));
      ASSERT_GT(largest, 0.0F);
      EXPECT_THAT((*given)[i].values, testing::Pointwise(testing::FloatNear(1e-5F * largest), (*expected)[i].values));
    }
  }
}

}  // namespace podium::convert::test
