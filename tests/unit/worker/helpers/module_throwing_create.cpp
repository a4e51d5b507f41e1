#include <stdexcept>

#include "backends/api/backend.h"

/// A module whose backend cannot be made.
extern "C" const podium_backend_module_t* podium_backend_module() {
  static const podium_backend_module_t module{podium::backend::contract_version, sizeof(podium_backend_module_t),
                                              []() -> podium::backend::Backend* { throw std::runtime_error("no licence was found"); }};
  return &module;
}
