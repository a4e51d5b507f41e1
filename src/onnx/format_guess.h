#pragma once

#include <string_view>

#include "podium/error.h"

namespace podium::onnx {

/// What a file that is no ONNX model seems to be instead, by its first bytes: the sentence for the user.
/// `otherwise` says what is wrong where nothing is recognized.
[[nodiscard]] Error not_onnx(std::string_view file_name, std::string_view first_bytes, std::string_view otherwise);

}  // namespace podium::onnx
