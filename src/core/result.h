#pragma once

#include <tl/expected.hpp>

#include "podium/error.h"

namespace podium {

/// A value, or the reason why there is none. Failures that are expected travel so; exceptions cross the public boundary only.
template <typename T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string message, std::string remedy = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(remedy)});
}

/// Turns a Result into its value, or throws: for the public boundary.
template <typename T>
T value_or_throw(Result<T>&& result) {
  if (!result) throw Exception(std::move(result.error()));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace podium
