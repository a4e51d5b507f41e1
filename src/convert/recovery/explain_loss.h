#pragma once

#include <span>
#include <string>
#include <vector>

#include "convert/activations.h"
#include "convert/progress.h"
#include "convert/recovery/give_back.h"
#include "podium/types.h"

namespace podium::convert {

/// A sentence on each loss: "'log_mel' (Mul): converted alone it leaves 14.0 dB of signal to noise, since …". The numbers that go into and
/// come out of each node are looked at in one run of the float model.
[[nodiscard]] Result<std::vector<std::string>> explain_losses(const ::onnx::ModelProto& model, std::span<const Loss> losses,
                                                              Precision precision, ActivationSource& source, const Progress& progress);

}  // namespace podium::convert
