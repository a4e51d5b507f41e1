#include "backends/api/backend.h"

/// A module of a later Podium.
extern "C" const podium_backend_module_t* podium_backend_module() {
  static const podium_backend_module_t module{podium::backend::contract_version + 1, sizeof(podium_backend_module_t),
                                              []() -> podium::backend::Backend* { return nullptr; }};
  return &module;
}
