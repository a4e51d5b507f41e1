#include "podium/display.h"

#include <clocale>
#include <cwchar>

namespace podium {
namespace {

/// The C library's own table of widths, for UTF-8 whatever the user's locale is: what is measured here was written as UTF-8.
class Utf8Locale {
 public:
  Utf8Locale() : locale_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {}
  ~Utf8Locale() {
    if (locale_ != nullptr) ::freelocale(locale_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;
  [[nodiscard]] locale_t get() const noexcept { return locale_; }

 private:
  locale_t locale_;
};

/// In this thread, until its end.
class InUtf8 {
 public:
  InUtf8() {
    static const Utf8Locale utf8;
    if (utf8.get() != nullptr) before_ = ::uselocale(utf8.get());
  }
  ~InUtf8() {
    if (before_ != nullptr) ::uselocale(before_);
  }
  InUtf8(const InUtf8&) = delete;
  InUtf8& operator=(const InUtf8&) = delete;

 private:
  locale_t before_ = nullptr;
};

struct Character {
  std::size_t bytes = 1;
  std::size_t columns = 1;
};

/// Of a text that is not empty.
Character first_character(std::string_view text) {
  if (static_cast<unsigned char>(text.front()) < 0x80U) return {};
  wchar_t point = 0;
  std::mbstate_t state{};
  const std::size_t bytes = std::mbrtowc(&point, text.data(), text.size(), &state);
  if (bytes == 0 || bytes > text.size()) return {};  // no UTF-8
  const int columns = ::wcwidth(point);
  return {bytes, columns < 0 ? 1 : static_cast<std::size_t>(columns)};
}

}  // namespace

std::size_t display_width(std::string_view text) {
  const InUtf8 utf8;
  std::size_t width = 0;
  while (!text.empty()) {
    const Character character = first_character(text);
    width += character.columns;
    text.remove_prefix(character.bytes);
  }
  return width;
}

std::string_view first_columns(std::string_view text, std::size_t columns) {
  const InUtf8 utf8;
  std::size_t taken = 0;
  std::size_t width = 0;
  while (taken < text.size()) {
    const Character character = first_character(text.substr(taken));
    if (width + character.columns > columns) break;
    width += character.columns;
    taken += character.bytes;
  }
  return text.substr(0, taken);
}

}  // namespace podium
