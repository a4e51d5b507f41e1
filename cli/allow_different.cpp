#include "allow_different.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "parse.h"
#include "podium/error.h"
#include "podium/names.h"

namespace cli {
namespace {

struct Word {
  const char* text;
  bool podium::CompareOptions::*flag;
};
constexpr Word words[] = {{"machine", &podium::CompareOptions::allow_different_machine},
                          {"boundary", &podium::CompareOptions::allow_different_boundary},
                          {"model", &podium::CompareOptions::allow_different_model}};

}  // namespace

std::vector<std::string> allow_different_words() {
  std::vector<std::string> known;
  for (const Word& word : words) known.emplace_back(word.text);
  return known;
}

podium::CompareOptions parse_allow_different(const std::string& text) {
  podium::CompareOptions options;
  if (text.empty()) return options;
  const std::vector<std::string> known = allow_different_words();
  for (const std::string& name : parse_names("--allow-different", text)) {
    const auto* const found = std::find_if(std::begin(words), std::end(words), [&](const Word& word) { return name == word.text; });
    if (found == std::end(words)) {
      throw podium::Exception({podium::ErrorCode::wrong_use,
                               fmt::format("--allow-different {}: there is nothing called '{}'{}", podium::printable(text),
                                           podium::printable(name), podium::did_you_mean(name, known)),
                               fmt::format("choose from {}", fmt::join(known, ", "))});
    }
    options.*found->flag = true;
  }
  return options;
}

}  // namespace cli
