#include "core/json_values.h"

#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "core/json.h"

namespace podium::codec {
namespace {

using nlohmann::json;

template <typename Enum>
void decode_name(const json& value, Enum& out, std::optional<Enum> (*parse)(std::string_view) noexcept, const char* expected) {
  const std::optional<Enum> parsed = value.is_string() ? parse(value.get_ref<const std::string&>()) : std::nullopt;
  if (!parsed) wrong(expected);
  out = *parsed;
}

}  // namespace

void wrong(std::string expected) {
  throw WrongValue{{}, std::move(expected)};
}

Json encode_value(bool value) {
  return value;
}
Json encode_value(int value) {
  return value;
}
Json encode_value(std::int64_t value) {
  return value;
}
Json encode_value(double value) {
  return std::isfinite(value) ? Json(value) : Json();
}
Json encode_value(const std::string& value) {
  return value;
}
Json encode_value(const OptionValue& value) {
  return std::visit([](const auto& held) { return Json(held); }, value);
}
Json encode_value(Precision value) {
  return to_string(value);
}
Json encode_value(DataType value) {
  return to_string(value);
}
Json encode_value(CellStatus value) {
  return to_string(value);
}
Json encode_value(Verdict value) {
  return to_string(value);
}
Json encode_value(DropVerdict value) {
  return to_string(value);
}
Json encode_value(const Interval& interval) {
  return Json::array({encode_value(interval.low), encode_value(interval.high)});
}
Json encode_value(const Dimension& dimension) {
  if (!dimension.is_free()) return dimension.size;
  return dimension.name.empty() ? Json() : Json(dimension.name);
}

void decode_value(const json& value, bool& out) {
  if (!value.is_boolean()) wrong("true or false");
  out = value.get<bool>();
}

void decode_value(const json& value, std::int64_t& out) {
  const bool too_large = value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  if (!value.is_number_integer() || too_large) wrong("a whole number");
  out = value.get<std::int64_t>();
}

void decode_value(const json& value, int& out) {
  std::int64_t wide = 0;
  decode_value(value, wide);
  if (wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max()) wrong("a small whole number");
  out = static_cast<int>(wide);
}

void decode_value(const json& value, double& out) {
  if (value.is_null()) return;
  if (!value.is_number()) wrong("a number or null");
  out = value.get<double>();
}

void decode_value(const json& value, std::string& out) {
  if (!value.is_string()) wrong("text");
  out = value.get<std::string>();
}

void decode_value(const json& value, OptionValue& out) {
  Result<OptionValue> option = option_from_json(value);
  if (!option) wrong("true, false, a whole number or text");
  out = std::move(*option);
}

void decode_value(const json& value, Precision& out) {
  decode_name(value, out, parse_precision, "a precision that this Podium knows");
}
void decode_value(const json& value, DataType& out) {
  decode_name(value, out, parse_data_type, "an element type that this Podium knows");
}
void decode_value(const json& value, CellStatus& out) {
  decode_name(value, out, parse_cell_status, "a status");
}
void decode_value(const json& value, Verdict& out) {
  decode_name(value, out, parse_verdict, "a verdict");
}
void decode_value(const json& value, DropVerdict& out) {
  decode_name(value, out, parse_drop_verdict, "a verdict on a drop");
}

void decode_value(const json& value, Interval& out) {
  if (!value.is_array() || value.size() != 2) wrong("[low, high]");
  decode_value(value[0], out.low);
  decode_value(value[1], out.high);
}

void decode_value(const json& value, Dimension& out) {
  if (value.is_number_integer()) {
    decode_value(value, out.size);
    if (out.size < 0) wrong("a size, or the name of a free axis");
  } else if (!value.is_null()) {
    decode_value(value, out.name);
  }
}

}  // namespace podium::codec
