#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "import/import.h"

namespace podium::import {

/// What an AOTInductor package is compiled for, as the exporter reads it.
[[nodiscard]] nlohmann::json aoti_request(const VariantRequest& request);
/// The processor that code is compiled for: a package made here may not run elsewhere.
[[nodiscard]] std::string machine_key();

}  // namespace podium::import
