#include "matchers.h"

#include <cmath>

#include "core/numbers.h"
#include "core/tensor_view.h"

namespace podium::conformance {
namespace {

using ::testing::AssertionFailure;
using ::testing::AssertionResult;
using ::testing::AssertionSuccess;

bool is_float(DataType type) {
  return to_string(type).find("float") != std::string_view::npos;
}

AssertionResult values_agree(const worker::OutputTensor& given, const std::vector<float>& expected, double allowed) {
  double error = 0.0;
  double signal = 0.0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (!std::isfinite(given.values[i])) return AssertionFailure() << given.name << "[" << i << "] is " << given.values[i];
    const double difference = double{given.values[i]} - double{expected[i]};
    error += difference * difference;
    signal += double{expected[i]} * double{expected[i]};
  }
  const double share = signal > 0.0 ? std::sqrt(error / signal) : std::sqrt(error);
  if (share <= allowed) return AssertionSuccess();
  return AssertionFailure() << given.name << ": relative error " << share << ", allowed " << allowed;
}

AssertionResult tensor_agrees(const worker::OutputTensor& given, const Tensor& expected, Precision precision) {
  if (given.name != expected.name) return AssertionFailure() << "output '" << given.name << "' instead of '" << expected.name << "'";
  if (given.type != expected.type)
    return AssertionFailure() << given.name << " is " << to_string(given.type) << ", expected " << to_string(expected.type);
  if (given.shape != expected.shape) {
    return AssertionFailure() << given.name << " is " << to_string(given.shape) << ", expected " << to_string(expected.shape);
  }
  const auto* data = reinterpret_cast<const std::byte*>(expected.bytes.data());
  const std::vector<float> values = to_floats(data, expected.type, element_count(expected.shape));
  if (given.values.size() != values.size()) return AssertionFailure() << given.name << " has " << given.values.size() << " values";
  return values_agree(given, values, is_float(expected.type) ? tolerance(precision) : 0.0);
}

}  // namespace

double tolerance(Precision precision) {
  if (precision == Precision::int8_static) return 1e-1;
  return precision == Precision::bf16 ? 3e-2 : 1e-4;
}

AssertionResult agree(const worker::Answers& answers, const Case& expected, Precision precision) {
  if (answers.batches.size() != expected.batches.size()) return AssertionFailure() << answers.batches.size() << " batches were answered";
  for (std::size_t b = 0; b < expected.batches.size(); ++b) {
    const auto& given = answers.batches[b];
    const auto& wanted = expected.batches[b].outputs;
    if (given.size() != wanted.size()) return AssertionFailure() << given.size() << " outputs instead of " << wanted.size();
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (AssertionResult result = tensor_agrees(given[i], wanted[i], precision); !result) return result << " (batch " << b << ")";
    }
  }
  return AssertionSuccess();
}

}  // namespace podium::conformance
