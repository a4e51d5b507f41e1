#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "report/charts/chart_data.h"
#include "report/json_writer.h"

namespace podium::report {

enum class ChartGroup { speed, ratios, throughput, accuracy, latency, costs, warm_up };

/// One chart: a Vega-Lite specification without its rows, and which rows it wants.
struct Chart {
  std::string id;
  ChartGroup group = ChartGroup::speed;
  std::string title;
  std::string about;  ///< what is seen, for whoever reads it and for whoever has it read out
  std::optional<std::int64_t> batch;
  std::optional<std::int64_t> cell;  ///< its row's "i", where it shows that one only
  const char* data = "cells";        ///< of ChartData
  const char* needs = "ms";          ///< cells without this are left out
  std::size_t limit = 60;            ///< cells that it shows at most
  const char* first = "fastest";     ///< what the rows that it shows then have in common: they come first
  const char* renderer = "svg";
  int step = 0;  ///< pixels for each cell; 0: the specification has its height
  Json spec;
};

/// All that there is something to draw in.
[[nodiscard]] std::vector<Chart> charts_of(const ChartData& data);

/// Each draws one; the specification refers to its rows by the name in Chart::data.
[[nodiscard]] Chart speed_chart(const ChartData& data);                           ///< over the batch sizes
[[nodiscard]] Chart times_chart(const ChartData& data, std::int64_t batch);       ///< medians with their intervals
[[nodiscard]] Chart ratio_chart(const ChartData& data, std::int64_t batch);       ///< forest plot
[[nodiscard]] Chart throughput_chart(const ChartData& data, std::int64_t batch);  ///< the most inputs a second
[[nodiscard]] Chart requests_chart(const ChartData& data, std::int64_t batch);    ///< inputs a second by requests in flight
[[nodiscard]] Chart accuracy_chart(const ChartData& data, std::int64_t batch);    ///< with the Pareto front
[[nodiscard]] Chart latency_chart(const ChartData& data, std::int64_t batch);     ///< samples
[[nodiscard]] Chart warm_up_chart(const ChartData& data, std::int64_t batch);
[[nodiscard]] std::vector<Chart> cost_charts(const ChartData& data, std::int64_t batch);  ///< memory, energy, build time

/// Some row of this batch size (of any, where none is given) has the figure.
[[nodiscard]] bool has_figure(const ChartData& data, const char* figure, std::optional<std::int64_t> batch = {});

/// Charts below each other in one specification with their rows, at a fixed width: an image of its own.
[[nodiscard]] Json image_of(std::vector<Chart> charts, const ChartData& data, const std::string& title,
                            const std::vector<std::string>& subtitle);

/// Speeds, ratios and, where it was measured, throughput of every batch size as an image.
[[nodiscard]] Json overview(const ChartData& data, const std::string& title, const std::vector<std::string>& subtitle);

}  // namespace podium::report
