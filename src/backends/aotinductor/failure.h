#pragma once

#include <string_view>
#include <utility>

#include "core/result.h"

namespace podium::aotinductor {

/// An Error for the exception being handled. `doing` completes "PyTorch failed while …".
[[nodiscard]] Error current_failure(ErrorCode code, std::string_view doing);

/// Runs `call` and turns what PyTorch throws there into an Error.
template <typename Call>
auto guarded(ErrorCode code, std::string_view doing, Call&& call) -> Result<decltype(call())> {
  try {
    return std::forward<Call>(call)();
  } catch (...) {
    return tl::unexpected(current_failure(code, doing));
  }
}

}  // namespace podium::aotinductor
