/// For tests in Python: quantizes a file with ranges that the test found.
///   int8_tool plan MODEL SETTINGS.json                 prints the plan as JSON
///   int8_tool static|dynamic MODEL SETTINGS.json OUT   writes the quantized model; prints the plan or the report
///   int8_tool simplify MODEL SETTINGS.json OUT
/// SETTINGS: {"profile": {…}, "exclude": […], "ranges": {value: [low, high]}, "operators": […]}
#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "backends/api/profile_json.h"
#include "convert/quantize.h"
#include "core/files.h"
#include "onnx/simplify.h"
#include "onnx/whole_model.h"

namespace podium::convert {
namespace {

using nlohmann::json;

struct Settings {
  QuantizationProfile profile;
  std::set<std::string> exclude;
  std::set<std::string> operators;
  std::map<std::string, Range> ranges;
};

Settings read_settings(const std::string& file) {
  const json object = json::parse(value_or_throw(read_text_file(file, std::size_t{1} << 28)));
  Settings settings;
  settings.profile = value_or_throw(backend::profile_from_json(object.value("profile", json::object())));
  settings.exclude = object.value("exclude", std::set<std::string>());
  settings.operators = object.value("operators", operators_that_gain());
  const json ranges = object.value("ranges", json::object());
  for (const auto& [value, range] : ranges.items()) settings.ranges[value] = {range[0].get<float>(), range[1].get<float>()};
  return settings;
}

json to_json(const StaticPlan& plan) {
  json weights = json::object();
  for (const auto& weight : plan.weights) weights[weight.value] = weight.axis;
  return {{"nodes", plan.nodes}, {"activations", plan.activations}, {"int8_only", plan.int8_only}, {"same_range", plan.same_range},
          {"weights", weights},  {"left_wide", plan.left_wide}};
}

void run(const std::vector<std::string>& arguments) {
  const auto model = value_or_throw(onnx::read_whole(arguments.at(1)));
  const Settings settings = read_settings(arguments.at(2));
  name_nodes(*model->mutable_graph());
  if (arguments[0] == "simplify") {
    static_cast<void>(value_or_throw(onnx::simplify(*model)));
  } else if (arguments[0] == "dynamic") {
    const ConversionReport report = value_or_throw(quantize_dynamic(*model, settings.operators, settings.profile, settings.exclude));
    fmt::print("{}\n", json{{"converted", report.converted}, {"left_wide", report.left_wide}}.dump());
  } else {
    const StaticPlan plan = value_or_throw(plan_static(*model, settings.profile, settings.exclude));
    fmt::print("{}\n", to_json(plan).dump());
    if (arguments[0] == "plan") return;
    value_or_throw(apply_static(*model, plan, settings.profile, settings.ranges));
  }
  static_cast<void>(value_or_throw(onnx::write_model(*model, arguments.at(3))));
}

}  // namespace
}  // namespace podium::convert

int main(int count, char** values) {
  try {
    podium::convert::run({values + 1, values + count});
  } catch (const podium::Exception& exception) {
    fmt::print(stderr, "{}: {}\n", exception.what(), exception.error().remedy);
    return 1;
  }
  return 0;
}
