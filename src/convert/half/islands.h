#pragma once

#include "convert/half/scope.h"

namespace podium::convert::half {

/// Keeps groups of nodes float32 that stand between float32 nodes only and hold no product or convolution: what 16 bits save there, the
/// Casts around them cost.
void keep_islands_wide(Scope& model);

}  // namespace podium::convert::half
