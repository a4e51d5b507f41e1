#include "import/aoti_request.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/environment.h"
#include "core/json.h"
#include "core/text.h"

namespace podium::import {

nlohmann::json aoti_request(const VariantRequest& request) {
  // Options of aotinductor that are settled when the package is compiled; the others belong to running it and need no package of their own.
  constexpr std::array<std::string_view, 4> compiled{"freezing", "max-autotune", "channels-last", "threads-policy"};
  OptionValues options;
  for (const auto& [name, value] : request.options) {
    if (std::find(compiled.begin(), compiled.end(), name) != compiled.end()) options.emplace(name, value);
  }
  nlohmann::json inputs = nlohmann::json::array();
  for (const backend::InputSpec& input : request.inputs)
    inputs.push_back({{"name", input.name}, {"type", to_string(input.type)}, {"shape", input.shape}});
  return {
      {"inputs", inputs}, {"precision", to_string(request.precision)}, {"options", options_to_json(options)}, {"threads", request.threads}};
}

std::string machine_key() {
  const Environment environment = read_environment();
  return environment.cpu + " " + join(environment.isa, " ");
}

}  // namespace podium::import
