#pragma once

#include <cstddef>
#include <tl/expected.hpp>
#include <vector>

namespace podium::onnx {

/// Sorts 0 … needs.size()-1 so that each stands behind all that it needs, otherwise in rising order, and what is needed directly before
/// its first user. Fails with one that lies on a cycle.
[[nodiscard]] tl::expected<std::vector<std::size_t>, std::size_t> order_by_needs(const std::vector<std::vector<std::size_t>>& needs);

}  // namespace podium::onnx
