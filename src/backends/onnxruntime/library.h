#pragma once

#include <string>

#include "core/result.h"

namespace podium::onnxruntime {

/// Opens ONNX Runtime's shared library ($PODIUM_ONNXRUNTIME_LIBRARY, else the one Podium was configured with) and hands its API table
/// to the C++ wrapper. Returns the library's version. Opening it again does nothing.
[[nodiscard]] Result<std::string> open_library();

}  // namespace podium::onnxruntime
