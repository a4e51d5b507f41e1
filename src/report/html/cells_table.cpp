#include <fmt/format.h>

#include <cmath>

#include "report/html/html_text.h"
#include "report/html/sections.h"

namespace podium::report {
namespace {

/// What a column is sorted by: a number where it shows one, whatever it shows it as; nothing where there is none.
using Value = std::optional<double> (*)(const Cell& cell);

std::optional<double> half_width(const Cell& cell) {
  const auto& interval = cell.latency_ms->ci95;
  if (!interval) return std::nullopt;
  return std::max(interval->high - cell.latency_ms->median, cell.latency_ms->median - interval->low) / cell.latency_ms->median;
}

template <typename T>
std::optional<double> number(const std::optional<T>& value) {
  return value ? std::optional<double>(static_cast<double>(*value)) : std::nullopt;
}

struct SortedBy {
  ColumnIndex column;
  Value value;
};
constexpr SortedBy sorted_by[] = {
    {rank, [](const Cell& cell) { return number(cell.rank); }},
    {median, [](const Cell& cell) { return std::optional<double>(cell.latency_ms->median); }},
    {interval, half_width},
    {ratio, [](const Cell& cell) { return cell.ratio_to_baseline ? std::optional<double>(cell.ratio_to_baseline->value) : std::nullopt; }},
    {answer, [](const Cell& cell) { return cell.output_error.sqnr_db; }},
    {accuracy, [](const Cell& cell) { return cell.accuracy ? cell.accuracy->value : std::nullopt; }},
    {throughput, [](const Cell& cell) { return cell.throughput ? std::optional<double>(cell.throughput->per_s) : std::nullopt; }},
    {p90, [](const Cell& cell) { return std::optional<double>(cell.latency_ms->p90); }},
    {memory, [](const Cell& cell) { return number(cell.memory.peak_bytes); }},
    {build, [](const Cell& cell) { return cell.build_s; }},
};

const SortedBy* sort_of(std::size_t column) {
  for (const SortedBy& by : sorted_by) {
    if (by.column == column) return &by;
  }
  return nullptr;
}

std::string heading(std::string_view text, bool is_figure, bool is_number) {
  return fmt::format("<th scope=\"col\"{}{}><button type=\"button\">{}</button></th>", is_figure ? " class=\"figure\"" : "",
                     is_number ? " data-figure" : "", html_text(text));
}

bool is_shown(const Document& document, std::size_t column) {
  if (column == backend || column == precision) return false;  // they are the cell's name
  for (const BatchTable& table : document.batches) {
    if (table.has_column(column)) return true;
  }
  return false;
}

std::string field(const Row& row, std::size_t column) {
  const SortedBy* by = sort_of(column);
  const auto value = by == nullptr ? std::nullopt : by->value(*row.cell);
  const std::string attribute =
      by == nullptr ? "" : fmt::format(" data-value=\"{}\"", value && std::isfinite(*value) ? fmt::format("{}", *value) : "");
  return fmt::format("<td{}{}>{}</td>", columns[column].is_figure ? " class=\"figure\"" : "", attribute, html_text(row.texts[column]));
}

std::string row_of(const Document& document, const BatchTable& table, const Row& row) {
  const char* kind = row.is_doubtful ? "doubtful" : row.is_fastest ? "fastest" : "";
  std::string text = fmt::format("<tr class=\"{}\" {}>{}", kind, row_attributes(*row.cell), field(row, rank));
  const std::string options = row.options.empty() ? "" : fmt::format("<small>{}</small>", html_text(row.options));
  text += fmt::format("<th scope=\"row\" data-value=\"{0}\">{1}{2}</th><td class=\"figure\">{3}</td>", html_text(short_name(*row.cell)),
                      html_name(row.texts[backend] + " " + row.texts[precision]), options, table.batch);
  for (std::size_t column = median; column < columns.size(); ++column) {
    if (is_shown(document, column)) text += field(row, column);
  }
  return text + "</tr>\n";
}

}  // namespace

std::string cells_table(const Document& document) {
  std::string headings = heading("#", true, true) + heading("cell", false, false) + heading("batch", true, true);
  for (std::size_t column = median; column < columns.size(); ++column) {
    if (is_shown(document, column)) headings += heading(columns[column].heading, columns[column].is_figure, sort_of(column) != nullptr);
  }
  std::string rows;
  for (const BatchTable& table : document.batches) {
    for (const Row& row : table.rows) rows += row_of(document, table, row);
  }
  if (rows.empty()) return {};
  return fmt::format(
      "<p class=\"about\">Each row is one engine, precision and batch size. #: 1 + the number of rows of its batch size that are "
      "significantly "
      "faster; =: tied. A heading sorts by its column.</p>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"All "
      "cells\">\n"
      "<table class=\"measured\">\n<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody>\n</table>\n</div>\n",
      headings, rows);
}

}  // namespace podium::report
