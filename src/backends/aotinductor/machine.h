#pragma once

#include "backends/aotinductor/metadata.h"
#include "core/result.h"

namespace podium::aotinductor {

/// A package holds machine code: ErrorCode::unsupported where this processor lacks what it was compiled for, which would end in a crash.
[[nodiscard]] Result<void> check_machine(const Metadata& metadata);

}  // namespace podium::aotinductor
