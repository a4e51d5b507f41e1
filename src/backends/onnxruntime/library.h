#pragma once

#include <string>

#include "core/result.h"

namespace podium::onnxruntime {

/// $PODIUM_ONNXRUNTIME_LIBRARY, else the library that Podium was configured with.
[[nodiscard]] std::string library_path();
/// Opens ONNX Runtime's shared library and hands its API table to the C++ wrapper. Returns the library's version. Opening it again does
/// nothing.
[[nodiscard]] Result<std::string> open_library();

}  // namespace podium::onnxruntime
