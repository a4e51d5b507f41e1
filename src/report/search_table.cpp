#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "core/tensor_view.h"
#include "core/text.h"
#include "podium/optimize.h"
#include "report/canvas.h"
#include "report/figures.h"
#include "report/markdown_text.h"

namespace podium {
namespace {

using namespace report;
using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string tried(const OptimizeReport& report) {
  const auto& cells = report.results.cells;
  const auto measured = std::count_if(cells.begin(), cells.end(), [](const Cell& cell) { return cell.latency_ms.has_value(); });
  return fmt::format("{} candidates, of which {} were measured, in {}", cells.size(), measured, duration(report.seconds));
}

Pairs facts_of(const OptimizeReport& report) {
  Pairs pairs{{"goal", printable(report.goal)}, {"bound", printable(report.bound)}};
  if (!report.results.data.empty()) pairs.emplace_back("judged on", printable(report.results.data));
  pairs.emplace_back("tried", tried(report));
  if (!report.artifact.empty()) pairs.emplace_back("artefact", printable(report.artifact.string()));
  return pairs;
}

/// By the id of each candidate, "[defaults]" or another stage: where it left, and why.
Pairs log_of(const std::vector<SearchStep>& log) {
  Pairs pairs;
  for (const SearchStep& step : log) {
    if (step.stage != "winner") pairs.emplace_back(printable(step.candidate), printable(fmt::format("[{}] {}", step.stage, step.reason)));
  }
  return pairs;
}

/// "input_ids=1x16, attention_mask=1x16"
std::string in_words(const std::map<std::string, Shape>& shapes) {
  std::vector<std::string> each;
  for (const auto& [input, shape] : shapes) each.push_back(fmt::format("{}={}", printable(input), to_string(shape)));
  return join(each, ", ");
}

std::string left_at(const ShapeReport& more) {
  return fmt::format("Why candidates left at {}", in_words(more.shapes));
}

/// "winner at batch 1, input_ids=1x16: "
std::string heading_of(const Winner& winner, const std::string& shapes) {
  return shapes.empty() ? fmt::format("winner at batch {}: ", winner.batch) : fmt::format("winner at batch {}, {}: ", winner.batch, shapes);
}

void draw_winners(Canvas& canvas, const std::vector<Winner>& winners, const std::string& verdict, const std::string& shapes) {
  for (const Winner& winner : winners)
    canvas.paragraph(ink::green, printable(fmt::format("{}: {}", winner.cell, winner.reason)), heading_of(winner, shapes));
  if (winners.empty())
    canvas.paragraph(ink::yellow, printable(verdict), shapes.empty() ? "no winner: " : fmt::format("no winner at {}: ", shapes));
}

std::string in_words(const ParetoPoint& point) {
  std::string text = fmt::format("{} ms", four_digits(point.latency_ms));
  if (point.drop) text += fmt::format(", drop {:.4g}", *point.drop);
  if (point.sqnr_db) text += fmt::format(", SQNR {:.1f} dB", *point.sqnr_db);
  if (point.memory_bytes) text += ", " + human_bytes(static_cast<double>(*point.memory_bytes));
  return text;
}

Pairs front_of(const OptimizeReport& report) {
  Pairs pairs;
  for (const ParetoPoint& point : report.pareto_front) pairs.emplace_back(printable(point.cell), in_words(point));
  return pairs;
}

void section(Canvas& canvas, const std::string& heading, const Pairs& pairs) {
  if (pairs.empty()) return;
  canvas.blank();
  canvas.line(ink::bold, heading);
  draw_pairs(canvas, pairs);
}

std::vector<std::string> lines_of(const Pairs& pairs) {
  std::vector<std::string> lines;
  for (const auto& [name, text] : pairs) lines.push_back(fmt::format("{}: {}", name, text));
  return lines;
}

}  // namespace

std::string to_table(const OptimizeReport& report, const TableStyle& style) {
  Canvas canvas(style);
  canvas.line(ink::bold, printable(report.results.model.name));
  canvas.blank();
  draw_pairs(canvas, facts_of(report));
  section(canvas, "Why candidates left, in the order they did", log_of(report.log));
  for (const ShapeReport& more : report.more_shapes) section(canvas, left_at(more), log_of(more.log));
  section(canvas, "Not beaten in latency, accuracy and memory at once", front_of(report));
  canvas.blank();
  const bool has_range = !report.more_shapes.empty();
  draw_winners(canvas, report.winners, report.verdict, has_range ? in_words(report.results.settings.shapes) : "");
  for (const ShapeReport& more : report.more_shapes) draw_winners(canvas, more.winners, more.verdict, in_words(more.shapes));
  if (!report.advice.empty()) canvas.paragraph(ink::none, report.advice, "next: ");
  return canvas.take();
}

std::string to_markdown(const OptimizeReport& report) {
  std::string text = fmt::format("## {}\n", escaped(report.results.model.name));
  text += list_section("Search", lines_of(facts_of(report)));
  std::vector<std::string> winners;
  for (const Winner& winner : report.winners) winners.push_back(fmt::format("batch {}: {}, {}", winner.batch, winner.cell, winner.reason));
  if (winners.empty()) winners.push_back("none: " + report.verdict);
  for (const ShapeReport& more : report.more_shapes) winners.push_back(fmt::format("{}: {}", in_words(more.shapes), more.verdict));
  text += list_section("Winner", winners);
  text += list_section("Why candidates left", lines_of(log_of(report.log)));
  for (const ShapeReport& more : report.more_shapes) text += list_section(left_at(more), lines_of(log_of(more.log)));
  text += list_section("Not beaten in latency, accuracy and memory at once", lines_of(front_of(report)));
  return text;
}

}  // namespace podium
