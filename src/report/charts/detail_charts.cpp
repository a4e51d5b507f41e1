#include <fmt/format.h>

#include "report/charts/chart_parts.h"
#include "report/charts/charts.h"

namespace podium::report {
namespace {

constexpr std::size_t most_traces = 16;

std::string accuracy_about(const ChartData& data) {
  std::string text = data.less_worth_is_better ? "Left is faster, higher is better: the error's axis runs downwards."
                                               : "Left is faster, higher is better.";
  text += " The line joins what no other cell beats in both: the Pareto front.";
  if (data.has_identical) text += " Answers that are the baseline's own stand at the upper edge, for they have no noise.";
  return text;
}

Json worth_scale(const ChartData& data) {
  Json scale = linear_scale("worth", data.worth);
  if (data.worth_is_share) scale["axis"]["format"] = "~%";
  if (data.less_worth_is_better) scale["scale"]["reverse"] = true;
  return scale;
}

/// A bar for each cell, with its figure beside it.
Chart bar_chart(const ChartData& data, std::int64_t batch, const char* figure, const char* format, const std::string& axis) {
  Chart chart;
  chart.group = ChartGroup::costs;
  chart.batch = batch;
  chart.needs = figure;
  chart.step = 20;
  chart.spec = chart_of_lines();
  chart.spec["data"] = {{"name", chart.data}};
  chart.spec["encoding"] = {{"y", name_lines()}};
  Json bars = {{"mark", {{"type", "bar"}, {"height", 12}}},
               {"encoding",
                {{"x",
                  {{"field", figure},
                   {"type", "quantitative"},
                   {"title", axis},
                   {"axis", {{"format", ",.4~r"}, {"tickCount", 5}}},
                   {"scale", {{"domainMin", 0}, {"range", {0, {{"expr", "width - 40"}}}}}}}},  // room for the last figure
                 {"color", backend_colour(data.backends, Legend::hidden)},
                 {"tooltip", tooltip({{"name", "cell"}, {figure, axis}})}}}};
  Json texts = {{"mark", {{"type", "text"}, {"align", "left"}, {"dx", 5}}},
                {"encoding",
                 {{"x", {{"field", figure}, {"type", "quantitative"}}},
                  {"text", {{"field", figure}, {"type", "quantitative"}, {"format", format}}}}}};
  chart.spec["layer"] = {bars, texts};
  return chart;
}

/// Names of points on the front, on the side where there is room for them (mark_fronts).
Json names_beside(const char* side, const char* align, int dx, const Json& worth) {
  return {{"transform", {{{"filter", fmt::format("datum.named === '{}'", side)}}}},
          {"mark", {{"type", "text"}, {"align", align}, {"baseline", "top"}, {"dx", dx}, {"dy", 6}, {"limit", 150}}},
          {"encoding", {{"y", worth}, {"text", {{"field", "name"}}}}}};
}

}  // namespace

Chart accuracy_chart(const ChartData& data, std::int64_t batch) {
  Chart chart;
  chart.id = fmt::format("accuracy-b{}", batch);
  chart.group = ChartGroup::accuracy;
  chart.title = fmt::format("Answers against time, batch {}", batch);
  chart.about = accuracy_about(data);
  chart.batch = batch;
  chart.needs = "worth";
  chart.limit = 200;
  chart.spec = chart_of_height(320);
  const Json worth = worth_scale(data);
  const Json time = log_scale("ms", "median ms of a call", 30);
  const Json on_front = {{{"filter", "datum.front"}}};
  chart.spec["data"] = {{"name", chart.data}};
  chart.spec["encoding"] = {{"x", time}};
  Json front = {{"transform", on_front},
                {"mark", {{"type", "line"}, {"interpolate", "step-after"}, {"color", "#8a8a8a"}, {"strokeWidth", 1.5}}},
                {"encoding", {{"y", worth}, {"order", {{"field", "ms"}}}}}};
  Json intervals = {{"transform", {{{"filter", "isValid(datum.worth_lo)"}}}},
                    {"mark", {{"type", "rule"}, {"opacity", 0.5}}},
                    {"encoding",
                     {{"y", {{"field", "worth_lo"}, {"type", "quantitative"}}},
                      {"y2", {{"field", "worth_hi"}}},
                      {"color", backend_colour(data.backends, Legend::shown)}}}};
  Json points = {{"mark", {{"type", "point"}, {"filled", true}, {"size", 80}, {"opacity", 1}}},
                 {"encoding",
                  {{"y", worth},
                   {"color", backend_colour(data.backends, Legend::shown)},
                   {"shape", precision_shape(data.precisions, Legend::shown)},
                   {"tooltip", tooltip({{"name", "cell"}, {"ms", "median ms"}, {"worth", data.worth}})}}}};
  chart.spec["layer"] = {front, points, names_beside("right", "left", 6, worth), names_beside("left", "right", -6, worth)};
  if (has_figure(data, "worth_lo", batch)) chart.spec["layer"].push_back(intervals);
  return chart;
}

Chart latency_chart(const ChartData& data, std::int64_t batch) {
  Chart chart;
  chart.id = fmt::format("latency-b{}", batch);
  chart.group = ChartGroup::latency;
  chart.title = fmt::format("Every call's time, batch {}", batch);
  chart.about = fmt::format(
      "A point for each scored sample, logarithmic; the upright stroke is the median. Outliers, over three scaled median absolute "
      "deviations from "
      "their block's median, are triangles; they count like the others. {}",
      data.samples_left_out
          ? fmt::format("At most {} points of a cell are drawn, its outliers among them; the results file has all.", data.samples_each)
          : std::string("All samples are drawn."));
  chart.batch = batch;
  chart.data = "samples";
  chart.needs = "drawn";
  chart.limit = 24;
  chart.renderer = "canvas";
  chart.step = 38;
  chart.spec = chart_of_lines();
  chart.spec["data"] = {{"name", chart.data}};
  chart.spec["encoding"] = {{"y", name_lines()}};
  const Json kinds = {"sample", "outlier"};
  // Grey: every colour is an engine's elsewhere on the page. Shape and size tell the outliers.
  Json points = {{"mark", {{"type", "point"}, {"filled", true}, {"color", "#808080"}}},
                 {"encoding",
                  {{"x", log_scale("ms", "ms of a call")},
                   {"yOffset", {{"field", "across"}, {"type", "quantitative"}, {"scale", {{"domain", {-1.3, 1.3}}}}}},
                   {"shape",
                    {{"field", "kind"},
                     {"type", "nominal"},
                     {"scale", {{"domain", kinds}, {"range", {"circle", "triangle-up"}}}},
                     {"legend", {{"title", nullptr}}}}},
                   {"size", {{"condition", {{"test", "datum.kind === 'outlier'"}, {"value", 26}}}, {"value", 9}}},
                   {"opacity", {{"condition", {{"test", "datum.kind === 'outlier'"}, {"value", 0.9}}}, {"value", 0.4}}}}}};
  Json medians = {{"mark", {{"type", "tick"}, {"thickness", 2}, {"size", 30}}},
                  {"encoding", {{"x", {{"aggregate", "min"}, {"field", "middle"}, {"type", "quantitative"}}}}}};
  chart.spec["layer"] = {points, medians};
  return chart;
}

Chart warm_up_chart(const ChartData& data, std::int64_t batch) {
  Chart chart;
  chart.id = fmt::format("warm-up-b{}", batch);
  chart.group = ChartGroup::warm_up;
  chart.title = fmt::format("Warming up, batch {}", batch);
  chart.about =
      "Median time of a call in each window of the warm-up of a cell's first launch, or of the first that did not settle. Nothing of it is "
      "in any figure.";
  chart.batch = batch;
  chart.data = "warm_up";
  chart.needs = "windows";
  chart.limit = most_traces;
  chart.spec = chart_of_height(260);
  const Json colour = backend_colour(data.backends, Legend::shown);
  chart.spec["data"] = {{"name", chart.data}};
  chart.spec["mark"] = {{"type", "line"}, {"strokeWidth", 1.5}};
  chart.spec["encoding"] = {{"x",
                             {{"field", "window"},
                              {"type", "quantitative"},
                              {"title", "window"},
                              {"axis", {{"tickMinStep", 1}, {"format", "d"}}},
                              {"scale", {{"zero", false}}}}},
                            {"y", log_scale("ms", "ms of a call")},
                            {"color", colour},
                            {"strokeDash", precision_dash(data.precisions, Legend::shown)},
                            {"detail", {{"field", "name"}}},
                            {"tooltip", tooltip({{"name", "cell"}, {"window", "window"}, {"ms", "ms"}})}};
  return chart;
}

std::vector<Chart> cost_charts(const ChartData& data, std::int64_t batch) {
  struct Cost {
    const char* figure;
    const char* name;
    const char* title;
    const char* about;
    const char* axis;
    const char* format;
  };
  const Cost costs[] = {
      {"peak_mb", "memory", "Memory", "The most that a cell's processes held, over what they held before the model was loaded.", "MB",
       ",.3~r"},
      {"device_mb", "device-memory", "Memory of the GPU", "What a cell's process held of it.", "MB", ",.3~r"},
      {"energy_j", "energy", "Energy",
       data.is_on_gpu ? "Of the GPU, as its driver counts it, for one call." : "Of the processor's package, for one call.", "J for a call",
       ".3~g"},
      {"build_s", "build", "Building", "Converting, exporting and compiling, before anything is timed.", "s", ".3~g"}};
  std::vector<Chart> charts;
  for (const Cost& cost : costs) {
    if (!has_figure(data, cost.figure, batch)) continue;
    Chart chart = bar_chart(data, batch, cost.figure, cost.format, cost.axis);
    chart.id = fmt::format("{}-b{}", cost.name, batch);
    chart.title = fmt::format("{}, batch {}", cost.title, batch);
    chart.about = cost.about;
    charts.push_back(std::move(chart));
  }
  return charts;
}

}  // namespace podium::report
