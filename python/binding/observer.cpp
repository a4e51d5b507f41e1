#include "binding/observer.h"

#include <nanobind/stl/string.h>

namespace nb = nanobind;

namespace podium::python {

void PythonObserver::on_progress(const Progress& progress) {
  tell(progress);
}

void PythonObserver::on_message(const std::string& message) {
  Progress progress;
  progress.stage = "message";
  progress.subject = message;
  tell(progress);
}

/// The search runs without Python's lock, and no exception may pass through it.
void PythonObserver::tell(const Progress& progress) {
  if (on_event_.is_none() || raised_) return;
  const nb::gil_scoped_acquire acquired;
  try {
    on_event_(progress.stage, progress.subject, progress.done, progress.total, progress.elapsed.count(), progress.remaining.count());
  } catch (...) {
    raised_ = std::current_exception();
    cancel_.request();
  }
}

void PythonObserver::rethrow() const {
  if (raised_) std::rethrow_exception(raised_);
}

}  // namespace podium::python
