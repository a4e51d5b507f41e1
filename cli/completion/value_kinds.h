#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace cli {

/// A word that completion offers, and a line about it.
struct Suggestion {
  std::string text;
  std::string help;
};

/// What may stand where help names a value so.
struct ValueKind {
  std::string_view name;  ///< "FILE", "P,...": as in the help
  bool is_list = false;   ///< several, with commas between
  bool is_file = false;   ///< a path, or one of the words
  std::vector<Suggestion> (*words)(const CLI::App& app, std::string_view typed) = nullptr;
};

/// A name in lower case, "host|device", is the list of its words; one that begins with a figure ("90s|5m") is an example, and no word is
/// offered. Throws std::logic_error where a flag's value has a name that nobody explained here.
[[nodiscard]] ValueKind kind_of(const CLI::Option& option);
/// Words for the value, of which `typed` stands there already (of a list, the last part). They need not begin with it.
[[nodiscard]] std::vector<Suggestion> words_of(const CLI::Option& option, const CLI::App& app, std::string_view typed);

}  // namespace cli
