#pragma once

#include <string>

#include "podium/results.h"
#include "podium/types.h"

namespace podium::aotinductor {

/// Counts the calls in the source of a compiled model: kernels that Inductor generated, oneDNN's and MKL's, and PyTorch's own operators
/// that it fell back on. The loader tells none of this, so a package without its source counts as one node of AOTInductor.
/// PyTorch's own operators make the fall-back share and no fall-back reason: calling them where they are faster is how Inductor works.
[[nodiscard]] Audit audit_source(const std::string& wrapper_source, Precision asked);

}  // namespace podium::aotinductor
