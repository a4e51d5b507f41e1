#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "onnx-ml.pb.h"
#include "podium/types.h"

namespace podium::onnx {

/// What is known of a value without running the model: its shape and, for small whole-number tensors (shapes, axes, pads), its content.
struct Known {
  Shape shape;
  std::optional<std::vector<std::int64_t>> integers;
};

/// Known values by name. Sizes are bounded, so that rules can compute with them without overflow.
class ShapeTable {
 public:
  static constexpr std::int64_t largest = std::int64_t{1} << 31;  ///< of a dimension, or of the magnitude of a number
  static constexpr std::int64_t most_integers = 64;  ///< that are kept of one value, so that a million nodes cannot fill the memory
  static constexpr std::size_t most_axes = 16;

  [[nodiscard]] const Known* find(const std::string& name) const;
  /// Leaves out what passes the bounds.
  void set(const std::string& name, Known known);

 private:
  std::unordered_map<std::string, Known> values_;
};

/// Product of a shape's dimensions; nothing where it passes 64 bits.
[[nodiscard]] std::optional<std::int64_t> checked_product(const Shape& shape) noexcept;

/// One node, as a rule sees it.
class Operator {
 public:
  Operator(const ::onnx::NodeProto& node, const ShapeTable& table) : node_(node), table_(table) {}

  [[nodiscard]] const ::onnx::NodeProto& node() const noexcept { return node_; }
  [[nodiscard]] bool has_input(int index) const { return index < node_.input_size() && !node_.input(index).empty(); }
  [[nodiscard]] const Known* input(int index) const { return has_input(index) ? table_.find(node_.input(index)) : nullptr; }
  /// Null where the input is not there or its numbers are not known.
  [[nodiscard]] const std::vector<std::int64_t>* integers(int index) const;
  /// Numbers that older operator sets keep in an attribute and newer ones in an input. Nothing where they are given and not known, or too
  /// many; empty where they are not given at all.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> integers_from(const char* attribute, int index) const;
  [[nodiscard]] std::int64_t integer(const char* attribute, std::int64_t otherwise) const;

 private:
  const ::onnx::NodeProto& node_;
  const ShapeTable& table_;
};

}  // namespace podium::onnx
