#include "report/charts/chart_parts.h"

#include <array>

#include "podium/types.h"

namespace podium::report {
namespace {

/// After Okabe and Ito's palette (2008), each made to keep 3:1 against white and against the dark page.
constexpr std::array<std::string_view, 8> colours{"#0077bb", "#d55e00", "#009e73", "#b65c94", "#a07800", "#3a9bc1", "#8a8a8a", "#7a6bd1"};

constexpr std::array<Precision, 6> precisions{Precision::fp32, Precision::tf32,         Precision::bf16,
                                              Precision::fp16, Precision::int8_dynamic, Precision::int8_static};
constexpr std::array<std::string_view, 6> shapes{"circle", "triangle-down", "square", "triangle-up", "cross", "diamond"};

Json precision_names() {
  Json names = Json::array();
  for (const Precision precision : precisions) names.push_back(to_string(precision));
  return names;
}

/// Of the legend of what is there: all six precisions would be listed otherwise.
Json by_precision(Legend legend, Json range) {
  Json encoding = {{"field", "precision"}, {"type", "nominal"}, {"scale", {{"domain", precision_names()}, {"range", std::move(range)}}}};
  encoding["legend"] = legend == Legend::hidden ? Json() : Json{{"title", "precision"}};
  return encoding;
}

Json figure(std::string_view field, std::string_view title, Json scale) {
  return {{"field", field},
          {"type", "quantitative"},
          {"title", title.empty() ? Json() : Json(title)},
          {"scale", std::move(scale)},
          {"axis", {{"format", "~g"}, {"tickCount", 5}, {"labelOverlap", true}}}};
}

}  // namespace

Json backend_colour(const std::vector<std::string>& backends, Legend legend) {
  Json range = Json::array();
  for (std::size_t i = 0; i < backends.size(); ++i) range.push_back(colours[i % colours.size()]);
  Json encoding = {{"field", "backend"}, {"type", "nominal"}, {"scale", {{"domain", backends}, {"range", std::move(range)}}}};
  encoding["legend"] = legend == Legend::hidden ? Json() : Json{{"title", "backend"}};
  return encoding;
}

Json precision_shape(Legend legend) {
  return by_precision(legend, Json(shapes));
}

Json precision_dash(Legend legend) {
  return by_precision(legend, Json::parse("[[1, 0], [8, 2], [6, 3], [3, 3], [8, 3, 2, 3], [2, 2]]"));
}

Json name_lines() {
  return {{"field", "name"},
          {"type", "nominal"},
          {"sort", nullptr},
          {"title", nullptr},
          {"axis", {{"domain", false}, {"ticks", false}, {"grid", true}}}};
}

Json log_scale(std::string_view field, std::string_view title, int room) {
  return figure(field, title, {{"type", "log"}, {"nice", false}, {"padding", room}});
}

Json linear_scale(std::string_view field, std::string_view title) {
  return figure(field, title, {{"zero", false}, {"padding", 12}});
}

Json tooltip(const std::vector<std::pair<std::string, std::string>>& field_and_title) {
  Json list = Json::array();
  for (const auto& [field, title] : field_and_title) list.push_back({{"field", field}, {"title", title}});
  return list;
}

Json chart_of_lines(int step) {
  return {{"width", "container"}, {"height", {{"step", step}}}, {"autosize", {{"type", "fit-x"}, {"contains", "padding"}}}};
}

Json chart_of_height(int height) {
  return {{"width", "container"}, {"height", height}, {"autosize", {{"type", "fit-x"}, {"contains", "padding"}}}};
}

}  // namespace podium::report
