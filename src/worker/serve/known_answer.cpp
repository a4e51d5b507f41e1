#include "worker/serve/known_answer.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "core/numbers.h"
#include "core/text.h"

namespace podium::worker {

namespace {

/// Narrow enough to tell answers to different inputs apart where a network's outputs barely differ between them.
double tolerance_of(Precision precision) {
  return precision == Precision::fp32 ? 1e-4 : 1e-2;
}

}  // namespace

KnownAnswer::KnownAnswer(std::span<const TensorView> outputs, Precision precision) : tolerance_(tolerance_of(precision)) {
  for (const TensorView& output : outputs) {
    tensors_.push_back({output, std::vector<std::byte>(output.data, output.data + output.bytes())});
    tensors_.back().view.data = nullptr;
  }
}

std::string KnownAnswer::difference(std::span<const TensorView> outputs) const {
  if (outputs.size() != tensors_.size()) return fmt::format("{} outputs came instead of {}", outputs.size(), tensors_.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const TensorView& known = tensors_[i].view;
    if (outputs[i].type != known.type || outputs[i].shape != known.shape) {
      return fmt::format("output '{}' came as {} [{}] instead of {} [{}]", printable(known.name), to_string(outputs[i].type),
                         to_string(outputs[i].shape), to_string(known.type), to_string(known.shape));
    }
    if (!is_close(tensors_[i], outputs[i])) return fmt::format("output '{}' has other values", printable(known.name));
  }
  return {};
}

bool KnownAnswer::is_close(const Tensor& known, const TensorView& given) const {
  if (known.bytes.empty() || std::memcmp(known.bytes.data(), given.data, known.bytes.size()) == 0) return true;
  const std::size_t count = element_count(given.shape);
  const std::vector<float> expected = to_floats(known.bytes.data(), given.type, count);
  const std::vector<float> values = to_floats(given.data, given.type, count);
  double error = 0.0;
  double size = 0.0;
  for (std::size_t i = 0; i < count; ++i) {
    if (std::isnan(expected[i]) && std::isnan(values[i])) continue;
    if (expected[i] == values[i]) {
      size += std::isfinite(expected[i]) ? double{expected[i]} * expected[i] : 0.0;
      continue;
    }
    error += (double{expected[i]} - values[i]) * (double{expected[i]} - values[i]);
    size += double{expected[i]} * expected[i];
  }
  return std::isfinite(error) && error <= tolerance_ * tolerance_ * size;
}

}  // namespace podium::worker
