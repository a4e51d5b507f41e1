#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "onnx-ml.pb.h"
#include "podium/types.h"

namespace podium::onnx {

/// What can be told of the values of a graph without running it.
class ValueFacts {
 public:
  explicit ValueFacts(const ::onnx::GraphProto& graph);

  /// -1 where an axis is free, or follows a free axis of the inputs; null where not even the rank is known. Taken from the operators, and
  /// where they cannot tell, from what the exporter wrote down.
  [[nodiscard]] const Shape* shape(const std::string& value) const;
  /// TensorProto.DataType; 0 where it is not known.
  [[nodiscard]] int type(const std::string& value) const;
  /// The content of a small tensor of whole numbers (a shape, axes, pads) that is the same whatever the inputs are; null where it is not
  /// known. Follows from operators alone, not from what the exporter wrote down.
  [[nodiscard]] const std::vector<std::int64_t>* integers(const std::string& value) const;

 private:
  void find_shapes(const ::onnx::GraphProto& graph);
  void find_types(const ::onnx::GraphProto& graph);
  std::unordered_map<std::string, Shape> shapes_;
  std::unordered_map<std::string, int> types_;
  std::unordered_map<std::string, std::vector<std::int64_t>> integers_;
};

}  // namespace podium::onnx
