#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "podium/results.h"

/// Single values as JSON, and back. Structs are in json_fields.h.
namespace podium::codec {

/// Keys in the order of the schema, as a reader expects them.
using Json = nlohmann::ordered_json;

/// Where a value of the wrong kind stands. The one exception inside Podium, caught by decode_guarded: every reader on the way would have to
/// pass it on otherwise.
struct WrongValue {
  std::string path;
  std::string expected;
};
[[noreturn]] void wrong(std::string expected);

[[nodiscard]] Json encode_value(bool value);
[[nodiscard]] Json encode_value(int value);
[[nodiscard]] Json encode_value(std::int64_t value);
/// JSON has no infinity; a figure that is none is null like any other that cannot be had.
[[nodiscard]] Json encode_value(double value);
[[nodiscard]] Json encode_value(const std::string& value);
[[nodiscard]] Json encode_value(const OptionValue& value);
[[nodiscard]] Json encode_value(Precision value);
[[nodiscard]] Json encode_value(DataType value);
[[nodiscard]] Json encode_value(CellStatus value);
[[nodiscard]] Json encode_value(Verdict value);
[[nodiscard]] Json encode_value(DropVerdict value);
[[nodiscard]] Json encode_value(const Interval& interval);    ///< [low, high]
[[nodiscard]] Json encode_value(const Dimension& dimension);  ///< a size; of a free axis its name, null where it has none

void decode_value(const nlohmann::json& value, bool& out);
void decode_value(const nlohmann::json& value, int& out);
void decode_value(const nlohmann::json& value, std::int64_t& out);
/// null stands for a figure that was not finite, or never taken, and leaves `out` as it is.
void decode_value(const nlohmann::json& value, double& out);
void decode_value(const nlohmann::json& value, std::string& out);
void decode_value(const nlohmann::json& value, OptionValue& out);
void decode_value(const nlohmann::json& value, Precision& out);
void decode_value(const nlohmann::json& value, DataType& out);
void decode_value(const nlohmann::json& value, CellStatus& out);
void decode_value(const nlohmann::json& value, Verdict& out);
void decode_value(const nlohmann::json& value, DropVerdict& out);
void decode_value(const nlohmann::json& value, Interval& out);
void decode_value(const nlohmann::json& value, Dimension& out);

}  // namespace podium::codec
