#pragma once

#include <string>

namespace podium::backend {

/// The file of the library that a function is in, as the loader found it: for Probe::place. Empty where that is not known.
[[nodiscard]] std::string library_of(const void* function);

}  // namespace podium::backend
