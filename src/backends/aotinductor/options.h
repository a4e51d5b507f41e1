#pragma once

#include <vector>

#include "backends/api/option_trial.h"
#include "podium/options.h"

namespace podium::aotinductor {

[[nodiscard]] std::vector<OptionSpec> option_specs();
/// Values that a search for the fastest way tries.
[[nodiscard]] std::vector<backend::OptionTrial> option_trials();

}  // namespace podium::aotinductor
