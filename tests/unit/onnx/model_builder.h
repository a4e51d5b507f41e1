#pragma once

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "../temporary_folder.h"
#include "onnx-ml.pb.h"
#include "onnx/model.h"
#include "onnx/tensor_data.h"

namespace podium::onnx {

using test::TemporaryFolder;

/// A dimension of a test's model: a size, or a name for a free axis.
struct TestDimension {
  TestDimension(std::int64_t value) : size(value) {}  // NOLINT: short models read better
  TestDimension(const char* text) : name(text) {}     // NOLINT
  std::int64_t size = 0;
  std::string name;
};

inline void describe(::onnx::ValueInfoProto& value, const std::string& name, const std::vector<TestDimension>& dimensions, int type = 1) {
  value.set_name(name);
  auto& tensor = *value.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(type);
  auto& shape = *tensor.mutable_shape();
  for (const TestDimension& dimension : dimensions) {
    if (dimension.name.empty()) {
      shape.add_dim()->set_dim_value(dimension.size);
    } else {
      shape.add_dim()->set_dim_param(dimension.name);
    }
  }
}

/// Builds models in memory and writes them to a folder of their own.
class ModelBuilder {
 public:
  ModelBuilder() {
    model_.set_ir_version(8);
    model_.set_producer_name("test");
    model_.add_opset_import()->set_version(17);
  }
  ::onnx::ModelProto& model() { return model_; }
  ::onnx::GraphProto& graph() { return *model_.mutable_graph(); }

  ModelBuilder& input(const std::string& name, const std::vector<TestDimension>& dimensions, int type = 1) {
    describe(*graph().add_input(), name, dimensions, type);
    return *this;
  }
  ModelBuilder& output(const std::string& name, const std::vector<TestDimension>& dimensions, int type = 1) {
    describe(*graph().add_output(), name, dimensions, type);
    return *this;
  }
  ::onnx::NodeProto& node(const std::string& type, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs) {
    auto& node = *graph().add_node();
    node.set_op_type(type);
    for (const std::string& name : inputs) node.add_input(name);
    for (const std::string& name : outputs) node.add_output(name);
    return node;
  }
  /// A float32 weight full of zeros.
  ::onnx::TensorProto& weight(const std::string& name, const std::vector<std::int64_t>& dimensions) {
    auto& tensor = *graph().add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(1);
    std::int64_t count = 1;
    for (const std::int64_t size : dimensions) {
      tensor.add_dims(size);
      count *= size;
    }
    tensor.set_raw_data(std::string(static_cast<std::size_t>(count) * 4, '\0'));
    return tensor;
  }
  ModelBuilder& floats(const std::string& name, const std::vector<std::int64_t>& dimensions, const std::vector<float>& values) {
    *graph().add_initializer() = float_tensor(name, dimensions, values);
    return *this;
  }
  ModelBuilder& opset(std::int64_t version) {
    model_.mutable_opset_import(0)->set_version(version);
    return *this;
  }
  ModelBuilder& integers(const std::string& name, const std::vector<std::int64_t>& values) {
    auto& tensor = *graph().add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(7);
    tensor.add_dims(static_cast<std::int64_t>(values.size()));
    for (const std::int64_t value : values) tensor.add_int64_data(value);
    return *this;
  }

  std::filesystem::path write() { return folder_.write("model.onnx", model_.SerializeAsString()); }
  Result<Model> read(const ReadLimits& limits = {}) { return Model::read(write(), limits); }
  const TemporaryFolder& folder() const { return folder_; }

 private:
  TemporaryFolder folder_;
  ::onnx::ModelProto model_;
};

inline void set_integer(::onnx::NodeProto& node, const std::string& name, std::int64_t value) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(::onnx::AttributeProto::INT);
  attribute.set_i(value);
}

inline void set_integers(::onnx::NodeProto& node, const std::string& name, const std::vector<std::int64_t>& values) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(::onnx::AttributeProto::INTS);
  for (const std::int64_t value : values) attribute.add_ints(value);
}

inline void set_text(::onnx::NodeProto& node, const std::string& name, const std::string& value) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(::onnx::AttributeProto::STRING);
  attribute.set_s(value);
}

/// y = x·w, [batch, 4] × [4, 3].
inline void build_small_model(ModelBuilder& builder) {
  builder.input("x", {"batch", 4}).output("y", {"batch", 3});
  builder.weight("w", {4, 3});
  builder.node("MatMul", {"x", "w"}, {"y"});
}

/// Expects that reading fails with this code and a message that has this part in it, and the file's name.
inline void expect_refused(const Result<Model>& model, ErrorCode code, const std::string& part) {
  ASSERT_FALSE(model) << "expected: " << part;
  EXPECT_EQ(model.error().code, code) << model.error().message;
  EXPECT_THAT(model.error().message, testing::HasSubstr(part));
  EXPECT_THAT(model.error().message, testing::HasSubstr("'/"));
  EXPECT_FALSE(model.error().remedy.empty()) << model.error().message;
}

}  // namespace podium::onnx
