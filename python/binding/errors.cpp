#include "binding/errors.h"

#include <nanobind/nanobind.h>

#include <array>
#include <exception>

#include "podium/error.h"

namespace nb = nanobind;

namespace podium::python {
namespace {

struct ErrorClass {
  ErrorCode code;
  const char* name;  ///< in podium.errors
};
constexpr std::array<ErrorClass, 10> classes{{{ErrorCode::wrong_use, "WrongUse"},
                                              {ErrorCode::bad_input, "BadInput"},
                                              {ErrorCode::unsupported, "Unsupported"},
                                              {ErrorCode::unavailable, "Unavailable"},
                                              {ErrorCode::failed, "Failed"},
                                              {ErrorCode::timeout, "TimedOut"},
                                              {ErrorCode::out_of_memory, "OutOfMemory"},
                                              {ErrorCode::io, "FileRefused"},
                                              {ErrorCode::cancelled, "Cancelled"},
                                              {ErrorCode::check_failed, "CheckFailed"}}};

const char* class_of(ErrorCode code) {
  for (const ErrorClass& row : classes) {
    if (row.code == code) return row.name;
  }
  return "Failed";
}

void translate(const std::exception_ptr& pointer, void*) {
  try {
    std::rethrow_exception(pointer);
  } catch (const Exception& exception) {
    const Error& error = exception.error();
    const nb::object type = nb::module_::import_("podium.errors").attr(class_of(error.code));
    const nb::object value = type(nb::str(error.message.c_str(), error.message.size()), nb::str(error.remedy.c_str(), error.remedy.size()));
    PyErr_SetObject(type.ptr(), value.ptr());
  }
}

}  // namespace

void raise_errors_as_python_exceptions() {
  nb::register_exception_translator(translate);
}

}  // namespace podium::python
