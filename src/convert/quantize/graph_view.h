#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "onnx-ml.pb.h"

namespace podium::convert {

/// Who makes and who reads each value of a graph, for a look that changes nothing. Values that inner graphs read count as read by the
/// node that holds them.
class GraphView {
 public:
  explicit GraphView(const ::onnx::GraphProto& graph);

  [[nodiscard]] const ::onnx::GraphProto& graph() const noexcept { return graph_; }
  /// Null for an input or a constant.
  [[nodiscard]] const ::onnx::NodeProto* producer(const std::string& value) const;
  [[nodiscard]] const std::vector<const ::onnx::NodeProto*>& readers(const std::string& value) const;
  /// The one node that reads the value, where nothing else does; null otherwise.
  [[nodiscard]] const ::onnx::NodeProto* only_reader(const std::string& value) const;
  [[nodiscard]] bool is_output(const std::string& value) const { return outputs_.contains(value); }
  /// An initializer, or the tensor of a Constant node; null where the value is none.
  [[nodiscard]] const ::onnx::TensorProto* constant(const std::string& value) const;

 private:
  const ::onnx::GraphProto& graph_;
  std::unordered_map<std::string, const ::onnx::NodeProto*> producers_;
  std::unordered_map<std::string, std::vector<const ::onnx::NodeProto*>> readers_;
  std::unordered_map<std::string, const ::onnx::TensorProto*> constants_;
  std::unordered_set<std::string> outputs_;
  std::unordered_set<std::string> captured_;
};

/// If, Loop, Scan and the like.
[[nodiscard]] bool holds_graphs(const ::onnx::NodeProto& node);

}  // namespace podium::convert
