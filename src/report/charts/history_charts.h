#pragma once

#include "podium/history.h"
#include "report/charts/charts.h"

namespace podium::report {

/// A row for each line, those first in which something changed; each row holds its points.
[[nodiscard]] ChartData history_data(const History& history);

/// For each batch size one chart of all lines against their own first level, then a chart for each line.
[[nodiscard]] std::vector<Chart> history_charts(const History& history, const ChartData& data);

}  // namespace podium::report
