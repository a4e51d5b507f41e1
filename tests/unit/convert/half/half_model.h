#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "../../onnx/model_builder.h"
#include "convert/half.h"
#include "onnx/tensor_data.h"

namespace podium::convert {

using ::onnx::NodeProto;
using ::onnx::TensorProto;
using ::testing::HasSubstr;

/// A model that is built by hand and converted.
class HalfModel : public onnx::ModelBuilder {
 public:
  explicit HalfModel(std::int64_t opset = 17) { model().mutable_opset_import(0)->set_version(opset); }

  NodeProto& named(const std::string& name, const std::string& type, const std::vector<std::string>& inputs,
                   const std::vector<std::string>& outputs) {
    NodeProto& made = node(type, inputs, outputs);
    made.set_name(name);
    return made;
  }
  NodeProto& cast(const std::string& name, const std::string& from, const std::string& to, int type) {
    NodeProto& made = named(name, "Cast", {from}, {to});
    onnx::set_integer(made, "to", type);
    return made;
  }
  void floats(const std::string& name, const Shape& shape, const std::vector<float>& values) {
    *graph().add_initializer() = onnx::float_tensor(name, shape, values);
  }

  /// x [2, 4] → MatMul with w [4, 4] → `result`: what half precision pays for.
  void product(const std::string& result = "product") {
    input("x", {2, 4});
    floats("w", {4, 4}, std::vector<float>(16, 0.5F));
    named("matmul", "MatMul", {"x", "w"}, {result});
  }

  Result<ConversionReport> convert(HalfRequest request = {}, ActivationSource* source = nullptr, const Progress& progress = {}) {
    auto made = to_half(model(), request, source, progress);
    return made ? Result<ConversionReport>(std::move(made->report)) : tl::unexpected(made.error());
  }

  /// Null where no node has that name.
  const NodeProto* find(const std::string& name) {
    for (const NodeProto& node : graph().node()) {
      if (node.name() == name) return &node;
    }
    return nullptr;
  }
  const NodeProto* producer(const std::string& value) {
    for (const NodeProto& node : graph().node()) {
      if (std::find(node.output().begin(), node.output().end(), value) != node.output().end()) return &node;
    }
    return nullptr;
  }
  const TensorProto* weight_named(const std::string& name) {
    for (const TensorProto& tensor : graph().initializer()) {
      if (tensor.name() == name) return &tensor;
    }
    return nullptr;
  }
  std::int64_t count(const std::string& type) {
    return std::count_if(graph().node().begin(), graph().node().end(), [&](const NodeProto& node) { return node.op_type() == type; });
  }
  /// The node's input's maker is a Cast to that type.
  testing::AssertionResult reads_through_cast(const std::string& node, int index, int type) {
    const NodeProto* reader = find(node);
    if (reader == nullptr) return testing::AssertionFailure() << "no node " << node;
    const NodeProto* maker = producer(reader->input(index));
    if (maker == nullptr || maker->op_type() != "Cast") return testing::AssertionFailure() << reader->input(index) << " comes from no Cast";
    if (maker->attribute(0).i() != type) return testing::AssertionFailure() << "it casts to " << maker->attribute(0).i();
    return testing::AssertionSuccess();
  }
};

/// Hands over made-up values.
class MadeUpActivations final : public ActivationSource {
 public:
  explicit MadeUpActivations(std::map<std::string, std::vector<float>> values) : values_(std::move(values)) {}
  [[nodiscard]] std::int64_t batches() const override { return 3; }
  [[nodiscard]] Result<void> run(const ::onnx::ModelProto& model, const OnActivations& sink) override {
    const std::vector<float> ones(8, 1.0F);
    for (std::int64_t batch = 0; batch < batches(); ++batch) {
      std::vector<Activation> activations;
      for (const auto& output : model.graph().output()) {
        const auto known = values_.find(output.name());
        const bool last = batch + 1 == batches();  // what is out of range shows in one batch of several
        const std::vector<float>& values = known == values_.end() || !last ? ones : known->second;
        activations.push_back({output.name(), {static_cast<std::int64_t>(values.size())}, values});
      }
      if (auto sent = sink(batch, activations); !sent) return sent;
    }
    return {};
  }

 private:
  std::map<std::string, std::vector<float>> values_;
};

}  // namespace podium::convert
