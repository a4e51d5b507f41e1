#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "podium/report.h"

namespace podium::report {

namespace ink {
inline constexpr std::string_view none{};
inline constexpr std::string_view bold = "\x1b[1m";
inline constexpr std::string_view dim = "\x1b[2m";
inline constexpr std::string_view red = "\x1b[31m";
inline constexpr std::string_view green = "\x1b[32m";
inline constexpr std::string_view yellow = "\x1b[33m";
}  // namespace ink

/// Text for a terminal, line by line, in the looks that were asked for.
class Canvas {
 public:
  explicit Canvas(const TableStyle& style);

  [[nodiscard]] std::size_t width() const noexcept { return width_; }
  /// As it will be shown: in ASCII where the terminal has nothing else.
  [[nodiscard]] std::string drawn(std::string_view text) const;
  void line(std::string_view colour, std::string_view text);
  [[nodiscard]] bool is_empty() const noexcept { return text_.empty(); }
  void blank() { text_ += '\n'; }
  /// Wrapped. The lead stands before the first line; those after it are set in as far, and by `hang` more.
  void paragraph(std::string_view colour, std::string_view text, std::string_view lead = {}, std::size_t hang = 0);
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  TableStyle style_;
  std::size_t width_;
  std::string text_;
};

/// Names on the left, padded to the longest, each with its wrapped text.
void draw_pairs(Canvas& canvas, const std::vector<std::pair<std::string, std::string>>& pairs);
/// "try: pip install PACKAGE". A command stays on one line, however narrow the terminal, or it could not be copied.
void draw_remedy(Canvas& canvas, const std::string& remedy, std::string_view indent);

}  // namespace podium::report
