#pragma once

#include <onnxruntime_cxx_api.h>

#include <map>
#include <string>
#include <vector>

#include "backends/api/backend.h"
#include "core/result.h"
#include "podium/types.h"

namespace podium::onnxruntime {

/// Inputs and outputs of a session as the model declares them.
struct Signature {
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
};

/// ErrorCode::unsupported where an input or output is no tensor of a type that Podium knows.
[[nodiscard]] Result<Signature> read_signature(const Ort::Session& session);

/// Sizes of the model's named free axes in this cell. A name that the inputs give two sizes is left free: the model's own checks then
/// speak.
[[nodiscard]] std::map<std::string, std::int64_t> free_axis_sizes(const std::vector<TensorSpec>& declared,
                                                                  const std::vector<backend::InputSpec>& given);

}  // namespace podium::onnxruntime
