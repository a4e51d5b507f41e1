#pragma once

#include <gtest/gtest.h>

#include "cases.h"
#include "core/error_code.h"
#include "worker/worker.h"

namespace podium::conformance {

/// Largest root mean square of the error, as a share of that of the expected output.
[[nodiscard]] double tolerance(Precision precision);

/// Every output of every batch has the name, type, shape and values that were expected.
[[nodiscard]] ::testing::AssertionResult agree(const worker::Answers& answers, const Case& expected, Precision precision = Precision::fp32);

/// Success of an Outcome, or what it says.
template <typename T>
[[nodiscard]] ::testing::AssertionResult succeeded(const worker::Outcome<T>& outcome) {
  if (outcome) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << to_string(outcome.error().error.code) << ": " << outcome.error().error.message << "\n"
                                       << outcome.error().failure.log_tail;
}

}  // namespace podium::conformance
