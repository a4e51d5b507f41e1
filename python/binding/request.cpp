#include "binding/request.h"

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <chrono>
#include <string>
#include <vector>

#include "podium/error.h"
#include "podium/names.h"
#include "podium/optimize.h"

namespace nb = nanobind;

namespace podium::python {
namespace {

using RequestClass = nb::class_<OptimizeRequest>;

/// A field of BenchRequest, or of what it is made of, as one of the class.
template <class Part, class Value>
void bind_field(RequestClass& type, const char* name, Value Part::*field) {
  type.def_prop_rw(
      name, [field](const OptimizeRequest& request) { return request.what.*field; },
      [field](OptimizeRequest& request, Value value) { request.what.*field = std::move(value); });
}

void bind_seconds(RequestClass& type, const char* name, std::chrono::duration<double> BenchRequest::*field) {
  type.def_prop_rw(
      name, [field](const OptimizeRequest& request) { return (request.what.*field).count(); },
      [field](OptimizeRequest& request, double seconds) { request.what.*field = std::chrono::duration<double>(seconds); });
}

std::vector<std::string> names_of(const std::vector<Precision>& precisions) {
  std::vector<std::string> names;
  for (const Precision precision : precisions) names.emplace_back(to_string(precision));
  return names;
}

std::vector<Precision> parse_precisions(const std::vector<std::string>& names) {
  std::vector<Precision> precisions;
  for (const std::string& name : names) {
    const auto precision = parse_precision(name);
    if (!precision) {
      std::string known;
      for (const std::string& one : names_of(all_precisions())) known += (known.empty() ? "" : ", ") + one;
      throw Exception({ErrorCode::wrong_use,
                       "precisions: there is none of the name '" + printable(name) + "'" + did_you_mean(name, names_of(all_precisions())),
                       "choose among " + known});
    }
    precisions.push_back(*precision);
  }
  return precisions;
}

SearchPreset parse_preset(const std::string& name) {
  if (const auto preset = parse_search_preset(name)) return *preset;
  throw Exception({ErrorCode::wrong_use, "preset: there is none of the name '" + printable(name) + "'",
                   "choose 'constrained' (minutes) or 'unconstrained' (everything)"});
}

void bind_measurement(RequestClass& type) {
  bind_field(type, "model", &BenchRequest::model);
  bind_field(type, "weights", &BenchRequest::weights);
  bind_field(type, "backends", &BenchRequest::backends);
  bind_field(type, "batches", &BenchRequest::batches);
  bind_field(type, "shapes", &BenchRequest::shapes);
  bind_field(type, "resume", &BenchRequest::resume);
  bind_field(type, "threads", &BenchRequest::threads);
  bind_field(type, "device", &BenchRequest::device);
  bind_field(type, "option_values", &BenchRequest::option_values);
  bind_field(type, "data", &BenchRequest::data);
  bind_field(type, "samples", &BenchRequest::samples);
  bind_field(type, "labels", &BenchRequest::labels);
  bind_field(type, "preprocess", &BenchRequest::preprocess);
  bind_field(type, "metric", &BenchRequest::metric);
  bind_field(type, "max_drop", &BenchRequest::max_drop);
  bind_field(type, "calibration", &BenchRequest::calibration);
  bind_field(type, "seed", &BenchRequest::seed);
  bind_field(type, "json", &BenchRequest::json);
  bind_field(type, "high_priority", &BenchRequest::high_priority);
  bind_field(type, "no_wait", &BenchRequest::no_wait);
  bind_seconds(type, "budget_s", &BenchRequest::budget);
  bind_seconds(type, "warm_up_s", &BenchRequest::warm_up);
  type.def_prop_rw(
      "precisions", [](const OptimizeRequest& request) { return names_of(request.what.precisions); },
      [](OptimizeRequest& request, const std::vector<std::string>& names) { request.what.precisions = parse_precisions(names); });
}

void bind_choice(RequestClass& type) {
  type.def_rw("output", &OptimizeRequest::output)
      .def_rw("more_shapes", &OptimizeRequest::more_shapes)
      .def("set_shapes", &set_shapes, nb::arg("ranges"))
      .def_rw("min_sqnr_db", &OptimizeRequest::min_sqnr_db)
      .def_rw("speed_only", &OptimizeRequest::speed_only)
      .def_rw("allow_python", &OptimizeRequest::allow_python)
      .def_rw("multi_engine", &OptimizeRequest::multi_engine)
      .def_rw("attached", &OptimizeRequest::attached);
  type.def_prop_rw(
      "overwrite", [](const OptimizeRequest& request) { return request.overwrite; },
      [](OptimizeRequest& request, bool is_allowed) { request.overwrite = request.what.overwrite = is_allowed; });
  type.def_prop_rw(
      "goal", [](const OptimizeRequest& request) { return to_string(request.goals); },
      [](OptimizeRequest& request, const std::string& text) { request.goals = parse_goals(text); });
  type.def_prop_rw(
      "preset", [](const OptimizeRequest& request) { return std::string(to_string(request.preset)); },
      [](OptimizeRequest& request, const std::string& name) { request.preset = parse_preset(name); });
}

}  // namespace

void bind_request(nb::module_& extension) {
  RequestClass type(extension, "Request");
  type.def(nb::init<>());
  bind_measurement(type);
  bind_choice(type);
}

}  // namespace podium::python
