#pragma once

#include <optional>
#include <string_view>

#include "podium/error.h"

namespace podium {

/// "wrong_use", "bad_input", …: the spelling of the worker protocol.
[[nodiscard]] std::string_view to_string(ErrorCode code) noexcept;
[[nodiscard]] std::optional<ErrorCode> parse_error_code(std::string_view name) noexcept;

}  // namespace podium
