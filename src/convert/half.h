#pragma once

#include <set>
#include <string>

#include "convert/activations.h"
#include "convert/progress.h"
#include "podium/convert.h"

namespace podium::convert {

struct HalfRequest {
  DataType type = DataType::float16;  ///< or bfloat16
  bool keep_io = true;                ///< inputs and outputs stay float32, with a Cast behind and before them
  std::set<std::string> wide = {};    ///< names of nodes, or operator types, that stay float32 besides those that always do
};

/// Turns a float32 model into one that computes in half precision. With a source, real activations are looked at first: a node whose input
/// or output passes the type's range, or lies below its normal numbers for the most part, stays wide, and the report says so.
[[nodiscard]] Result<ConversionReport> to_half(::onnx::ModelProto& model, const HalfRequest& request, ActivationSource* source,
                                               const Progress& progress);

}  // namespace podium::convert
