#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"
#include "data/input_set.h"

/// Inputs that ranges are found from and inputs that answers are judged on have nothing in common: a model that has seen the test looks
/// better than it is.
namespace podium::api {

struct InputsApart {
  data::InputSet calibration;
  data::InputSet judged;
};

/// Keeps a quarter of the different samples apart, at least one where there are two; equal samples stay on one side. Which, `seed` says.
[[nodiscard]] InputsApart keep_apart(const data::InputSet& all, std::uint64_t seed);

/// The samples of `all` that are not among `judged`, by content.
[[nodiscard]] data::InputSet all_but(const data::InputSet& all, const data::InputSet& judged);

/// ErrorCode::bad_input where a sample stands in both, by content. `remedy` says what mends it.
[[nodiscard]] Result<void> check_apart(const data::InputSet& calibration, const data::InputSet& judged, const std::string& remedy);

}  // namespace podium::api
