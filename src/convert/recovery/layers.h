#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "onnx/graph_edit.h"

/// What the ways of recovery share: the channels of weights, and weights that only one node reads.
namespace podium::convert {

/// Which input and output channel of its layer each number of a weight belongs to.
class WeightChannels {
 public:
  /// Nothing where the node is no Conv, ConvTranspose, Gemm or MatMul by a weight of fitting shape.
  [[nodiscard]] static std::optional<WeightChannels> of(const ::onnx::NodeProto& layer, const ::onnx::TensorProto& weight);

  [[nodiscard]] std::int64_t inputs() const noexcept { return input_first_ ? first_ : second_ * groups_; }
  [[nodiscard]] std::int64_t outputs() const noexcept { return input_first_ ? second_ * groups_ : first_; }
  [[nodiscard]] std::size_t input_of(std::size_t index) const noexcept { return input_first_ ? first_of(index) : second_of(index); }
  [[nodiscard]] std::size_t output_of(std::size_t index) const noexcept { return input_first_ ? second_of(index) : first_of(index); }

 private:
  [[nodiscard]] std::size_t first_of(std::size_t index) const noexcept;
  [[nodiscard]] std::size_t second_of(std::size_t index) const noexcept;  ///< over all groups

  std::int64_t first_ = 0;   ///< size of the first axis
  std::int64_t second_ = 0;  ///< size of the second axis: of one group
  std::int64_t inner_ = 1;   ///< numbers of one kernel
  std::int64_t groups_ = 1;
  bool input_first_ = false;
};

/// Constant nodes become initializers, so that a weight is one wherever the exporter put it.
[[nodiscard]] Result<void> store_constants(::onnx::ModelProto& model);

/// The float32 initializer that `node` reads at `index`; null where there is none.
[[nodiscard]] ::onnx::TensorProto* float_weight(const onnx::GraphEdit& edit, const ::onnx::NodeProto& node, int index);
/// Writes new numbers into the initializer that `node` reads at `index`, which keeps its shape; other readers keep the old ones.
void set_weight(onnx::GraphEdit& edit, ::onnx::NodeProto& node, int index, std::span<const float> values);

/// A value that one node alone reads, in the graph itself; null otherwise, and where it is an output.
[[nodiscard]] ::onnx::NodeProto* only_reader(const onnx::GraphEdit& edit, const std::string& value);

}  // namespace podium::convert
