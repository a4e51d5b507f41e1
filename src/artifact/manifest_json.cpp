#include "artifact/manifest_json.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "artifact/manifest_fields.h"
#include "core/json.h"
#include "core/text.h"

namespace podium::artifact {
namespace {

using nlohmann::json;
using Json = nlohmann::ordered_json;

template <typename T>
concept HasFields = requires {
  sizeof(Fields<T>);
};
template <typename T>
concept Named = std::is_same_v<T, Precision> || std::is_same_v<T, DataType> || std::is_same_v<T, Verdict> || std::is_same_v<T, DropVerdict>;

Json encode(bool value) {
  return value;
}
Json encode(std::int64_t value) {
  return value;
}
/// JSON has no infinity; a figure that is none is null.
Json encode(double value) {
  return std::isfinite(value) ? Json(value) : Json();
}
Json encode(const std::string& value) {
  return value;
}
Json encode(const OptionValue& value) {
  return std::visit([](const auto& held) { return Json(held); }, value);
}
Json encode(const Interval& interval) {
  return Json::array({encode(interval.low), encode(interval.high)});
}
/// A fixed axis is its size; a free one its name, or null where it has none.
Json encode(const Dimension& dimension) {
  if (!dimension.is_free()) return dimension.size;
  return dimension.name.empty() ? Json() : Json(dimension.name);
}
template <Named T>
Json encode(T value) {
  return to_string(value);
}
template <typename T>
Json encode(const std::optional<T>& value);
template <typename T>
Json encode(const std::vector<T>& values);
template <typename T>
Json encode(const std::map<std::string, T>& values);
template <HasFields T>
Json encode(const T& value);

class Writer {
 public:
  template <typename T>
  void operator()(const char* key, const T& field) {
    object_[key] = encode(field);
  }
  [[nodiscard]] Json take() { return std::move(object_); }

 private:
  Json object_ = Json::object();
};

template <HasFields T>
Json encode(const T& value) {
  Writer writer;
  Fields<T>::visit(writer, value);
  return writer.take();
}
template <typename T>
Json encode(const std::optional<T>& value) {
  return value ? encode(*value) : Json();
}
template <typename T>
Json encode(const std::vector<T>& values) {
  Json array = Json::array();
  for (const T& value : values) array.push_back(encode(value));
  return array;
}
template <typename T>
Json encode(const std::map<std::string, T>& values) {
  Json object = Json::object();
  for (const auto& [key, value] : values) object[key] = encode(value);
  return object;
}

/// Where in the manifest a value of the wrong kind stands. Thrown inside this file only: every reader below would have to pass it on.
struct WrongValue {
  std::string path;
  std::string expected;
};

[[noreturn]] void wrong(std::string expected) {
  throw WrongValue{{}, std::move(expected)};
}

void decode(const json& value, bool& out) {
  if (!value.is_boolean()) wrong("true or false");
  out = value.get<bool>();
}
void decode(const json& value, std::int64_t& out) {
  const bool too_large = value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  if (!value.is_number_integer() || too_large) wrong("a whole number");
  out = value.get<std::int64_t>();
}
void decode(const json& value, double& out) {
  if (value.is_null()) return;
  if (!value.is_number()) wrong("a number or null");
  out = value.get<double>();
}
void decode(const json& value, std::string& out) {
  if (!value.is_string()) wrong("text");
  out = value.get<std::string>();
}
void decode(const json& value, OptionValue& out) {
  Result<OptionValue> option = option_from_json(value);
  if (!option) wrong("true, false, a whole number or text");
  out = std::move(*option);
}
void decode(const json& value, Interval& out) {
  if (!value.is_array() || value.size() != 2) wrong("[low, high]");
  decode(value[0], out.low);
  decode(value[1], out.high);
}
void decode(const json& value, Dimension& out) {
  if (value.is_number_integer()) {
    decode(value, out.size);
    if (out.size < 0) wrong("a size, or the name of a free axis");
  } else if (!value.is_null()) {
    decode(value, out.name);
  }
}

template <typename Enum>
void decode_name(const json& value, Enum& out, std::optional<Enum> (*parse)(std::string_view) noexcept, const char* expected) {
  const std::optional<Enum> parsed = value.is_string() ? parse(value.get_ref<const std::string&>()) : std::nullopt;
  if (!parsed) wrong(expected);
  out = *parsed;
}
void decode(const json& value, Precision& out) {
  decode_name(value, out, parse_precision, "a precision that this Podium knows");
}
void decode(const json& value, DataType& out) {
  decode_name(value, out, parse_data_type, "an element type that this Podium knows");
}
void decode(const json& value, Verdict& out) {
  decode_name(value, out, parse_verdict, "a verdict");
}
void decode(const json& value, DropVerdict& out) {
  decode_name(value, out, parse_drop_verdict, "a verdict on a drop");
}

template <typename T>
void decode(const json& value, std::optional<T>& out);
template <typename T>
void decode(const json& value, std::vector<T>& out);
template <typename T>
void decode(const json& value, std::map<std::string, T>& out);
template <HasFields T>
void decode(const json& value, T& out);

/// Decodes, and puts `step` before the path of whatever is wrong below.
template <typename T>
void decode_at(const json& value, T& out, const std::string& step) {
  try {
    decode(value, out);
  } catch (WrongValue& error) {
    const bool joins = error.path.empty() || error.path.front() == '[';
    error.path = joins ? step + error.path : step + "." + error.path;
    throw;
  }
}

/// Every key is there in a manifest of this schema: one that is not was taken out.
class Reader {
 public:
  explicit Reader(const json& object) : object_(object) {}
  template <typename T>
  void operator()(const char* key, T& field) {
    const auto found = object_.find(key);
    if (found == object_.end()) throw WrongValue{key, "a value; it is missing"};
    decode_at(*found, field, key);
  }

 private:
  const json& object_;
};

template <HasFields T>
void decode(const json& value, T& out) {
  if (!value.is_object()) wrong("an object");
  Reader reader(value);
  Fields<T>::visit(reader, out);
}
template <typename T>
void decode(const json& value, std::optional<T>& out) {
  if (!value.is_null()) decode(value, out.emplace());
}
template <typename T>
void decode(const json& value, std::vector<T>& out) {
  if (!value.is_array()) wrong("a list");
  for (std::size_t i = 0; i < value.size(); ++i) decode_at(value[i], out.emplace_back(), fmt::format("[{}]", i));
}
template <typename T>
void decode(const json& value, std::map<std::string, T>& out) {
  if (!value.is_object()) wrong("an object");
  for (const auto& [key, member] : value.items()) decode_at(member, out[key], fmt::format("['{}']", printable(key)));
}

Result<void> check_schema(const json& object) {
  const auto found = object.is_object() ? object.find("schema") : object.end();
  if (!object.is_object() || found == object.end() || !found->is_string()) {
    return fail(ErrorCode::bad_input, "the manifest artifact.json names no schema, so this is no artefact of Podium",
                "give the folder that podium pack wrote");
  }
  const std::string& named = found->get_ref<const std::string&>();
  if (named == schema) return {};
  return fail(ErrorCode::bad_input, fmt::format("the artefact is of schema '{}', this Podium reads {}", printable(named), schema),
              "use the Podium that wrote it, or make it again with podium pack");
}

}  // namespace

std::string to_json(const Manifest& manifest) {
  Json object = Json::object();
  object["schema"] = schema;
  object.update(encode(manifest));
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Manifest> parse_manifest(std::string_view text) {
  const Result<json> object = parse_json(text, "the manifest artifact.json");
  if (!object) return fail(ErrorCode::bad_input, object.error().message, "copy the artefact again: it was cut off or changed");
  if (auto checked = check_schema(*object); !checked) return tl::unexpected(checked.error());
  Manifest manifest;
  try {
    decode(*object, manifest);
  } catch (const WrongValue& error) {
    return fail(ErrorCode::bad_input, fmt::format("the manifest artifact.json is damaged: {} is to be {}", error.path, error.expected),
                "copy the artefact again, or make it again with podium pack");
  }
  return manifest;
}

}  // namespace podium::artifact
