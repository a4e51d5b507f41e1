#include "core/json.h"

#include <fmt/format.h>

#include <limits>

#include "core/text.h"

namespace podium {

Result<nlohmann::json> parse_json(std::string_view text, std::string_view what) {
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    return fail(ErrorCode::bad_input, fmt::format("{} is not JSON: it goes wrong at byte {}", what, error.byte));
  } catch (const nlohmann::json::out_of_range&) {
    return fail(ErrorCode::bad_input, fmt::format("{} holds a number that is too large", what));
  }
}

std::string dump_json(const nlohmann::json& value, int indent) {
  return value.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
}

nlohmann::json option_to_json(const OptionValue& value) {
  return std::visit([](const auto& held) { return nlohmann::json(held); }, value);
}

Result<OptionValue> option_from_json(const nlohmann::json& value) {
  if (value.is_boolean()) return OptionValue(value.get<bool>());
  if (value.is_string()) return OptionValue(value.get<std::string>());
  const bool fits = !value.is_number_unsigned() || value.get<std::uint64_t>() <= std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  if (value.is_number_integer() && fits) return OptionValue(value.get<std::int64_t>());
  return fail(ErrorCode::bad_input,
              fmt::format("an option's value is neither true, false, a whole number nor text: {}", printable(dump_json(value))));
}

nlohmann::json options_to_json(const OptionValues& values) {
  nlohmann::json object = nlohmann::json::object();
  for (const auto& [name, value] : values) object[name] = option_to_json(value);
  return object;
}

Result<OptionValues> options_from_json(const nlohmann::json& object) {
  if (!object.is_object()) return fail(ErrorCode::bad_input, "options are not a JSON object");
  OptionValues values;
  for (const auto& [name, value] : object.items()) {
    Result<OptionValue> option = option_from_json(value);
    if (!option) return fail(option.error().code, fmt::format("option '{}': {}", printable(name), option.error().message));
    values.emplace(name, std::move(*option));
  }
  return values;
}

}  // namespace podium
