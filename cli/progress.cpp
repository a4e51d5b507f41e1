#include "progress.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "podium/display.h"
#include "podium/names.h"
#include "terminal.h"

namespace cli {
namespace {

constexpr auto redraw_interval = std::chrono::milliseconds(100);
/// Where there is no terminal, measuring would print a line for every block; this often is enough for a log.
constexpr auto plain_interval = std::chrono::seconds(10);
constexpr int bar_width = 16;
/// Narrower terminals do without the bar.
constexpr std::size_t width_for_bar = 52;
/// Of the last live line: room for the ^C that a terminal echoes behind it.
constexpr std::size_t free_columns = 4;

std::string clock_time(double seconds) {
  const auto whole = static_cast<long>(std::max(0.0, seconds));
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string bar(double share) {
  const int filled = static_cast<int>(std::clamp(share, 0.0, 1.0) * bar_width);
  std::string text;
  for (int i = 0; i < bar_width; ++i) text += i < filled ? "█" : "░";
  return text + " ";
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

ProgressDisplay::ProgressDisplay(Verbosity verbosity)
    : verbosity_(verbosity), live_(can_redraw(stderr) && verbosity != Verbosity::quiet), lines_(stderr) {}

ProgressDisplay::~ProgressDisplay() {
  clear();
}

void ProgressDisplay::on_progress(const podium::Progress& progress) {
  if (verbosity_ == Verbosity::quiet) return;
  if (!live_) return print_change(progress);
  // On a terminal the steps stay where every step was asked for.
  if (verbosity_ == Verbosity::verbose && !goes_round(progress) && in_words(progress) != last_shown_)
    print_line(fmt::format("{:>6} {}", clock_time(progress.elapsed.count()), in_words(progress)));
  draw(progress);
}

void ProgressDisplay::on_standing(const podium::Standing& standing) {
  if (verbosity_ == Verbosity::quiet) return;
  if (!standings_.is_empty() && standing.batch != standings_.batch())
    print_line(fmt::format("batch {}: the fastest was {}", standings_.batch(), standings_.best_in_words()));
  standings_.take(standing);
}

void ProgressDisplay::draw(const podium::Progress& progress) {
  const auto now = std::chrono::steady_clock::now();
  const std::string what = in_words(progress);
  // Blocks of all cells in turn would flicker; any other step is shown at once.
  if ((what == last_shown_ || goes_round(progress)) && now - last_draw_ < redraw_interval) return;
  last_draw_ = now;
  last_shown_ = what;
  const podium::TableStyle style = style_of(stderr);
  const std::size_t height = height_of(stderr);
  std::vector<std::string> lines = standings_.table(style, height > 2 ? height - 2 : 0, progress.subject);
  lines.push_back(status_line(progress, static_cast<std::size_t>(style.width) - free_columns));
  lines_.draw(lines, static_cast<std::size_t>(style.width));
}

std::string ProgressDisplay::status_line(const podium::Progress& progress, std::size_t width) const {
  std::string line = clock_time(progress.elapsed.count()) + " ";
  std::size_t used = line.size();
  if (progress.total > 0 && width >= width_for_bar) {
    line += bar(static_cast<double>(progress.done) / static_cast<double>(progress.total));
    used += bar_width + 1;
  }
  const std::string tail = end_estimate(progress);
  if (!tail.empty()) used += tail.size() + 2;
  line += podium::first_columns(in_words(progress), width > used ? width - used : 0);
  if (!tail.empty()) line += "  " + tail;
  return wants_unicode() ? line : in_ascii(line);
}

void ProgressDisplay::print_change(const podium::Progress& progress) {
  const bool round = goes_round(progress);
  const std::string what = round ? fmt::format("{:<8} all cells in turn", progress.stage) : in_words(progress);
  const auto now = std::chrono::steady_clock::now();
  // Each launch loads and warms up all cells again; once told, that is no news.
  const bool is_known = !told_.insert(what).second && (round || verbosity_ != Verbosity::verbose);
  if (what == last_shown_ && !round) return;
  if (is_known && now - last_draw_ < plain_interval) return;
  last_shown_ = what;
  last_draw_ = now;
  const std::string tail = end_estimate(progress);
  const std::string best = round && !standings_.is_empty() ? ", best so far " + standings_.best_in_words() : "";
  print_line(fmt::format("{:>6} {}{}{}", clock_time(progress.elapsed.count()), what, tail.empty() ? "" : ", " + tail, best));
}

void ProgressDisplay::on_message(const std::string& message) {
  if (verbosity_ != Verbosity::quiet) print_line("note: " + podium::printable(message));
}

void ProgressDisplay::on_cell(const podium::Cell& cell) {
  if (verbosity_ == Verbosity::quiet || cell.status == podium::CellStatus::ok) return;
  standings_.remove(cell.id);
  // What a candidate is not made for is listed once, below the table; what broke is worth a line now.
  if (cell.status == podium::CellStatus::unsupported && verbosity_ != Verbosity::verbose) return;
  print_line(fmt::format("{}: {}: {}", podium::printable(cell.id), podium::to_string(cell.status), podium::printable(cell.reason)));
}

void ProgressDisplay::print_line(const std::string& line) {
  clear();
  fmt::print(stderr, "{}\n", wants_unicode() ? line : in_ascii(line));
}

void ProgressDisplay::clear() {
  lines_.clear();
}

}  // namespace cli
