#include "backends/fake/answer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "backends/api/request_check.h"
#include "core/numbers.h"

namespace podium::fake {

namespace {

/// How many elements of a row are looked at, evenly spread: enough to tell inputs apart, few enough to cost next to nothing.
constexpr std::size_t looked_at = 256;

/// A fixed weight in [-1, 1] for an element and an output (a multiplicative hash).
float weight(std::size_t element, std::size_t output) {
  const std::uint32_t hash = (static_cast<std::uint32_t>(element * Answer::outputs_per_row + output) + 1U) * 2654435761U;
  return static_cast<float>(hash >> 8U) / static_cast<float>(1U << 23U) - 1.0F;
}

float element_at(const TensorView& tensor, std::size_t index) {
  const std::byte* address = tensor.data + index * size_of(tensor.type);
  if (tensor.type != DataType::float32) return to_floats(address, tensor.type, 1).front();
  float value = 0.0F;
  std::memcpy(&value, address, sizeof value);
  return value;
}

void add_row(const TensorView& input, std::size_t first, std::size_t count, std::span<float> sums) {
  const std::size_t looks = std::min(count, looked_at);
  for (std::size_t i = 0; i < looks; ++i) {
    const float value = element_at(input, first + i * count / looks);
    for (std::size_t output = 0; output < sums.size(); ++output) sums[output] += value * weight(i, output);
  }
}

Shape claimed_shape(const std::string& kind, std::int64_t rows) {
  const auto columns = static_cast<std::int64_t>(Answer::outputs_per_row);
  if (kind == "extra-axis") return {rows, columns, 1};
  if (kind == "one-row-less") return {rows - 1, columns};
  return {rows, columns};
}

}  // namespace

Answer::Answer(const OptionValues& options, std::int64_t rows)
    : kind_(backend::text(options, "output")),
      noise_db_(static_cast<double>(backend::integer(options, "noise-db"))),
      values_(static_cast<std::size_t>(rows) * outputs_per_row, 0.5F),
      output_{"output", DataType::float32, claimed_shape(backend::text(options, "output-shape"), rows),
              reinterpret_cast<std::byte*>(values_.data())} {}

std::span<const TensorView> Answer::compute(std::span<const TensorView> inputs) {
  if (kind_ == "constant") return {&output_, 1};  // at once: what an inference costs besides the model shows here
  std::fill(values_.begin(), values_.end(), 0.0F);
  const std::size_t rows = values_.size() / outputs_per_row;
  for (const TensorView& input : inputs) {
    const std::size_t elements = element_count(input.shape);
    const bool by_row = !input.shape.empty() && input.shape.front() == static_cast<std::int64_t>(rows);
    const std::size_t count = by_row ? elements / rows : elements;
    for (std::size_t row = 0; row < rows; ++row) {
      add_row(input, by_row ? row * count : 0, count, std::span(values_).subspan(row * outputs_per_row, outputs_per_row));
    }
  }
  if (kind_ == "noise") add_noise();
  if (kind_ == "swapped") swap_with_previous();
  if (kind_ == "nan") values_.front() = std::numeric_limits<float>::quiet_NaN();
  return {&output_, 1};
}

/// Normal noise, so much weaker than the answer as noise-db says.
void Answer::add_noise() {
  double power = 0.0;
  for (const float value : values_) power += double{value} * double{value};
  const double deviation = std::sqrt(power / static_cast<double>(values_.size()) * std::pow(10.0, -noise_db_ / 10.0));
  std::normal_distribution<double> normal(0.0, deviation);
  for (float& value : values_) value += static_cast<float>(normal(random_));
}

/// The answer to the inputs of the call before; the first call has none to give and answers rightly.
void Answer::swap_with_previous() {
  const std::vector<float> answer = values_;
  if (!previous_.empty()) std::copy(previous_.begin(), previous_.end(), values_.begin());
  previous_ = answer;
}

}  // namespace podium::fake
