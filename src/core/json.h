#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/result.h"
#include "podium/options.h"

namespace podium {

/// Parses JSON without throwing; `what` names the text in the error ("the reply of the worker").
[[nodiscard]] Result<nlohmann::json> parse_json(std::string_view text, std::string_view what);
/// Text of a JSON value; bytes that are not UTF-8 are replaced, never thrown at.
[[nodiscard]] std::string dump_json(const nlohmann::json& value, int indent = -1);

/// true/false, a number, or a string.
[[nodiscard]] nlohmann::json option_to_json(const OptionValue& value);
[[nodiscard]] Result<OptionValue> option_from_json(const nlohmann::json& value);
/// An object of option values by name.
[[nodiscard]] nlohmann::json options_to_json(const OptionValues& values);
[[nodiscard]] Result<OptionValues> options_from_json(const nlohmann::json& object);

}  // namespace podium
