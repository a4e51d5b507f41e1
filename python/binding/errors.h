#pragma once

namespace podium::python {

/// From now on what podium::Exception carries is raised as the class of podium.errors that belongs to its code.
void raise_errors_as_python_exceptions();

}  // namespace podium::python
