#pragma once

#include <span>
#include <string>

namespace CLI {
class App;
}

namespace cli {

/// The word that shells put first when they ask: `podium __complete WORD…`, all words behind the program's name up to the cursor.
inline constexpr const char* completion_request = "__complete";

/// The answer to it. First a line that says what else the shell should offer, "files" or "words"; then a line for each word that may stand
/// in the place of the last one of `words`: the word, a tab and a line about it.
[[nodiscard]] std::string complete(const CLI::App& app, std::span<const std::string> words);

}  // namespace cli
