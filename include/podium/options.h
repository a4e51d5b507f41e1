#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace podium {

enum class OptionType { flag, integer, choice, text };

using OptionValue = std::variant<bool, std::int64_t, std::string>;
using OptionValues = std::map<std::string, OptionValue>;

/// A knob of a backend, as data. The parser, the help, the documentation, the Python stubs and the search derive from it.
struct OptionSpec {
  std::string name;  ///< "graph-optimization"; lower case, words joined by '-'
  OptionType type = OptionType::text;
  OptionValue default_value;         ///< the engine's own default, so that an empty set of options changes nothing
  std::vector<std::string> choices;  ///< for OptionType::choice
  std::int64_t minimum = 0;          ///< for OptionType::integer, inclusive
  std::int64_t maximum = 0;          ///< for OptionType::integer, inclusive
  std::string help;                  ///< one line
};

/// "on"/"off", a number, or the text itself.
[[nodiscard]] std::string to_string(const OptionValue& value);

}  // namespace podium
