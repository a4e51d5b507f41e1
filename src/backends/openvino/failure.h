#pragma once

#include <fmt/format.h>

#include <exception>
#include <new>
#include <string_view>
#include <utility>

#include "backends/api/request_check.h"
#include "core/result.h"

namespace podium::openvino {

/// An Error for the exception being handled: `code` for what OpenVINO threw, out_of_memory where memory ran out.
/// `doing` completes "OpenVINO failed while …".
[[nodiscard]] Error current_failure(ErrorCode code, std::string_view doing);

/// Runs `call` and turns what OpenVINO throws there into an Error: each step of loading means something else when it fails.
template <typename Call>
auto guarded(ErrorCode code, std::string_view doing, Call&& call) -> Result<decltype(call())> {
  try {
    return std::forward<Call>(call)();
  } catch (...) {
    return tl::unexpected(current_failure(code, doing));
  }
}

}  // namespace podium::openvino
