#pragma once

#include <string_view>

namespace podium {

/// "0.1.0"
[[nodiscard]] std::string_view version() noexcept;
/// "release", "debug", "asan-ubsan", …: recorded in every results file, since it changes what was measured.
[[nodiscard]] std::string_view build_type() noexcept;

}  // namespace podium
