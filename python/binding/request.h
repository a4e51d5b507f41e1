#pragma once

#include <nanobind/nanobind.h>

namespace podium::python {

/// The class `Request`: an OptimizeRequest, each field under its name in C++. Those of BenchRequest are fields of it, too.
void bind_request(nanobind::module_& extension);

}  // namespace podium::python
