#pragma once

#include <nanobind/nanobind.h>

#include <exception>
#include <string>

#include "podium/bench.h"
#include "podium/cancel.h"

namespace podium::python {

/// Tells a function of Python's what is going on: on_event(stage, subject, done, total, elapsed, remaining). What it raises stops the
/// search.
class PythonObserver final : public BenchObserver {
 public:
  PythonObserver(nanobind::object on_event, CancelToken cancel) : on_event_(std::move(on_event)), cancel_(std::move(cancel)) {}

  void on_progress(const Progress& progress) override;
  void on_message(const std::string& message) override;
  /// Raises what the function raised, where it did.
  void rethrow() const;

 private:
  void tell(const Progress& progress);

  nanobind::object on_event_;  ///< None: nobody listens
  CancelToken cancel_;
  std::exception_ptr raised_;
};

}  // namespace podium::python
