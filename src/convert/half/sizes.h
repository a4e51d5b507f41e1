#pragma once

#include "convert/half/scope.h"

namespace podium::convert::half {

/// Keeps nodes float32 that compute sizes and indices: chains of Role::exact that end in whole numbers, in an input that is float32 by the
/// operator's signature (the scales of Resize), or, where all of the chain comes from whole numbers, in a comparison or an operator that
/// needs its numbers exactly (Range, Sin). float16 cannot tell 2049 from 2048, bfloat16 257 from 256.
void keep_sizes_wide(Scope& model);

}  // namespace podium::convert::half
