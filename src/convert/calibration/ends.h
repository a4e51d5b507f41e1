#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "convert/activations.h"

namespace podium::convert {

/// A copy of `model` that tells of each of `values` its least number, its greatest, and the sum, one behind the other: the engine reduces,
/// so that no whole value leaves it. Comparing loses NaN in some engines, adding up does not.
[[nodiscard]] Result<::onnx::ModelProto> with_ends(const ::onnx::ModelProto& model, std::span<const std::string> values);

/// What such a model said of one batch.
struct Ends {
  std::vector<std::array<float, 2>> of_values;
  /// False where a number may be an infinity or NaN, where one of the sums has no place in a float, or where a value has no numbers at all.
  bool are_finite = true;
};
[[nodiscard]] Result<Ends> ends_of(std::span<const Activation> told, std::size_t values);

}  // namespace podium::convert
