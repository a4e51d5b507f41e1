#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/result.h"
#include "onnx-ml.pb.h"

namespace podium::onnx {

/// Edits one graph and knows at any time who makes and who reads each of its values. Nodes keep their addresses until finish(). Graphs
/// inside nodes (If, Loop, Scan) are not edited; values that they read from outside count as read by the node that holds them.
class GraphEdit {
 public:
  explicit GraphEdit(::onnx::GraphProto& graph);

  /// The nodes that are left, in the order of the file, new ones last.
  [[nodiscard]] std::vector<::onnx::NodeProto*> nodes() const;
  /// Null for an input or an initializer.
  [[nodiscard]] ::onnx::NodeProto* producer(std::string_view value) const;
  /// Each node once, in the order of nodes().
  [[nodiscard]] std::vector<::onnx::NodeProto*> consumers(std::string_view value) const;
  [[nodiscard]] std::size_t count_consumers(std::string_view value) const;
  /// Read inside a node's own graph, so that the name cannot be changed there.
  [[nodiscard]] bool is_captured(std::string_view value) const;
  [[nodiscard]] bool is_input(std::string_view value) const;  ///< that is fed, so not an initializer
  [[nodiscard]] bool is_output(std::string_view value) const;
  /// Null where the value is no initializer of this graph. Constant nodes are initializers once constants_to_initializers() has run.
  [[nodiscard]] ::onnx::TensorProto* initializer(std::string_view value) const;

  /// `wanted`, or with a number behind it where something has that name.
  [[nodiscard]] std::string unique_name(const std::string& wanted);
  ::onnx::NodeProto& add_node(std::string_view type, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs,
                              const std::string& name, std::string_view domain = "");
  ::onnx::TensorProto& add_initializer(::onnx::TensorProto tensor);  ///< under its own name, which must be free
  void set_input(::onnx::NodeProto& node, int index, const std::string& value);
  void set_output(::onnx::NodeProto& node, int index, const std::string& value);
  /// Every node that reads `old_value` reads `new_value` instead, but for `except`; graph outputs keep their names.
  void replace_uses(const std::string& old_value, const std::string& new_value, const ::onnx::NodeProto* except = nullptr);
  void remove(::onnx::NodeProto& node);
  /// Constant nodes with a tensor value become initializers.
  void constants_to_initializers();
  /// Removes what leads to no output; returns how many nodes.
  std::int64_t remove_dead();
  /// Writes the removals back, drops initializers and value_info that nothing refers to any more, and sorts the nodes so that each stands
  /// behind what it reads, in the order of the file where that will do. The last call on this object. An error names a node on a cycle, or
  /// a value that is made twice; the graph is then as it was before finish().
  [[nodiscard]] Result<void> finish();

 private:
  void index_node(::onnx::NodeProto& node);
  void add_use(const std::string& value, ::onnx::NodeProto& node);
  void drop_use(const std::string& value, ::onnx::NodeProto& node);
  [[nodiscard]] bool reads(const ::onnx::NodeProto& node, const std::string& value) const;
  /// Positions of the nodes that make what the node at a position reads.
  [[nodiscard]] std::vector<std::size_t> positions_read_by(const ::onnx::NodeProto& node) const;
  [[nodiscard]] Result<void> check_makers() const;
  void write_back(const std::vector<::onnx::NodeProto*>& order);

  ::onnx::GraphProto& graph_;
  std::vector<::onnx::NodeProto*> nodes_;                                            // removed ones are null
  std::unordered_map<const ::onnx::NodeProto*, std::size_t> positions_;              // in nodes_
  std::unordered_map<const ::onnx::NodeProto*, std::vector<std::string>> captures_;  // of nodes that hold graphs
  std::unordered_map<std::string, ::onnx::NodeProto*> producers_;
  std::unordered_map<std::string, std::unordered_set<::onnx::NodeProto*>> consumers_;
  std::unordered_map<std::string, ::onnx::TensorProto*> initializers_;
  std::unordered_map<std::string, std::size_t> captured_;  // value → how many nodes capture it
  std::set<std::string, std::less<>> inputs_;
  std::set<std::string, std::less<>> outputs_;
  std::unordered_set<std::string> names_;
  std::unordered_map<std::string, int> numbers_;  // that unique_name() put behind a name last
};

}  // namespace podium::onnx
