#pragma once

#include "convert/activations.h"
#include "convert/half/scope.h"
#include "convert/progress.h"
#include "core/result.h"

namespace podium::convert::half {

/// Runs the float32 model on the source's batches and gives a reason to each node of the top graph whose input or output passes the range
/// of `type`, or lies below its normal numbers for the most part. Inner graphs are not seen.
[[nodiscard]] Result<void> keep_out_of_range_wide(const ::onnx::ModelProto& model, Scope& scope, DataType type, ActivationSource& source,
                                                  const Progress& progress);

}  // namespace podium::convert::half
