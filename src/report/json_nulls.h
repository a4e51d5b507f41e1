#pragma once

#include <optional>
#include <string>

#include "core/json_values.h"

/// A figure or a text that is not there is null in every file, so that its key is.
namespace podium::report {

template <typename T>
[[nodiscard]] codec::Json or_null(const std::optional<T>& value) {
  return value ? codec::Json(*value) : codec::Json();
}

[[nodiscard]] inline codec::Json text_or_null(const std::string& text) {
  return text.empty() ? codec::Json() : codec::Json(text);
}

}  // namespace podium::report
