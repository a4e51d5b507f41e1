#pragma once

#include <cstdint>
#include <optional>

#include "core/result.h"
#include "onnx-ml.pb.h"
#include "onnx/external_data.h"

namespace podium::onnx {

/// Elements of a tensor; nothing where a dimension is negative or the product passes 64 bits.
[[nodiscard]] std::optional<std::int64_t> element_count(const ::onnx::TensorProto& tensor) noexcept;
/// Dimensions, type and amount of data of a stored tensor agree.
[[nodiscard]] Result<void> check_tensor(const ::onnx::TensorProto& tensor, ExternalData& external);

}  // namespace podium::onnx
