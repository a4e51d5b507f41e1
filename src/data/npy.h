#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "core/result.h"
#include "data/npy_header.h"

namespace podium::data {

/// Fills the whole span with the next bytes; false where there are not so many.
using ReadExactly = std::function<bool(std::span<std::byte>)>;

/// Reads the start of a NumPy array file up to its data. Errors give the reason alone.
[[nodiscard]] Result<NpyHeader> read_npy_start(const ReadExactly& read);

}  // namespace podium::data
