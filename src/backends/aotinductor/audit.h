#pragma once

#include <string>

#include "podium/results.h"

namespace podium::aotinductor {

/// Counts the calls in the source of a compiled model: kernels that Inductor generated, oneDNN's and MKL's, and PyTorch's own operators
/// that it fell back on. The loader tells none of this, so a package without its source counts as one node of AOTInductor.
[[nodiscard]] Audit audit_source(const std::string& wrapper_source);

}  // namespace podium::aotinductor
