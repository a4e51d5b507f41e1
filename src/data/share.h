#pragma once

#include <cstddef>
#include <cstdint>

#include "data/split.h"

namespace podium::data {

/// Of different content, in one set of data that is to calibrate a model and to judge it.
inline constexpr std::size_t fewest_to_calibrate_with = 8;
inline constexpr std::size_t fewest_to_judge_by = 8;

/// Shares one set of data out: answers are judged by `judged`, and ranges are found from whatever else is in `all`. Where that is less than
/// fewest_to_calibrate_with, a quarter of `judged` (64 at most, and as many as are wanting) is kept back to calibrate with, drawn by the
/// seed. No content is on both sides. ErrorCode::unsupported where one side would have too few.
[[nodiscard]] Result<Split> share(InputSet judged, const InputSet& all, std::uint64_t seed);

}  // namespace podium::data
