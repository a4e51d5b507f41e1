#include "report/html/html_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/sha256.h"
#include "core/text.h"

namespace podium::report {
namespace {

constexpr std::pair<char, std::string_view> entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};

/// What a script in a page must not hold as it is: ends of elements, and the two line separators that JSON allows and old scripts do not.
constexpr std::pair<std::string_view, std::string_view> script_escapes[] = {
    {"<", "\\u003c"}, {">", "\\u003e"}, {"&", "\\u0026"}, {"\xe2\x80\xa8", "\\u2028"}, {"\xe2\x80\xa9", "\\u2029"}};

unsigned hex_value(char digit) {
  return static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

/// Base64 (RFC 4648) of bytes that are given in hexadecimal.
std::string base64_of_hex(std::string_view hex) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < hex.size(); i += 6) {  // three bytes make four letters
    const std::string_view part = hex.substr(i, 6);
    unsigned bits = 0;
    for (std::size_t digit = 0; digit < 6; ++digit) bits = bits << 4U | (digit < part.size() ? hex_value(part[digit]) : 0U);
    const std::size_t written = part.size() / 2 + 1;
    for (std::size_t letter = 0; letter < 4; ++letter) text += letter < written ? letters[bits >> (18U - 6U * letter) & 63U] : '=';
  }
  return text;
}

bool is_plain(const std::string& word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./:,=+@%").find(c) != std::string_view::npos;
  });
}

std::string shell_word(const std::string& word) {
  if (is_plain(word)) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string safe;
  for (const char c : printable(text)) {
    const auto* const found = std::find_if(std::begin(entities), std::end(entities), [c](const auto& pair) { return pair.first == c; });
    if (found == std::end(entities))
      safe += c;
    else
      safe += found->second;
  }
  return safe;
}

std::string html_name(std::string_view name) {
  return fmt::format("<bdi>{}</bdi>", html_text(name));
}

std::string script_json(const Json& value) {
  std::string text = one_line(value);
  for (const auto& [character, escape] : script_escapes) {
    for (std::size_t at = text.find(character); at != std::string::npos; at = text.find(character, at + escape.size()))
      text.replace(at, character.size(), escape);
  }
  return text;
}

std::string filled(std::string_view page, const std::map<std::string_view, std::string>& slots) {
  std::string text;
  while (true) {
    const std::size_t open = page.find("{{");
    const std::size_t close = open == std::string_view::npos ? open : page.find("}}", open);
    if (close == std::string_view::npos) return text.append(page);
    const auto slot = slots.find(page.substr(open + 2, close - open - 2));
    text.append(page.substr(0, open));
    if (slot != slots.end()) text += slot->second;
    page.remove_prefix(close + 2);
  }
}

std::string shell_line(const std::vector<std::string>& command) {
  std::vector<std::string> words;
  for (const std::string& word : command) words.push_back(shell_word(word));
  return join(words, " ");
}

std::string content_policy(const std::vector<std::string_view>& scripts) {
  std::string allowed;
  for (const std::string_view script : scripts) allowed += fmt::format(" 'sha256-{}'", base64_of_hex(sha256_of_text(script)));
  // Styles may stand in the page: the chart library writes its own.
  return fmt::format(
      "default-src 'none'; script-src{}; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'", allowed);
}

}  // namespace podium::report
