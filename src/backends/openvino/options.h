#pragma once

#include <openvino/core/any.hpp>
#include <vector>

#include "backends/api/backend.h"

namespace podium::openvino {

[[nodiscard]] std::vector<OptionSpec> option_specs();
/// Values that a search for the fastest way tries.
[[nodiscard]] std::vector<backend::OptionTrial> option_trials();
/// The whole configuration of a compiled model, its arithmetic spelt out: left alone, OpenVINO computes in bf16 wherever the CPU can.
[[nodiscard]] ov::AnyMap compile_properties(const backend::LoadRequest& request);

}  // namespace podium::openvino
