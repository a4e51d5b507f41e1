#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "import/import.h"

namespace podium::import {

/// [{"name", "type", "shape"}, …], as the exporter reads inputs.
[[nodiscard]] nlohmann::json inputs_as_json(const std::vector<backend::InputSpec>& inputs);
/// What an AOTInductor package is compiled for, as the exporter reads it.
[[nodiscard]] nlohmann::json aoti_request(const VariantRequest& request);
/// The processor that code is compiled for: a package made here may not run elsewhere.
[[nodiscard]] std::string machine_key();

}  // namespace podium::import
