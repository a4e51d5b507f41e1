#pragma once

#include <cstdint>

#include "convert/half/scope.h"
#include "convert/progress.h"
#include "core/result.h"
#include "podium/types.h"

namespace podium::convert::half {

struct Rewritten {
  std::int64_t casts_added = 0;
  std::int64_t casts_removed = 0;
};

/// Writes what was decided into the graphs: weights in 16 bits, one Cast for each value that is wanted in another form than it is made in,
/// the types of inputs, outputs and declared values. `model`'s steps and values are used up by it.
[[nodiscard]] Result<Rewritten> rewrite(Scope& model, DataType type, bool narrow_io, const Progress& progress);

}  // namespace podium::convert::half
