// The extension module podium._runtime: what podium/artifact.h declares.
#include <nanobind/nanobind.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <vector>

#include "binding/arrays.h"
#include "binding/errors.h"
#include "podium/artifact.h"

namespace nb = nanobind;

namespace podium::python {
namespace {

/// (name, element type, sizes): a free axis is its name, or None where it has none.
nb::tuple described(const TensorSpec& spec) {
  nb::list sizes;
  for (const Dimension& axis : spec.dimensions) {
    if (!axis.is_free())
      sizes.append(axis.size);
    else if (axis.name.empty())
      sizes.append(nb::none());
    else
      sizes.append(axis.name);
  }
  return nb::make_tuple(spec.name, std::string(to_string(spec.type)), nb::tuple(sizes));
}

nb::list described(const std::vector<TensorSpec>& specs) {
  nb::list list;
  for (const TensorSpec& spec : specs) list.append(described(spec));
  return list;
}

/// What `keep` makes of outputs in the engine's own memory, which are lent to it until it returns.
nb::list lend_outputs(const Model& model, const std::vector<Tensor>& inputs, const nb::object& keep) {
  nb::object kept;
  {
    const nb::gil_scoped_release released;
    model.run(inputs, [&](std::span<const Tensor> outputs) {
      const nb::gil_scoped_acquire locked;
      nb::list lent;
      for (const Tensor& output : outputs) lent.append(to_torch(output));
      kept = keep(lent);
    });
  }
  return nb::cast<nb::list>(kept);
}

/// Other Python threads run while the engine computes. Outputs are new arrays on the host, or what `keep` makes of them where they are.
nb::list run(const Model& model, const std::vector<std::string>& names, const std::vector<Array>& arrays, bool for_torch,
             const nb::object& keep) {
  if (names.size() != arrays.size()) throw nb::value_error("there are not as many names as arrays");
  std::vector<Tensor> inputs;
  inputs.reserve(arrays.size());
  for (std::size_t i = 0; i < arrays.size(); ++i) inputs.push_back(view_of(names[i], arrays[i]));
  if (!keep.is_none()) return lend_outputs(model, inputs, keep);
  std::vector<Tensor> outputs;
  {
    const nb::gil_scoped_release released;
    outputs = model.run(inputs);
  }
  nb::list answers;
  for (Tensor& output : outputs) answers.append(for_torch ? to_torch(std::move(output)) : to_numpy(std::move(output)));
  return answers;
}

Model load_artifact(const std::filesystem::path& artifact, std::int64_t threads, std::int64_t sessions, bool check_hashes) {
  const nb::gil_scoped_release released;
  return load(artifact, {threads, sessions, check_hashes});
}

}  // namespace
}  // namespace podium::python

NB_MODULE(_runtime, extension) {
  using podium::Model;
  podium::python::raise_errors_as_python_exceptions();
  extension.doc() = "Artefacts, as podium/artifact.h has them. Use podium.load().";
  nb::class_<Model>(extension, "Model")
      .def_prop_ro("inputs", [](const Model& model) { return podium::python::described(model.inputs()); })
      .def_prop_ro("outputs", [](const Model& model) { return podium::python::described(model.outputs()); })
      .def_prop_ro("notices", [](const Model& model) { return model.notices(); })
      .def("run", &podium::python::run, nb::arg("names"), nb::arg("arrays").noconvert(), nb::arg("for_torch"),
           nb::arg("keep").none());
  extension.def("load", &podium::python::load_artifact, nb::arg("artifact"), nb::arg("threads"), nb::arg("sessions"),
                nb::arg("check_hashes"));
}
