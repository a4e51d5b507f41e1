#include <fmt/format.h>

#include "report/charts/chart_parts.h"
#include "report/charts/charts.h"

namespace podium::report {
namespace {

constexpr std::size_t most_courses = 40;

/// The best on top: cells come in the order of their latency, and another one may win here.
Json most_first() {
  Json lines = name_lines();
  lines["sort"] = {{"field", "per_s"}, {"op", "max"}, {"order", "descending"}};
  return lines;
}

}  // namespace

Chart throughput_chart(const ChartData& data, std::int64_t batch) {
  Chart chart;
  chart.id = fmt::format("throughput-b{}", batch);
  chart.group = ChartGroup::throughput;
  chart.title = fmt::format("Inputs a second at most, batch {}", batch);
  chart.about =
      "Measured with several requests in flight, never worked out from the latency; right is more. Strokes are 95 % intervals. Behind the "
      "@: how many requests gave the most.";
  chart.batch = batch;
  chart.needs = "per_s";
  chart.step = 22;
  chart.spec = chart_of_lines();
  chart.spec["data"] = {{"name", chart.data}};
  chart.spec["encoding"] = {{"y", most_first()}};
  const Json colour = backend_colour(data.backends, Legend::hidden);
  Json points = {
      {"mark", {{"type", "point"}, {"filled", true}, {"size", 70}, {"opacity", 1}}},
      {"encoding",
       {{"x", log_scale("per_s", "inputs a second", 56)},
        {"color", colour},
        {"shape", precision_shape(data.precisions, Legend::hidden)},
        {"tooltip", tooltip({{"name", "cell"}, {"per_s_label", "a second @requests"}, {"per_s_lo", "95 % from"}, {"per_s_hi", "to"}})}}}};
  Json texts = {{"mark", {{"type", "text"}, {"align", "left"}, {"dx", 9}}},
                {"encoding", {{"x", {{"field", "per_s_hi"}, {"type", "quantitative"}}}, {"text", {{"field", "per_s_label"}}}}}};
  chart.spec["layer"] = {interval_rule(colour, "x", "per_s_lo", "per_s_hi"), points, texts};
  return chart;
}

Chart requests_chart(const ChartData& data, std::int64_t batch) {
  Chart chart;
  chart.id = fmt::format("requests-b{}", batch);
  chart.group = ChartGroup::throughput;
  chart.title = fmt::format("Inputs a second by requests in flight, batch {}", batch);
  chart.about = "Every number of requests that was tried; higher is more. The first point is one request after the other.";
  chart.batch = batch;
  chart.data = "tried";
  chart.needs = "tried";
  chart.limit = most_courses;
  chart.spec = chart_of_height(260);
  chart.spec["data"] = {{"name", chart.data}};
  const Json colour = backend_colour(data.backends, Legend::shown);
  chart.spec["encoding"] = {
      {"x", {{"field", "requests"}, {"type", "ordinal"}, {"title", "requests in flight"}, {"axis", {{"labelAngle", 0}}}}},
      {"y", log_scale("per_s", "inputs a second", 12)},
      {"color", colour},
      {"detail", {{"field", "name"}}}};
  Json lines = {{"mark", {{"type", "line"}, {"strokeWidth", 1.5}}},
                {"encoding", {{"strokeDash", precision_dash(data.precisions, Legend::shown)}}}};
  Json points = {{"mark", {{"type", "point"}, {"filled", true}, {"size", 50}, {"opacity", 1}}},
                 {"encoding",
                  {{"shape", precision_shape(data.precisions, Legend::shown)},
                   {"tooltip", tooltip({{"name", "cell"}, {"requests", "requests"}, {"per_s", "inputs a second"}})}}}};
  chart.spec["layer"] = {lines, points};
  return chart;
}

}  // namespace podium::report
