#include "import/aoti_request.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/environment.h"
#include "core/json.h"
#include "core/text.h"

namespace podium::import {

nlohmann::json inputs_as_json(const std::vector<backend::InputSpec>& inputs) {
  nlohmann::json list = nlohmann::json::array();
  for (const backend::InputSpec& input : inputs)
    list.push_back({{"name", input.name}, {"type", to_string(input.type)}, {"shape", input.shape}});
  return list;
}

nlohmann::json aoti_request(const VariantRequest& request) {
  // Options of aotinductor that are settled when the package is compiled; the others belong to running it and need no package of their own.
  constexpr std::array<std::string_view, 5> compiled{"freezing", "max-autotune", "channels-last", "half-by", "threads-policy"};
  OptionValues options;
  for (const auto& [name, value] : request.options) {
    if (std::find(compiled.begin(), compiled.end(), name) != compiled.end()) options.emplace(name, value);
  }
  return {{"inputs", inputs_as_json(request.inputs)},
          {"precision", to_string(request.precision)},
          {"options", options_to_json(options)},
          {"threads", request.threads}};
}

std::string machine_key() {
  const Environment environment = read_environment();
  return environment.cpu + " " + join(environment.isa, " ");
}

}  // namespace podium::import
