#pragma once

#include <cstdint>

#include "core/result.h"
#include "onnx/model.h"

namespace podium::onnx {

/// Messages may nest this deep before the parser refuses; one graph inside a node is three levels.
[[nodiscard]] constexpr int message_depth(const ReadLimits& limits) noexcept {
  return 3 * limits.nesting + 16;
}

/// Walks through the protobuf wire format of a model without building anything, so that a small hostile file cannot make the parser build
/// something huge: counts nodes, parts and nesting, and finds where the file is cut off. The descriptor is read from its position on.
/// The error's message is the reason alone ("it ends in the middle: …").
[[nodiscard]] Result<void> scan(int fd, std::int64_t file_bytes, const ReadLimits& limits);

}  // namespace podium::onnx
