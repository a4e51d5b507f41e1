#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "onnx-ml.pb.h"
#include "onnx/graph_edit.h"
#include "onnx/value_facts.h"

namespace podium::onnx {

/// A graph while its operators are rewritten: what is known of its values, and of those of the graphs around it.
class OpsetScope {
 public:
  /// `names`: all that the model uses, so that a new one hides none. `outer`: null for the top graph.
  OpsetScope(::onnx::GraphProto& graph, const OpsetScope* outer, std::unordered_set<std::string>& names);

  [[nodiscard]] GraphEdit& edit() noexcept { return edit_; }
  /// The numbers of an initializer or of a Constant node; nothing where the value is computed, of another kind, or large.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> integers(const std::string& value) const;
  [[nodiscard]] std::optional<std::vector<float>> floats(const std::string& value) const;
  /// -1 where an axis is free; null where the rank is not known.
  [[nodiscard]] const Shape* shape(const std::string& value) const;
  /// Float, where nothing is known.
  [[nodiscard]] DataType type(const std::string& value) const;

  [[nodiscard]] std::string unique_name(const ::onnx::NodeProto& node, std::string_view what);
  /// New initializers; they return their names.
  std::string add_integers(const ::onnx::NodeProto& node, std::string_view what, const Shape& shape,
                           const std::vector<std::int64_t>& values);
  std::string add_floats(const ::onnx::NodeProto& node, std::string_view what, const Shape& shape, const std::vector<float>& values,
                         DataType type = DataType::float32);
  /// A new node beside `beside` with one output, whose name is returned.
  std::string add_node(const ::onnx::NodeProto& beside, std::string_view type, const std::vector<std::string>& inputs);
  /// The same, as a node to give attributes to.
  ::onnx::NodeProto& add_open_node(const ::onnx::NodeProto& beside, std::string_view type, const std::vector<std::string>& inputs);
  /// `node` goes, and what read its first output reads `value` instead, under the old name. `value` is made by the node added last.
  void replace_by(::onnx::NodeProto& node, const std::string& value);

 private:
  [[nodiscard]] const ::onnx::TensorProto* tensor(const std::string& value) const;
  [[nodiscard]] const ::onnx::NodeProto* constant(const std::string& value) const;

  GraphEdit edit_;
  const OpsetScope* outer_;
  ValueFacts facts_;
  std::unordered_set<std::string>& names_;
  std::unordered_map<std::string, int> numbers_;  // that unique_name() put behind a name last
};

/// Whether an input is there.
[[nodiscard]] bool has_input(const ::onnx::NodeProto& node, int index);
/// Takes an input away; the node keeps no empty ones at its end.
void clear_input(OpsetScope& scope, ::onnx::NodeProto& node, int index);

}  // namespace podium::onnx
