#include "report/text_layout.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/text.h"

namespace podium::report {
namespace {

bool starts_code_point(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

constexpr std::pair<std::string_view, std::string_view> likenesses[] = {
    {"×", "x"}, {"±", "+/-"}, {"–", "-"}, {"—", "-"}, {"·", "|"}, {"…", "..."}, {"µ", "u"}, {"─", "-"}, {"÷", "/"}, {"→", "->"},
    {"▁", "_"}, {"▂", "_"},   {"▃", "-"}, {"▄", "-"}, {"▅", "="}, {"▆", "="},   {"▇", "#"}, {"█", "#"}, {"│", "|"},
};

}  // namespace

std::string pad_left(std::string_view text, std::size_t width) {
  const std::size_t taken = display_width(text);
  return std::string(width > taken ? width - taken : 0, ' ').append(text);
}

std::string pad_right(std::string_view text, std::size_t width) {
  const std::size_t taken = display_width(text);
  return std::string(text).append(width > taken ? width - taken : 0, ' ');
}

std::string enumerated(std::vector<std::string> names) {
  if (names.size() < 2) return join(names, "");
  const std::string last = std::move(names.back());
  names.pop_back();
  return join(names, ", ") + " and " + last;
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  for (const std::string& word : split(text, ' ')) {
    if (word.empty()) continue;
    if (lines.empty() || display_width(lines.back()) + 1 + display_width(word) > width)
      lines.push_back(word);
    else
      lines.back() += " " + word;
  }
  return lines;
}

std::string to_ascii(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    std::size_t length = 1;
    while (length < text.size() && !starts_code_point(text[length])) ++length;
    const std::string_view point = text.substr(0, length);
    const auto* const like =
        std::find_if(std::begin(likenesses), std::end(likenesses), [point](const auto& pair) { return pair.first == point; });
    const bool is_ascii = length == 1 && static_cast<unsigned char>(point.front()) < 0x80;
    if (is_ascii)
      plain += point;
    else
      plain += like == std::end(likenesses) ? "?" : like->second;
    text.remove_prefix(length);
  }
  return plain;
}

bool is_command(std::string_view remedy) {
  constexpr std::string_view programs[] = {"pip", "podium", "apt-get", "sudo", "cmake", "setup"};
  const std::string_view word = remedy.substr(0, remedy.find(' '));
  return std::find(std::begin(programs), std::end(programs), word.substr(word.rfind('/') + 1)) != std::end(programs);
}

}  // namespace podium::report
