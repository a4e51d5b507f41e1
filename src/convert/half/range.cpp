#include "convert/half/range.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "onnx/tensor_data.h"

namespace podium::convert::half {
namespace {

constexpr float stands_for_minus_infinity = -1e9F;

}  // namespace

Limits limits_of(DataType type) noexcept {
  if (type == DataType::float16) return {65504.0F, 0x1p-14F};
  return {0x1.fep127F, 0x1p-126F};
}

void Magnitudes::observe(std::span<const float> values) noexcept {
  for (const float value : values) {
    if (!std::isfinite(value)) continue;  // infinities have a place in both types, and NaN too
    const float size = std::fabs(value);
    largest_ = std::max(largest_, size);
    sum_ += size;
    if (size < limits_.smallest_normal) subnormal_sum_ += size;
    if (size > limits_.largest && value > stands_for_minus_infinity) has_large_number_ = true;
  }
}

std::string Magnitudes::objection(DataType type) const {
  if (!fits()) return fmt::format("reaches {:.6g}, and {} ends at {:.6g}", largest_, to_string(type), limits_.largest);
  if (is_mostly_subnormal())
    return fmt::format("lies below {:.3g} for the most part, where {} has fewer digits", limits_.smallest_normal, to_string(type));
  return {};
}

Result<::onnx::TensorProto> narrowed(const ::onnx::TensorProto& tensor, const std::string& name, DataType type) {
  Result<std::vector<float>> values = onnx::floats_of(tensor);
  if (!values) return tl::unexpected(std::move(values.error()));
  const float end = limits_of(type).largest;
  for (float& value : *values) {
    if (std::isfinite(value)) value = std::clamp(value, -end, end);
  }
  return onnx::float_tensor(name, onnx::shape_of(tensor), *values, type);
}

}  // namespace podium::convert::half
