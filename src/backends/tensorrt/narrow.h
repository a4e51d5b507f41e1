#pragma once

#include <cstdint>
#include <vector>

#include "core/result.h"
#include "core/tensor_view.h"

namespace podium::tensorrt {

/// 64-bit integers as 32-bit ones, for engines that have no wider. A number that does not fit is an error that names the input.
[[nodiscard]] Result<void> narrow(const TensorView& wide, std::vector<std::int32_t>& made);

}  // namespace podium::tensorrt
