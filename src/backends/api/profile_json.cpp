#include "backends/api/profile_json.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "core/text.h"

namespace podium::backend {
namespace {

template <typename Value>
using Member = std::pair<const char*, Value QuantizationProfile::*>;

constexpr std::array<Member<bool>, 11> flags{{
    {"symmetric_activations", &QuantizationProfile::symmetric_activations},
    {"reduced_range_weights", &QuantizationProfile::reduced_range_weights},
    {"quantize_residual_adds", &QuantizationProfile::quantize_residual_adds},
    {"quantize_bias", &QuantizationProfile::quantize_bias},
    {"quantize_linear_weights_per_channel", &QuantizationProfile::quantize_linear_weights_per_channel},
    {"quantize_attention", &QuantizationProfile::quantize_attention},
    {"quantize_first_layers", &QuantizationProfile::quantize_first_layers},
    {"quantize_last_layers", &QuantizationProfile::quantize_last_layers},
    {"quantize_behind_moves", &QuantizationProfile::quantize_behind_moves},
    {"store_int8_weights", &QuantizationProfile::store_int8_weights},
    {"dynamic_weights_only", &QuantizationProfile::dynamic_weights_only},
}};

constexpr std::array<Member<std::vector<std::string>>, 5> lists{{
    {"instructions", &QuantizationProfile::instructions},
    {"operators", &QuantizationProfile::operators},
    {"dynamic_operators", &QuantizationProfile::dynamic_operators},
    {"float_outputs", &QuantizationProfile::float_outputs},
    {"fused_ends", &QuantizationProfile::fused_ends},
}};

}  // namespace

nlohmann::ordered_json profile_to_json(const QuantizationProfile& profile) {
  nlohmann::ordered_json object = {
      {"name", profile.name}, {"activation_type", to_string(profile.activation_type)}, {"newest_opset", profile.newest_opset}};
  for (const auto& [name, member] : flags) object[name] = profile.*member;
  for (const auto& [name, member] : lists) object[name] = profile.*member;
  return object;
}

Result<QuantizationProfile> profile_from_json(const nlohmann::json& object) {
  QuantizationProfile profile;
  profile.name = object.value("name", profile.name);
  profile.newest_opset = object.value("newest_opset", profile.newest_opset);
  const auto type_name = object.value("activation_type", std::string(to_string(profile.activation_type)));
  const std::optional<DataType> type = parse_data_type(type_name);
  if (type != DataType::int8 && type != DataType::uint8)
    return fail(ErrorCode::bad_input, fmt::format("activations cannot be quantized to '{}', only to int8 or uint8", printable(type_name)));
  profile.activation_type = *type;
  for (const auto& [name, member] : flags) profile.*member = object.value(name, profile.*member);
  for (const auto& [name, member] : lists) profile.*member = object.value(name, profile.*member);
  return profile;
}

}  // namespace podium::backend
