#pragma once

#include <vector>

#include "podium/options.h"

namespace podium::aotinductor {

[[nodiscard]] std::vector<OptionSpec> option_specs();

}  // namespace podium::aotinductor
