// The extension module podium._search: the supervisor, as podium/optimize.h has it.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <vector>

#include "binding/errors.h"
#include "binding/observer.h"
#include "binding/request.h"
#include "core/install_paths.h"
#include "podium/inspect.h"
#include "podium/optimize.h"
#include "podium/version.h"

namespace nb = nanobind;

namespace podium::python {
namespace {

OptimizeReport search(const OptimizeRequest& request, const nb::object& on_event, const CancelToken& cancel) {
  PythonObserver observer(on_event, cancel);
  OptimizeReport report;
  {
    const nb::gil_scoped_release released;
    report = optimize(request, observer, cancel);
  }
  observer.rethrow();
  return report;
}

std::vector<std::string> input_names(const std::string& model) {
  std::vector<std::string> names;
  for (const TensorSpec& input : inspect(model).facts.inputs) names.push_back(input.name);
  return names;
}

void bind_report(nb::module_& extension) {
  nb::class_<OptimizeReport>(extension, "Report")
      .def("json", [](const OptimizeReport& report) { return to_json(report); })
      .def("results_json", [](const OptimizeReport& report) { return to_json(report.results); })
      .def("markdown", [](const OptimizeReport& report) { return to_markdown(report); })
      .def("html", [](const OptimizeReport& report) { return to_html(report.results, report.verdict); })
      .def(
          "table",
          [](const OptimizeReport& report, int width) {
            return to_table(report, {false, true, width});
          },
          nb::arg("width"))
      .def_prop_ro("artifact", [](const OptimizeReport& report) { return report.artifact.string(); })
      .def_prop_ro("advice", [](const OptimizeReport& report) { return report.advice; });
}

}  // namespace
}  // namespace podium::python

NB_MODULE(_search, extension) {
  using podium::CancelToken;
  podium::python::raise_errors_as_python_exceptions();
  extension.doc() = "The search, as podium/optimize.h has it. Use podium.optimize().";
  podium::python::bind_request(extension);
  podium::python::bind_report(extension);
  nb::class_<CancelToken>(extension, "CancelToken").def(nb::init<>()).def("request", &CancelToken::request);
  extension.def("optimize", &podium::python::search, nb::arg("request"), nb::arg("on_event").none(), nb::arg("cancel"));
  extension.def("input_names", &podium::python::input_names, nb::arg("model"));
  extension.def("python_folder", [] { return podium::find_install_paths().python.string(); });
  extension.def("version", [] { return std::string(podium::version()); });
}
