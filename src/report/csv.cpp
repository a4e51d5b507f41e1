#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <string>
#include <string_view>

#include "core/text.h"
#include "podium/report.h"

namespace podium {
namespace {

/// A spreadsheet runs a text that begins like a formula; a name from a model file must not be run. Numbers of ours never pass here.
std::string text(std::string_view value) {
  std::string safe = printable(value);
  const std::string_view starts_formula = "=+-@\t\r";
  if (!safe.empty() && starts_formula.find(safe.front()) != std::string_view::npos) safe.insert(0, "'");
  return safe;
}

std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "";
}
std::string number(std::int64_t value) {
  return std::to_string(value);
}
template <typename T>
std::string number(const std::optional<T>& value) {
  return value ? number(*value) : "";
}

std::string latency(const Cell& cell, double Latency::*member) {
  return cell.latency_ms ? number((*cell.latency_ms).*member) : "";
}

std::string bound(const std::optional<Interval>& interval, double Interval::*member) {
  return interval ? number((*interval).*member) : "";
}

std::optional<Interval> ratio_interval(const Cell& cell) {
  return cell.ratio_to_baseline ? cell.ratio_to_baseline->ci95 : std::nullopt;
}

std::string error_figure(const Cell& cell, double OutputError::*member) {
  return cell.output_error.verdict == Verdict::not_checked ? "" : number(cell.output_error.*member);
}

std::string accuracy_number(const Cell& cell, std::optional<double> Accuracy::*member) {
  return cell.accuracy ? number((*cell.accuracy).*member) : "";
}

std::string accuracy_bound(const Cell& cell, std::optional<Interval> Accuracy::*interval, double Interval::*member) {
  return cell.accuracy ? bound((*cell.accuracy).*interval, member) : "";
}

std::string options_of(const Cell& cell) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : cell.options) parts.push_back(name + "=" + to_string(value));
  return text(join(parts, " "));
}

struct CsvColumn {
  std::string_view heading;
  std::function<std::string(const Cell&)> value;
};

const std::vector<CsvColumn>& csv_columns() {
  static const std::vector<CsvColumn> columns{
      {"id", [](const Cell& c) { return text(c.id); }},
      {"backend", [](const Cell& c) { return text(c.backend); }},
      {"precision", [](const Cell& c) { return std::string(to_string(c.precision)); }},
      {"batch", [](const Cell& c) { return number(c.batch); }},
      {"device", [](const Cell& c) { return text(c.device); }},
      {"options", options_of},
      {"status", [](const Cell& c) { return std::string(to_string(c.status)); }},
      {"reason", [](const Cell& c) { return text(c.reason); }},
      {"is_baseline", [](const Cell& c) { return std::string(c.is_baseline ? "true" : "false"); }},
      {"rank", [](const Cell& c) { return number(c.rank); }},
      {"tied_with", [](const Cell& c) { return text(join(c.tied_with, " ")); }},
      {"median_ms", [](const Cell& c) { return latency(c, &Latency::median); }},
      {"median_ci95_low_ms", [](const Cell& c) { return c.latency_ms ? bound(c.latency_ms->ci95, &Interval::low) : ""; }},
      {"median_ci95_high_ms", [](const Cell& c) { return c.latency_ms ? bound(c.latency_ms->ci95, &Interval::high) : ""; }},
      {"mean_ms", [](const Cell& c) { return latency(c, &Latency::mean); }},
      {"stddev_ms", [](const Cell& c) { return latency(c, &Latency::stddev); }},
      {"min_ms", [](const Cell& c) { return latency(c, &Latency::minimum); }},
      {"max_ms", [](const Cell& c) { return latency(c, &Latency::maximum); }},
      {"p90_ms", [](const Cell& c) { return latency(c, &Latency::p90); }},
      {"p99_ms", [](const Cell& c) { return c.latency_ms ? number(c.latency_ms->p99) : ""; }},
      {"samples", [](const Cell& c) { return c.latency_ms ? number(c.latency_ms->n) : ""; }},
      {"throughput_per_s", [](const Cell& c) { return c.throughput ? number(c.throughput->per_s) : ""; }},
      {"throughput_requests", [](const Cell& c) { return c.throughput ? number(c.throughput->requests) : ""; }},
      {"ratio_to_baseline", [](const Cell& c) { return c.ratio_to_baseline ? number(c.ratio_to_baseline->value) : ""; }},
      {"ratio_ci95_low", [](const Cell& c) { return bound(ratio_interval(c), &Interval::low); }},
      {"ratio_ci95_high", [](const Cell& c) { return bound(ratio_interval(c), &Interval::high); }},
      {"verdict", [](const Cell& c) { return std::string(to_string(c.output_error.verdict)); }},
      {"sqnr_db", [](const Cell& c) { return number(c.output_error.sqnr_db); }},
      {"max_abs_error", [](const Cell& c) { return error_figure(c, &OutputError::max_abs); }},
      {"mean_abs_error", [](const Cell& c) { return error_figure(c, &OutputError::mean_abs); }},
      {"cosine", [](const Cell& c) { return error_figure(c, &OutputError::cosine); }},
      {"metric", [](const Cell& c) { return c.accuracy ? text(c.accuracy->metric) : ""; }},
      {"accuracy", [](const Cell& c) { return accuracy_number(c, &Accuracy::value); }},
      {"accuracy_ci95_low", [](const Cell& c) { return accuracy_bound(c, &Accuracy::ci95, &Interval::low); }},
      {"accuracy_ci95_high", [](const Cell& c) { return accuracy_bound(c, &Accuracy::ci95, &Interval::high); }},
      {"accuracy_drop", [](const Cell& c) { return accuracy_number(c, &Accuracy::drop); }},
      {"accuracy_drop_low", [](const Cell& c) { return accuracy_bound(c, &Accuracy::drop_bounds, &Interval::low); }},
      {"accuracy_drop_high", [](const Cell& c) { return accuracy_bound(c, &Accuracy::drop_bounds, &Interval::high); }},
      {"accuracy_samples", [](const Cell& c) { return c.accuracy ? number(c.accuracy->n) : ""; }},
      {"drop_verdict", [](const Cell& c) { return c.accuracy ? std::string(to_string(c.accuracy->verdict)) : ""; }},
      {"peak_bytes", [](const Cell& c) { return number(c.memory.peak_bytes); }},
      {"steady_bytes", [](const Cell& c) { return number(c.memory.steady_bytes); }},
      {"device_bytes", [](const Cell& c) { return number(c.memory.device_bytes); }},
      {"build_s", [](const Cell& c) { return number(c.build_s); }},
      {"build_cached", [](const Cell& c) { return std::string(c.build_cached ? "true" : "false"); }},
      {"load_s", [](const Cell& c) { return number(c.load_s); }},
      {"first_inference_ms", [](const Cell& c) { return number(c.first_inference_ms); }},
      {"artifact_bytes", [](const Cell& c) { return number(c.artifact_bytes); }},
      {"timing_boundary", [](const Cell& c) { return text(c.timing_boundary); }},
  };
  return columns;
}

/// RFC 4180: quoted where a comma, a quote or a line break makes it needed, quotes doubled.
std::string quoted(const std::string& field) {
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string whole = "\"";
  for (const char c : field) whole += c == '"' ? std::string("\"\"") : std::string(1, c);
  return whole + "\"";
}

}  // namespace

std::string to_csv(const Results& results) {
  std::vector<std::string> headings;
  for (const CsvColumn& column : csv_columns()) headings.emplace_back(column.heading);
  std::string whole = join(headings, ",") + "\r\n";
  for (const Cell& cell : results.cells) {
    std::vector<std::string> fields;
    for (const CsvColumn& column : csv_columns()) fields.push_back(quoted(column.value(cell)));
    whole += join(fields, ",") + "\r\n";
  }
  return whole;
}

}  // namespace podium
