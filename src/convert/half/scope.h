#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "convert/half/operators.h"
#include "onnx-ml.pb.h"

namespace podium::convert::half {

/// Where a value comes from.
enum class Origin : std::uint8_t { input, stored, node };

/// One value of the float32 model. A float32 value may be wanted in two forms, the float32 one and a 16-bit one; each has a name.
struct Value {
  std::string name;
  int type = ::onnx::TensorProto::UNDEFINED;  ///< element type in the float32 model; UNDEFINED where it is not known
  Origin origin = Origin::node;
  const ::onnx::TensorProto* stored = nullptr;  ///< of an initializer or a Constant
  const ::onnx::NodeProto* producer = nullptr;
  bool is_output = false;
  bool is_narrow = false;  ///< its maker gives it in 16 bits
  bool wide_read = false;
  bool narrow_read = false;
  std::string wide_name = {};
  std::string narrow_name = {};

  [[nodiscard]] bool is_float() const noexcept { return type == ::onnx::TensorProto::FLOAT; }
};

class Scope;

/// One node, and what is decided for it.
struct Step {
  ::onnx::NodeProto* node = nullptr;
  const Operator* row = nullptr;
  std::string wide_because;  ///< empty while the node may be converted
  bool is_narrow = false;
  std::vector<std::unique_ptr<Scope>> inner;  ///< its graphs, in the order of its attributes

  [[nodiscard]] Role role() const noexcept { return row == nullptr ? Role::wide : row->role; }
  [[nodiscard]] Slot input_slot(int index) const noexcept { return row == nullptr ? Slot::other : row->input(index); }
  [[nodiscard]] Slot output_slot(int index) const noexcept { return row == nullptr ? Slot::other : row->output(index); }
  void stay_wide(const std::string& reason) {
    if (wide_because.empty()) wide_because = reason;
  }
};

/// A graph with its nodes and values. Inner graphs see the values of the graphs around them.
class Scope {
 public:
  /// Reads a graph, whose nodes stand behind what they read, and those inside its nodes, and finds the types of their values.
  explicit Scope(::onnx::GraphProto& graph, Scope* parent = nullptr);
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  [[nodiscard]] ::onnx::GraphProto& graph() const noexcept { return graph_; }
  [[nodiscard]] bool is_top() const noexcept { return parent_ == nullptr; }
  [[nodiscard]] std::vector<Step>& steps() noexcept { return steps_; }
  [[nodiscard]] const std::vector<Step>& steps() const noexcept { return steps_; }
  [[nodiscard]] std::unordered_map<std::string, Value>& values() noexcept { return values_; }
  /// Null where nothing makes a value of that name here or around.
  [[nodiscard]] Value* find(const std::string& name) noexcept;
  [[nodiscard]] Value* own(const std::string& name) noexcept;

 private:
  void take_inputs();
  void take_nodes();
  void infer(Step& step);
  [[nodiscard]] int told_type(const Step& step, int output);

  ::onnx::GraphProto& graph_;
  Scope* parent_;
  std::vector<Step> steps_;
  std::unordered_map<std::string, Value> values_;
  std::unordered_map<std::string, int> declared_;
};

/// Calls `visit(scope, step)` for every node, those of inner graphs behind the node that holds them.
void for_each_step(Scope& scope, const std::function<void(Scope&, Step&)>& visit);

/// The float32 values that a node reads or makes; `slot` is what its operator says of each. `values` of unknown type are left out.
struct Argument {
  Value* value = nullptr;
  Slot slot = Slot::other;
  int index = 0;
};
[[nodiscard]] std::vector<Argument> float_inputs(Scope& scope, const Step& step);
[[nodiscard]] std::vector<Argument> float_outputs(Scope& scope, const Step& step);
[[nodiscard]] inline bool can_be_narrow(Slot slot) noexcept {
  return slot == Slot::half || slot == Slot::free;
}

}  // namespace podium::convert::half
