#include <fmt/format.h>

#include "report/charts/chart_parts.h"
#include "report/charts/charts.h"

namespace podium::report {
namespace {

/// Rules are as thick as an interval must be to be seen, and as the line of a dark page allows.
Json tooltip_of_time() {
  return tooltip(
      {{"name", "cell"}, {"batch", "batch"}, {"ms", "median ms"}, {"lo", "95 % from"}, {"hi", "to"}, {"label", "against the baseline"}});
}

Json ratio_labels(const char* which, const char* align, int dx, const char* beside, const Json& lines) {
  return {{"transform", {{{"filter", which}}}},
          {"mark", {{"type", "text"}, {"align", align}, {"dx", dx}}},
          {"encoding", {{"y", lines}, {"x", {{"field", beside}, {"type", "quantitative"}}}, {"text", {{"field", "label"}}}}}};
}

}  // namespace

Chart speed_chart(const ChartData& data) {
  Chart chart;
  chart.id = "speed";
  chart.title = "Time for each input, by batch size";
  chart.about =
      "Median latency divided by the batch size, logarithmic; lower is faster. Bars are 95 % intervals, drawn to four "
      "times the figure at most.";
  chart.spec = chart_of_height(340);
  const Json colour = backend_colour(data.backends, Legend::shown);
  const Json time = log_scale("each", "ms for each input");
  chart.spec["data"] = {{"name", chart.data}};
  chart.spec["encoding"] = {
      {"x",
       {{"field", "batch"},
        {"type", "ordinal"},
        {"title", "batch size"},
        {"axis", {{"labelAngle", 0}}},
        {"scale", {{"paddingInner", 0.85}, {"paddingOuter", 0.3}}}}},
      {"xOffset", {{"field", "name"}, {"type", "nominal"}, {"sort", nullptr}}},  // intervals beside each other, not on one another
      {"detail", {{"field", "name"}}}};
  Json lines = {{"mark", {{"type", "line"}, {"strokeWidth", 1.5}}},
                {"encoding", {{"y", time}, {"color", colour}, {"strokeDash", precision_dash(data.precisions, Legend::shown)}}}};
  Json points = {
      {"mark", {{"type", "point"}, {"filled", true}, {"size", 70}, {"opacity", 1}}},
      {"encoding",
       {{"y", time}, {"color", colour}, {"shape", precision_shape(data.precisions, Legend::shown)}, {"tooltip", tooltip_of_time()}}}};
  chart.spec["layer"] = {lines, interval_rule(colour, "y", "each_lo", "each_hi"), points};
  chart.limit = 120;
  return chart;
}

Chart times_chart(const ChartData& data, std::int64_t batch) {
  Chart chart;
  chart.id = fmt::format("times-b{}", batch);
  chart.title = fmt::format("Median time of a call, batch {}", batch);
  chart.about = "Milliseconds, logarithmic, with 95 % intervals, drawn to four times the figure at most; left is faster.";
  chart.batch = batch;
  chart.step = 22;
  chart.spec = chart_of_lines();
  const Json colour = backend_colour(data.backends, Legend::hidden);
  chart.spec["data"] = {{"name", chart.data}};
  chart.spec["encoding"] = {{"y", name_lines()}};
  Json points = {{"mark", {{"type", "point"}, {"filled", true}, {"size", 70}, {"opacity", 1}}},
                 {"encoding",
                  {{"x", log_scale("ms", "ms", 40)},
                   {"color", colour},
                   {"shape", precision_shape(data.precisions, Legend::hidden)},
                   {"tooltip", tooltip_of_time()}}}};
  Json texts = {{"mark", {{"type", "text"}, {"align", "left"}, {"dx", 9}}},
                {"encoding", {{"x", {{"field", "hi"}, {"type", "quantitative"}}}, {"text", {{"field", "shown"}}}}}};
  chart.spec["layer"] = {interval_rule(colour, "x", "lo", "hi"), points, texts};
  return chart;
}

Chart ratio_chart(const ChartData& data, std::int64_t batch) {
  Chart chart;
  chart.id = fmt::format("ratios-b{}", batch);
  chart.group = ChartGroup::ratios;
  chart.title = fmt::format("How many times as fast as the baseline, batch {}", batch);
  chart.about =
      "Ratio with its 95 % interval, logarithmic; right is faster, the dashed line is the baseline. Filled: the fastest, and what is tied "
      "with it.";
  chart.batch = batch;
  chart.needs = "times";
  chart.step = 22;
  chart.spec = chart_of_lines();
  const Json colour = backend_colour(data.backends, Legend::hidden);
  const Json lines = name_lines();
  chart.spec["data"] = {{"name", chart.data}};
  Json baseline = {{"mark", {{"type", "rule"}, {"strokeDash", {4, 4}}}}, {"encoding", {{"x", {{"datum", 1}, {"type", "quantitative"}}}}}};
  Json intervals = interval_rule(colour, "x", "times_lo", "times_hi");
  intervals["encoding"]["y"] = lines;
  Json points = {{"mark", {{"type", "point"}, {"size", 70}, {"opacity", 1}, {"strokeWidth", 2}}},
                 {"encoding",
                  {{"y", lines},
                   {"x", log_scale("times", "times as fast", 48)},
                   {"stroke", colour},
                   {"fill", colour},
                   {"shape", precision_shape(data.precisions, Legend::hidden)},
                   {"fillOpacity", {{"condition", {{"test", "datum.leads"}, {"value", 1}}}, {"value", 0}}},
                   {"tooltip", tooltip_of_time()}}}};
  // Outside of the line of the baseline, which would strike them through.
  chart.spec["layer"] = {baseline, intervals, points, ratio_labels("datum.times >= 1", "left", 9, "times_hi", lines),
                         ratio_labels("datum.times < 1", "right", -9, "times_lo", lines)};
  return chart;
}

}  // namespace podium::report
