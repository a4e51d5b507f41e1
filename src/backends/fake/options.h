#pragma once

#include <vector>

#include "podium/options.h"

namespace podium::fake {

/// Every way in which the fake can misbehave, as data.
[[nodiscard]] std::vector<OptionSpec> options();

}  // namespace podium::fake
