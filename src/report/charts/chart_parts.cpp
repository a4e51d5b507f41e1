#include "report/charts/chart_parts.h"

#include <algorithm>
#include <array>

#include "podium/types.h"

namespace podium::report {
namespace {

/// After Okabe and Ito's palette (2008), each made to keep 3:1 against white and against the dark page.
constexpr std::array<std::string_view, 8> colours{"#0077bb", "#d55e00", "#009e73", "#b65c94", "#a07800", "#3a9bc1", "#8a8a8a", "#7a6bd1"};

/// How each precision is drawn, whichever others there are.
struct PrecisionLook {
  Precision precision;
  const char* shape;
  const char* dash;
};
constexpr std::array<PrecisionLook, 6> precision_looks{{{Precision::fp32, "circle", "[1, 0]"},
                                                        {Precision::tf32, "triangle-down", "[8, 2]"},
                                                        {Precision::bf16, "square", "[6, 3]"},
                                                        {Precision::fp16, "triangle-up", "[3, 3]"},
                                                        {Precision::int8_dynamic, "cross", "[8, 3, 2, 3]"},
                                                        {Precision::int8_static, "diamond", "[2, 2]"}}};

/// Only those that are there: the legend would list all six otherwise.
Json by_precision(const std::vector<std::string>& precisions, Legend legend, Json (*look)(const PrecisionLook&)) {
  Json domain = Json::array();
  Json range = Json::array();
  for (const PrecisionLook& known : precision_looks) {
    if (std::find(precisions.begin(), precisions.end(), to_string(known.precision)) == precisions.end()) continue;
    domain.push_back(to_string(known.precision));
    range.push_back(look(known));
  }
  Json encoding = {{"field", "precision"}, {"type", "nominal"}, {"scale", {{"domain", std::move(domain)}, {"range", std::move(range)}}}};
  encoding["legend"] = legend == Legend::hidden ? Json() : Json{{"title", "precision"}};
  return encoding;
}

Json figure(std::string_view field, std::string_view title, Json scale) {
  return {{"field", field},
          {"type", "quantitative"},
          {"title", title.empty() ? Json() : Json(title)},
          {"scale", std::move(scale)},
          {"axis", {{"format", ",.4~r"}, {"tickCount", 5}, {"labelOverlap", true}}}};
}

}  // namespace

Json backend_colour(const std::vector<std::string>& backends, Legend legend) {
  Json range = Json::array();
  for (std::size_t i = 0; i < backends.size(); ++i) range.push_back(colours[i % colours.size()]);
  Json encoding = {{"field", "backend"}, {"type", "nominal"}, {"scale", {{"domain", backends}, {"range", std::move(range)}}}};
  encoding["legend"] = legend == Legend::hidden ? Json() : Json{{"title", "backend"}};
  return encoding;
}

Json precision_shape(const std::vector<std::string>& precisions, Legend legend) {
  return by_precision(precisions, legend, [](const PrecisionLook& look) { return Json(look.shape); });
}

Json precision_dash(const std::vector<std::string>& precisions, Legend legend) {
  return by_precision(precisions, legend, [](const PrecisionLook& look) { return Json::parse(look.dash); });
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

Json interval_rule(const Json& colour, const char* channel, const char* low, const char* high) {
  const std::string second = std::string(channel) + "2";
  return {{"mark", {{"type", "rule"}, {"strokeWidth", 2}}},
          {"encoding", {{channel, {{"field", low}, {"type", "quantitative"}}}, {second, {{"field", high}}}, {"color", colour}}}};
}

Json tooltip(const std::vector<std::pair<std::string, std::string>>& field_and_title) {
  Json list = Json::array();
  for (const auto& [field, title] : field_and_title) list.push_back({{"field", field}, {"title", title}});
  return list;
}

Json chart_of_lines() {
  return {{"width", "container"}, {"autosize", {{"type", "fit-x"}, {"contains", "padding"}}}};
}

Json chart_of_height(int height) {
  return {{"width", "container"}, {"height", height}, {"autosize", {{"type", "fit-x"}, {"contains", "padding"}}}};
}

}  // namespace podium::report
