#pragma once

#include <string_view>

#include "core/result.h"
#include "podium/types.h"

namespace podium::data {

/// What the header of a NumPy array file says.
struct NpyHeader {
  DataType type = DataType::float32;
  Shape shape;
};

/// Reads the header's text: a Python dictionary with the keys descr, fortran_order and shape (NumPy's format versions 1 to 3).
/// Arrays that are big-endian, in Fortran order or no plain numbers are errors; their message is the reason alone.
[[nodiscard]] Result<NpyHeader> parse_npy_header(std::string_view text);

}  // namespace podium::data
