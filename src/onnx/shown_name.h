#pragma once

#include <string>
#include <string_view>

#include "core/text.h"

namespace podium::onnx {

/// A name out of a model, fit for an error message: printable and not endless.
[[nodiscard]] inline std::string shown_name(std::string_view name) {
  constexpr std::size_t longest = 120;
  return name.size() <= longest ? printable(name) : printable(name.substr(0, longest)) + "…";
}

}  // namespace podium::onnx
