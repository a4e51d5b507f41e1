#include <functional>
#include <string>
#include <string_view>

#include "core/text.h"
#include "podium/report.h"
#include "report/csv_text.h"

namespace podium {
namespace {

using report::csv_number;
using report::csv_text;

std::string latency(const Cell& cell, double Latency::*member) {
  return cell.latency_ms ? csv_number((*cell.latency_ms).*member) : "";
}

std::string bound(const std::optional<Interval>& interval, double Interval::*member) {
  return interval ? csv_number((*interval).*member) : "";
}

std::optional<Interval> ratio_interval(const Cell& cell) {
  return cell.ratio_to_baseline ? cell.ratio_to_baseline->ci95 : std::nullopt;
}

std::string error_figure(const Cell& cell, double OutputError::*member) {
  return cell.output_error.verdict == Verdict::not_checked ? "" : csv_number(cell.output_error.*member);
}

std::string accuracy_number(const Cell& cell, std::optional<double> Accuracy::*member) {
  return cell.accuracy ? csv_number((*cell.accuracy).*member) : "";
}

std::string accuracy_bound(const Cell& cell, std::optional<Interval> Accuracy::*interval, double Interval::*member) {
  return cell.accuracy ? bound((*cell.accuracy).*interval, member) : "";
}

std::string options_of(const Cell& cell) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : cell.options) parts.push_back(name + "=" + to_string(value));
  return csv_text(join(parts, " "));
}

struct CsvColumn {
  std::string_view heading;
  std::function<std::string(const Cell&)> value;
};

const std::vector<CsvColumn>& csv_columns() {
  static const std::vector<CsvColumn> columns{
      {"id", [](const Cell& c) { return csv_text(c.id); }},
      {"backend", [](const Cell& c) { return csv_text(c.backend); }},
      {"precision", [](const Cell& c) { return std::string(to_string(c.precision)); }},
      {"batch", [](const Cell& c) { return csv_number(c.batch); }},
      {"device", [](const Cell& c) { return csv_text(c.device); }},
      {"options", options_of},
      {"status", [](const Cell& c) { return std::string(to_string(c.status)); }},
      {"reason", [](const Cell& c) { return csv_text(c.reason); }},
      {"is_baseline", [](const Cell& c) { return std::string(c.is_baseline ? "true" : "false"); }},
      {"rank", [](const Cell& c) { return csv_number(c.rank); }},
      {"tied_with", [](const Cell& c) { return csv_text(join(c.tied_with, " ")); }},
      {"median_ms", [](const Cell& c) { return latency(c, &Latency::median); }},
      {"median_ci95_low_ms", [](const Cell& c) { return c.latency_ms ? bound(c.latency_ms->ci95, &Interval::low) : ""; }},
      {"median_ci95_high_ms", [](const Cell& c) { return c.latency_ms ? bound(c.latency_ms->ci95, &Interval::high) : ""; }},
      {"mean_ms", [](const Cell& c) { return latency(c, &Latency::mean); }},
      {"stddev_ms", [](const Cell& c) { return latency(c, &Latency::stddev); }},
      {"min_ms", [](const Cell& c) { return latency(c, &Latency::minimum); }},
      {"max_ms", [](const Cell& c) { return latency(c, &Latency::maximum); }},
      {"p90_ms", [](const Cell& c) { return latency(c, &Latency::p90); }},
      {"p99_ms", [](const Cell& c) { return c.latency_ms ? csv_number(c.latency_ms->p99) : ""; }},
      {"samples", [](const Cell& c) { return c.latency_ms ? csv_number(c.latency_ms->n) : ""; }},
      {"throughput_per_s", [](const Cell& c) { return c.throughput ? csv_number(c.throughput->per_s) : ""; }},
      {"throughput_requests", [](const Cell& c) { return c.throughput ? csv_number(c.throughput->requests) : ""; }},
      {"ratio_to_baseline", [](const Cell& c) { return c.ratio_to_baseline ? csv_number(c.ratio_to_baseline->value) : ""; }},
      {"ratio_ci95_low", [](const Cell& c) { return bound(ratio_interval(c), &Interval::low); }},
      {"ratio_ci95_high", [](const Cell& c) { return bound(ratio_interval(c), &Interval::high); }},
      {"verdict", [](const Cell& c) { return std::string(to_string(c.output_error.verdict)); }},
      {"sqnr_db", [](const Cell& c) { return csv_number(c.output_error.sqnr_db); }},
      {"max_abs_error", [](const Cell& c) { return error_figure(c, &OutputError::max_abs); }},
      {"mean_abs_error", [](const Cell& c) { return error_figure(c, &OutputError::mean_abs); }},
      {"cosine", [](const Cell& c) { return error_figure(c, &OutputError::cosine); }},
      {"metric", [](const Cell& c) { return c.accuracy ? csv_text(c.accuracy->metric) : ""; }},
      {"accuracy", [](const Cell& c) { return accuracy_number(c, &Accuracy::value); }},
      {"accuracy_ci95_low", [](const Cell& c) { return accuracy_bound(c, &Accuracy::ci95, &Interval::low); }},
      {"accuracy_ci95_high", [](const Cell& c) { return accuracy_bound(c, &Accuracy::ci95, &Interval::high); }},
      {"accuracy_drop", [](const Cell& c) { return accuracy_number(c, &Accuracy::drop); }},
      {"accuracy_drop_low", [](const Cell& c) { return accuracy_bound(c, &Accuracy::drop_bounds, &Interval::low); }},
      {"accuracy_drop_high", [](const Cell& c) { return accuracy_bound(c, &Accuracy::drop_bounds, &Interval::high); }},
      {"accuracy_samples", [](const Cell& c) { return c.accuracy ? csv_number(c.accuracy->n) : ""; }},
      {"drop_verdict", [](const Cell& c) { return c.accuracy ? std::string(to_string(c.accuracy->verdict)) : ""; }},
      {"peak_bytes", [](const Cell& c) { return csv_number(c.memory.peak_bytes); }},
      {"steady_bytes", [](const Cell& c) { return csv_number(c.memory.steady_bytes); }},
      {"device_bytes", [](const Cell& c) { return csv_number(c.memory.device_bytes); }},
      {"energy_j_per_inference", [](const Cell& c) { return csv_number(c.energy_j_per_inference); }},
      {"build_s", [](const Cell& c) { return csv_number(c.build_s); }},
      {"build_cached", [](const Cell& c) { return std::string(c.build_cached ? "true" : "false"); }},
      {"load_s", [](const Cell& c) { return csv_number(c.load_s); }},
      {"first_inference_ms", [](const Cell& c) { return csv_number(c.first_inference_ms); }},
      {"artifact_bytes", [](const Cell& c) { return csv_number(c.artifact_bytes); }},
      {"timing_boundary", [](const Cell& c) { return csv_text(c.timing_boundary); }},
  };
  return columns;
}

}  // namespace

std::string to_csv(const Results& results) {
  std::vector<std::string> headings;
  for (const CsvColumn& column : csv_columns()) headings.emplace_back(column.heading);
  std::string whole = report::csv_line(headings);
  for (const Cell& cell : results.cells) {
    std::vector<std::string> fields;
    for (const CsvColumn& column : csv_columns()) fields.push_back(column.value(cell));
    whole += report::csv_line(fields);
  }
  return whole;
}

}  // namespace podium
