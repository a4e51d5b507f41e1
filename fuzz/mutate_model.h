#pragma once

#include "onnx-ml.pb.h"

namespace podium::fuzz {

/// Changes a model's structure in one to four places; the same seed makes the same changes.
void mutate(::onnx::ModelProto& model, unsigned int seed);

}  // namespace podium::fuzz
