#include "progress.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "podium/names.h"
#include "terminal.h"

namespace cli {
namespace {

constexpr auto redraw_interval = std::chrono::milliseconds(100);
/// Where there is no terminal, measuring would print a line for every block; this often is enough for a log.
constexpr auto plain_interval = std::chrono::seconds(10);
constexpr int bar_width = 24;

std::string clock_time(double seconds) {
  const auto whole = static_cast<long>(std::max(0.0, seconds));
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string bar(double share, bool unicode) {
  const int filled = static_cast<int>(std::clamp(share, 0.0, 1.0) * bar_width);
  std::string text;
  for (int i = 0; i < bar_width; ++i) text += i < filled ? (unicode ? "█" : "#") : (unicode ? "░" : ".");
  return text;
}

/// The first `columns` characters, whole.
std::string cut(const std::string& text, std::size_t columns) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool starts_character = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    if (starts_character && characters++ == columns) return text.substr(0, i);
  }
  return text;
}

/// Stages that go round all cells, block by block; a log wants no line for each block.
bool goes_round(const podium::Progress& progress) {
  return progress.stage == "measure" || progress.stage == "lead-in";
}

/// The stages as a person would say them.
std::string in_words(const podium::Progress& progress) {
  return fmt::format("{:<8} {}", progress.stage, podium::printable(progress.subject));
}

std::string end_estimate(const podium::Progress& progress) {
  return progress.remaining.count() >= 0 ? fmt::format("{} left", clock_time(progress.remaining.count())) : "";
}

}  // namespace

ProgressDisplay::ProgressDisplay(Verbosity verbosity) : verbosity_(verbosity), live_(can_redraw(stderr) && verbosity != Verbosity::quiet) {}

ProgressDisplay::~ProgressDisplay() {
  clear();
}

void ProgressDisplay::on_progress(const podium::Progress& progress) {
  if (verbosity_ == Verbosity::quiet) return;
  if (live_) {
    draw(progress);
  } else {
    print_change(progress);
  }
}

void ProgressDisplay::draw(const podium::Progress& progress) {
  const auto now = std::chrono::steady_clock::now();
  const std::string what = in_words(progress);
  if (drawn_ && what == last_shown_ && now - last_draw_ < redraw_interval) return;
  last_draw_ = now;
  last_shown_ = what;
  std::string line = clock_time(progress.elapsed.count()) + " ";
  if (progress.total > 0) line += bar(static_cast<double>(progress.done) / static_cast<double>(progress.total), wants_unicode()) + " ";
  std::string tail = end_estimate(progress);
  const auto width = static_cast<std::size_t>(width_of(stderr)) - 1;
  // The bar's characters count one column each, but three bytes.
  const std::size_t used =
      clock_time(progress.elapsed.count()).size() + 1 + (progress.total > 0 ? bar_width + 1 : 0) + (tail.empty() ? 0 : tail.size() + 2);
  line += cut(what, width > used ? width - used : 0);
  if (!tail.empty()) line += "  " + tail;
  fmt::print(stderr, "\r\x1b[2K{}", line);
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressDisplay::print_change(const podium::Progress& progress) {
  const bool round = goes_round(progress);
  const std::string what = round ? fmt::format("{:<8} all cells in turn", progress.stage) : in_words(progress);
  const auto now = std::chrono::steady_clock::now();
  if (round ? what == last_shown_ && now - last_draw_ < plain_interval : what == last_shown_) return;
  last_shown_ = what;
  last_draw_ = now;
  const std::string tail = end_estimate(progress);
  print_line(fmt::format("{:>6} {}{}", clock_time(progress.elapsed.count()), what, tail.empty() ? "" : ", " + tail));
}

void ProgressDisplay::on_message(const std::string& message) {
  if (verbosity_ != Verbosity::quiet) print_line("note: " + podium::printable(message));
}

void ProgressDisplay::on_cell(const podium::Cell& cell) {
  if (verbosity_ == Verbosity::quiet || cell.status == podium::CellStatus::ok) return;
  // What a candidate is not made for is listed once, below the table; what broke is worth a line now.
  if (cell.status == podium::CellStatus::unsupported && verbosity_ != Verbosity::verbose) return;
  print_line(fmt::format("{}: {}: {}", podium::printable(cell.id), podium::to_string(cell.status), podium::printable(cell.reason)));
}

void ProgressDisplay::print_line(const std::string& line) {
  clear();
  fmt::print(stderr, "{}\n", line);
}

void ProgressDisplay::clear() {
  if (!drawn_) return;
  fmt::print(stderr, "\r\x1b[2K");
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace cli
