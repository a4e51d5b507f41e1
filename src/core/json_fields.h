#pragma once

#include <fmt/format.h>

#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/json_values.h"
#include "core/result.h"
#include "core/text.h"

/// Structs as JSON, field by field. Each key of a file stands once, in a list that the writer and the reader both walk, so that they cannot
/// disagree.
namespace podium::codec {

/// Fields<Schema, T>::visit(visitor, value) calls visitor(key, field) for every key in the order of the file. `S` is T or const T. A Schema
/// is a type of its own for each kind of file; it says whether `every_key_is_there`, or an older file may lack some.
template <typename Schema, typename T>
struct Fields;

/// What all files write alike.
struct Shared {};

/// A text that is null where it is empty: a thing this machine does not have.
template <typename T>
struct NullWhenEmpty {
  T& text;
};
template <typename T>
NullWhenEmpty(T&) -> NullWhenEmpty<T>;

/// A number that the file holds as {"total_bytes": n}.
template <typename T>
struct TotalBytes {
  T& bytes;
};
template <typename T>
TotalBytes(T&) -> TotalBytes<T>;

/// A key of the schema that this version has no figure for.
struct NotKnown {};

template <typename Schema, typename T>
concept Listed = requires {
  sizeof(Fields<Schema, T>);
};
template <typename Schema, typename T>
using FieldsOf = std::conditional_t<Listed<Schema, T>, Fields<Schema, T>, Fields<Shared, T>>;
template <typename Schema, typename T>
concept Struct = Listed<Schema, T> || Listed<Shared, T>;
/// A struct that stands there thousands of times leaves out what is null.
template <typename Schema, typename T>
concept LeavesOutNulls = requires {
  FieldsOf<Schema, T>::leaves_out_nulls;
};

template <typename Schema>
struct Encoder {
  template <typename T>
  static Json encode(const T& value) {
    if constexpr (Struct<Schema, T>)
      return encode_struct(value);
    else
      return encode_value(value);
  }
  static Json encode(const NotKnown& /*value*/) { return nullptr; }
  template <typename T>
  static Json encode(const NullWhenEmpty<T>& wrapped) {
    return wrapped.text.empty() ? Json() : Json(wrapped.text);
  }
  template <typename T>
  static Json encode(const TotalBytes<T>& wrapped) {
    return Json{{"total_bytes", wrapped.bytes}};
  }
  template <typename T>
  static Json encode(const std::optional<T>& value) {
    return value ? encode(*value) : Json();
  }
  template <typename T>
  static Json encode(const std::vector<T>& values) {
    Json array = Json::array();
    for (const T& value : values) array.push_back(encode(value));
    return array;
  }
  template <typename T>
  static Json encode(const std::map<std::string, T>& values) {
    Json object = Json::object();
    for (const auto& [key, value] : values) object[key] = encode(value);
    return object;
  }

 private:
  template <typename T>
  static Json encode_struct(const T& value) {
    Json object = Json::object();
    const auto write = [&object](const char* key, const auto& field) {
      Json encoded = encode(field);
      if (LeavesOutNulls<Schema, T> && encoded.is_null()) return;
      object[key] = std::move(encoded);
    };
    FieldsOf<Schema, T>::visit(write, value);
    return object;
  }
};

template <typename Schema>
struct Decoder {
  using In = nlohmann::json;

  template <typename T>
  static void decode(const In& value, T& out) {
    if constexpr (Struct<Schema, T>)
      decode_struct(value, out);
    else
      decode_value(value, out);
  }
  static void decode(const In& /*value*/, NotKnown& /*out*/) {}
  template <typename T>
  static void decode(const In& value, NullWhenEmpty<T>& out) {
    if (!value.is_null()) decode(value, out.text);
  }
  template <typename T>
  static void decode(const In& value, TotalBytes<T>& out) {
    if (!value.is_object() || !value.contains("total_bytes")) wrong("an object with total_bytes");
    decode(value["total_bytes"], out.bytes);
  }
  template <typename T>
  static void decode(const In& value, std::optional<T>& out) {
    if (value.is_null()) return out.reset();
    decode(value, out.emplace());
  }
  template <typename T>
  static void decode(const In& value, std::vector<T>& out) {
    if (!value.is_array()) wrong("a list");
    out.clear();
    out.reserve(value.size());
    for (std::size_t i = 0; i < value.size(); ++i) decode_at(value[i], out.emplace_back(), fmt::format("[{}]", i));
  }
  template <typename T>
  static void decode(const In& value, std::map<std::string, T>& out) {
    if (!value.is_object()) wrong("an object");
    out.clear();
    for (const auto& [key, member] : value.items()) decode_at(member, out[key], fmt::format("['{}']", printable(key)));
  }

  /// One key of an object; nothing where an object of this schema may lack it and does.
  template <typename T>
  static void decode_key(const In& object, const char* key, T&& out) {
    const auto found = object.find(key);
    if (found != object.end()) return decode_at(*found, out, key);
    if (Schema::every_key_is_there) throw WrongValue{key, "a value; it is missing"};
  }

  /// Decodes, and puts `step` before the path of whatever is wrong below.
  template <typename T>
  static void decode_at(const In& value, T& out, const std::string& step) {
    try {
      decode(value, out);
    } catch (WrongValue& error) {
      const bool joins = error.path.empty() || error.path.front() == '[';
      error.path = joins ? step + error.path : step + "." + error.path;
      throw;
    }
  }

 private:
  template <typename T>
  static void decode_struct(const In& value, T& out) {
    if (!value.is_object()) wrong("an object");
    const auto read = [&value](const char* key, auto&& field) { decode_key(value, key, field); };
    FieldsOf<Schema, T>::visit(read, out);
  }
};

/// Runs `decode`; nothing where all was right, else what is wrong and where.
template <typename Decode>
[[nodiscard]] std::optional<WrongValue> decode_guarded(const Decode& decode) {
  try {
    decode();
    return std::nullopt;
  } catch (const WrongValue& error) {
    return error;
  }
}

}  // namespace podium::codec
