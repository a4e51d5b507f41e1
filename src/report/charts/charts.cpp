#include "report/charts/charts.h"

#include <algorithm>
#include <iterator>

namespace podium::report {

bool has_figure(const ChartData& data, const char* figure, std::optional<std::int64_t> batch) {
  return std::any_of(data.cells.begin(), data.cells.end(),
                     [&](const Json& row) { return row.contains(figure) && (!batch || row["batch"] == *batch); });
}

std::vector<Chart> charts_of(const ChartData& data) {
  using DrawBatch = Chart (*)(const ChartData&, std::int64_t);
  struct Kind {
    const char* figure;
    DrawBatch draw;
  };
  constexpr Kind kinds[] = {{"ms", times_chart},       {"times", ratio_chart},   {"per_s", throughput_chart}, {"tried", requests_chart},
                            {"worth", accuracy_chart}, {"drawn", latency_chart}, {"windows", warm_up_chart}};
  std::vector<Chart> charts;
  if (data.batches.size() > 1) charts.push_back(speed_chart(data));
  for (const std::int64_t batch : data.batches) {
    for (const Kind& kind : kinds) {
      if (has_figure(data, kind.figure, batch)) charts.push_back(kind.draw(data, batch));
    }
    std::vector<Chart> costs = cost_charts(data, batch);
    std::move(costs.begin(), costs.end(), std::back_inserter(charts));
  }
  return charts;
}

}  // namespace podium::report
