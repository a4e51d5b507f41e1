#include "report/charts/chart_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "core/text.h"
#include "report/charts/pareto.h"
#include "report/charts/samples.h"
#include "report/document.h"
#include "report/figures.h"
#include "report/launches.h"

namespace podium::report {
namespace {

/// Of all cells together: a page of a thousand cells stays small enough to be sent by mail.
constexpr std::size_t most_samples_of_all = 400'000;

void put(Json& row, const char* key, double value) {
  if (std::isfinite(value)) row[key] = rounded(value);
}

template <typename T>
void put(Json& row, const char* key, const std::optional<T>& value, double factor = 1.0) {
  if (value) put(row, key, static_cast<double>(*value) * factor);
}

/// "2.31× (tied)": what stands beside a ratio. One launch is not told apart from the fastest, which is no tie.
std::string ratio_label(const Cell& cell, bool is_once) {
  if (cell.is_baseline) return "baseline";
  const bool is_tied = cell.rank == 1 && !cell.tied_with.empty();
  return fmt::format("{:.2f}×{}", 1.0 / cell.ratio_to_baseline->value, !is_tied ? "" : is_once ? " (one launch)" : " (tied)");
}

/// As speeds, not as times: twice is better than once.
void put_ratio(Json& row, const Cell& cell, bool is_once) {
  if (!cell.ratio_to_baseline || !(cell.ratio_to_baseline->value > 0.0)) return;
  put(row, "times", 1.0 / cell.ratio_to_baseline->value);
  row["label"] = ratio_label(cell, is_once);
  const Interval interval = drawn_interval(cell.ratio_to_baseline->value, cell.ratio_to_baseline->ci95);
  put(row, "times_lo", 1.0 / interval.high);
  put(row, "times_hi", 1.0 / interval.low);
}

void put_latency(Json& row, const Cell& cell) {
  const Latency& latency = *cell.latency_ms;
  const Interval interval = drawn_interval(latency.median, latency.ci95);
  const double inputs = static_cast<double>(std::max<std::int64_t>(cell.batch, 1));
  put(row, "ms", latency.median);
  put(row, "lo", interval.low);
  put(row, "hi", interval.high);
  put(row, "each", latency.median / inputs);
  put(row, "each_lo", interval.low / inputs);
  put(row, "each_hi", interval.high / inputs);
  row["shown"] = four_digits(latency.median) + " ms";
}

/// Inputs a second: at their most, and with each number of requests in flight that was tried.
void put_throughput(Json& row, const Cell& cell) {
  if (!cell.throughput || !(cell.throughput->per_s > 0.0)) return;
  const Throughput& throughput = *cell.throughput;
  const Interval interval = drawn_interval(throughput.per_s, throughput.ci95);
  put(row, "per_s", throughput.per_s);
  put(row, "per_s_lo", interval.low);
  put(row, "per_s_hi", interval.high);
  row["per_s_label"] = fmt::format("{} @{}", four_digits(throughput.per_s), throughput.requests);
  if (throughput.tried.size() < 2) return;
  row["tried"] = Json::array();
  for (const auto& [requests, per_s] : throughput.tried) {
    std::int64_t number = 0;
    const bool is_number = std::from_chars(requests.data(), requests.data() + requests.size(), number).ec == std::errc();
    if (is_number && per_s > 0.0 && std::isfinite(per_s)) row["tried"].push_back({{"requests", number}, {"per_s", rounded(per_s)}});
  }
}

Json row_of(std::size_t index, const Cell& cell, bool is_once) {
  Json row = Json::object();
  row["i"] = index;
  row["name"] = short_name(cell);
  row["backend"] = printable(cell.backend);
  row["precision"] = to_string(cell.precision);
  row["batch"] = cell.batch;
  row["leads"] = cell.rank == 1 && !is_once;
  put_latency(row, cell);
  put_ratio(row, cell, is_once);
  put_throughput(row, cell);
  put(row, "peak_mb", cell.memory.peak_bytes, 1e-6);
  put(row, "device_mb", cell.memory.device_bytes, 1e-6);
  put(row, "build_s", cell.build_s);
  put(row, "energy_j", cell.energy_j_per_inference);
  return row;
}

bool is_identical(const Cell& cell) {
  return cell.is_baseline || (cell.output_error.verdict == Verdict::agrees && !cell.output_error.sqnr_db);
}

/// Accuracy where it was judged, else how near the answers are to the baseline's.
class Worth {
 public:
  Worth(const std::vector<Cell>& cells, ChartData& data) {
    for (const Cell& cell : cells) {
      if (cell.accuracy && cell.accuracy->value && data.worth.empty()) data.worth = cell.accuracy->metric;
      if (cell.output_error.sqnr_db && std::isfinite(*cell.output_error.sqnr_db)) highest_ = std::max(highest_, *cell.output_error.sqnr_db);
      by_answers_ = by_answers_ || (!cell.is_baseline && cell.output_error.verdict != Verdict::not_checked);
    }
    by_metric_ = !data.worth.empty();
    describe(data);
  }

  void put_into(Json& row, const Cell& cell) const {
    if (by_metric_) {
      if (!cell.accuracy) return;
      put(row, "worth", cell.accuracy->value);
      if (cell.accuracy->ci95) put(row, "worth_lo", cell.accuracy->ci95->low);
      if (cell.accuracy->ci95) put(row, "worth_hi", cell.accuracy->ci95->high);
    } else if (by_answers_) {
      if (is_identical(cell))
        put(row, "worth", edge());
      else
        put(row, "worth", cell.output_error.sqnr_db);
    }
  }

 private:
  void describe(ChartData& data) const {
    if (by_metric_) {
      constexpr std::array<std::string_view, 3> shares{"top-1", "top-5", "agreement"};
      constexpr std::array<std::string_view, 4> errors{"max-error", "mean-error", "mae", "rmse"};
      const auto is_in = [&](const auto& names) { return std::find(names.begin(), names.end(), data.worth) != names.end(); };
      data.worth_is_share = is_in(shares);
      data.less_worth_is_better = is_in(errors);
      data.worth = printable(data.worth);
    } else if (by_answers_) {
      data.worth = "answers: signal to noise, dB";
      data.has_identical = true;
    }
  }
  /// Where answers stand that have no noise at all.
  [[nodiscard]] double edge() const { return 10.0 * std::ceil(highest_ / 10.0) + 10.0; }

  double highest_ = 0.0;
  bool by_metric_ = false;
  bool by_answers_ = false;
};

/// Names the points of a front, on the side where there is room, but for those that lie so near to a named one that the names would cover
/// each other: these are named by the pointer alone.
void name_apart(const std::vector<Json*>& front, const std::vector<Json*>& all) {
  constexpr double least_across = 0.3;  // of the chart's width and height
  constexpr double least_up = 0.07;
  const auto across = [](const Json& row) { return std::log(row["ms"].get<double>()); };
  const auto up = [](const Json& row) { return row["worth"].get<double>(); };
  const auto [left, right] =
      std::minmax_element(all.begin(), all.end(), [&](const Json* a, const Json* b) { return across(*a) < across(*b); });
  const auto [low, high] = std::minmax_element(all.begin(), all.end(), [&](const Json* a, const Json* b) { return up(*a) < up(*b); });
  const double width = std::max(across(**right) - across(**left), 1e-9);
  const double height = std::max(up(**high) - up(**low), 1e-9);
  std::vector<const Json*> named;
  for (Json* row : front) {
    const bool is_near = std::any_of(named.begin(), named.end(), [&](const Json* other) {
      return std::abs(across(*row) - across(*other)) < least_across * width && std::abs(up(*row) - up(*other)) < least_up * height;
    });
    if (is_near) continue;
    (*row)["named"] = across(*row) - across(**left) < 0.5 * width ? "right" : "left";
    named.push_back(row);
  }
}

void mark_fronts(ChartData& data) {
  for (const std::int64_t batch : data.batches) {
    std::vector<Trade> trades;
    std::vector<Json*> rows;
    for (Json& row : data.cells) {
      if (row["batch"] != batch || !row.contains("worth")) continue;
      const double worth = row["worth"].get<double>();
      trades.push_back({row["ms"].get<double>(), data.less_worth_is_better ? -worth : worth});
      rows.push_back(&row);
    }
    std::vector<Json*> front;
    for (const std::size_t on_front : pareto_front(trades)) front.push_back(rows[on_front]);
    for (Json* row : front) (*row)["front"] = true;
    if (!front.empty()) name_apart(front, rows);
  }
}

std::set<const Cell*> measured_once_in(const Results& results) {
  std::map<std::int64_t, std::vector<const Cell*>> by_batch;
  for (const Cell& cell : results.cells) {
    if (has_a_row(cell)) by_batch[cell.batch].push_back(&cell);
  }
  std::set<const Cell*> once;
  for (const auto& [batch, cells] : by_batch) once.merge(measured_once(cells));
  return once;
}

void add_samples(ChartData& data, Json& row, const Cell& cell) {
  const std::string key = std::to_string(row["i"].get<std::size_t>());
  DrawnSamples drawn = draw_samples(cell.blocks, data.samples_each);
  data.samples_left_out = data.samples_left_out || drawn.ms.size() < drawn.of;
  if (!drawn.ms.empty()) {
    std::transform(drawn.ms.begin(), drawn.ms.end(), drawn.ms.begin(), rounded);
    data.samples[key] = {{"ms", drawn.ms}, {"outliers", drawn.outliers}};
    row["drawn"] = drawn.ms.size();
  }
  if (!cell.warm_up || cell.warm_up->trace_ms.empty()) return;
  data.warm_up[key] = Json::array();
  for (const double ms : cell.warm_up->trace_ms) data.warm_up[key].push_back(std::isfinite(ms) ? Json(rounded(ms)) : Json());
  row["windows"] = cell.warm_up->trace_ms.size();
}

}  // namespace

Interval drawn_interval(double middle, const std::optional<Interval>& interval) {
  if (!interval) return {middle, middle};
  return {std::clamp(interval->low, middle / 4.0, middle), std::clamp(interval->high, middle, 4.0 * middle)};
}

double rounded(double value) {
  if (value == 0.0 || !std::isfinite(value)) return value;
  const int decimals = 4 - static_cast<int>(std::floor(std::log10(std::abs(value))));
  const double scale = std::pow(10.0, std::abs(decimals));
  return decimals >= 0 ? std::round(value * scale) / scale : std::round(value / scale) * scale;
}

ChartData chart_data(const Results& results) {
  ChartData data;
  std::vector<std::size_t> order;
  std::set<std::string> backends;
  std::set<std::string> precisions;
  std::set<std::int64_t> batches;
  for (std::size_t i = 0; i < results.cells.size(); ++i) {
    const Cell& cell = results.cells[i];
    if (!has_a_row(cell)) continue;
    order.push_back(i);
    backends.insert(printable(cell.backend));
    precisions.insert(std::string(to_string(cell.precision)));
    batches.insert(cell.batch);
    data.is_on_gpu = data.is_on_gpu || cell.device != "cpu";
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return results.cells[a].latency_ms->median < results.cells[b].latency_ms->median; });
  data.backends.assign(backends.begin(), backends.end());
  data.precisions.assign(precisions.begin(), precisions.end());
  data.batches.assign(batches.begin(), batches.end());
  data.samples_each = std::min(most_samples, most_samples_of_all / std::max<std::size_t>(order.size(), 1));
  const Worth worth(results.cells, data);
  const std::set<const Cell*> once = measured_once_in(results);
  for (const std::size_t i : order) {
    Json row = row_of(i, results.cells[i], once.contains(&results.cells[i]));
    worth.put_into(row, results.cells[i]);
    add_samples(data, row, results.cells[i]);
    data.cells.push_back(std::move(row));
  }
  mark_fronts(data);
  return data;
}

}  // namespace podium::report
