#include "report/canvas.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/text_layout.h"

namespace podium::report {
namespace {

constexpr std::size_t narrowest = 20;

}  // namespace

Canvas::Canvas(const TableStyle& style) : style_(style), width_(std::max(static_cast<std::size_t>(std::max(style.width, 0)), narrowest)) {}

std::string Canvas::drawn(std::string_view text) const {
  return style_.unicode ? std::string(text) : to_ascii(text);
}

void Canvas::line(std::string_view colour, std::string_view text) {
  const std::string trimmed = drawn(text.substr(0, text.find_last_not_of(' ') + 1));
  const bool is_coloured = style_.colour && !colour.empty() && !trimmed.empty();
  text_ += is_coloured ? fmt::format("{}{}\x1b[0m\n", colour, trimmed) : trimmed + "\n";
}

void Canvas::paragraph(std::string_view colour, std::string_view text, std::string_view lead, std::size_t hang) {
  std::string start(lead);
  const std::size_t left = display_width(lead) + hang;
  for (const std::string& part : wrap(drawn(text), width_ > left ? width_ - left : 1)) {
    line(colour, start + part);
    start = std::string(left, ' ');
  }
}

void draw_pairs(Canvas& canvas, const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::size_t widest = 0;
  for (const auto& [name, text] : pairs) widest = std::max(widest, display_width(canvas.drawn(name)));
  for (const auto& [name, text] : pairs) {
    if (!text.empty()) canvas.paragraph(ink::none, text, "  " + pad_right(canvas.drawn(name), widest + 2));
  }
}

void draw_remedy(Canvas& canvas, const std::string& remedy, std::string_view indent) {
  if (remedy.empty()) return;
  const std::string lead = fmt::format("{}try: ", indent);
  if (is_command(remedy))
    canvas.line(ink::none, lead + remedy);
  else
    canvas.paragraph(ink::none, remedy, lead);
}

}  // namespace podium::report
