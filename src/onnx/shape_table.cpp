#include "onnx/shape_table.h"

#include <algorithm>

#include "onnx/attributes.h"

namespace podium::onnx {

const Known* ShapeTable::find(const std::string& name) const {
  const auto found = values_.find(name);
  return found != values_.end() ? &found->second : nullptr;
}

void ShapeTable::set(const std::string& name, Known known) {
  const auto is_good = [](std::int64_t size) { return size >= 0 && size <= largest; };
  if (name.empty() || known.shape.size() > most_axes || !std::all_of(known.shape.begin(), known.shape.end(), is_good)) return;
  if (known.integers) {
    const bool fits =
        static_cast<std::int64_t>(known.integers->size()) <= most_integers && checked_product(known.shape) == known.integers->size();
    // A slice "to the end" is written as the largest number there is; what bounds it is the size of the axis.
    for (std::int64_t& value : *known.integers) value = std::clamp(value, -largest, largest);
    if (!fits) known.integers.reset();
  }
  values_.insert_or_assign(name, std::move(known));
}

std::optional<std::int64_t> checked_product(const Shape& shape) noexcept {
  std::int64_t product = 1;
  for (const std::int64_t size : shape) {
    if (__builtin_mul_overflow(product, size, &product)) return std::nullopt;
  }
  return product;
}

const std::vector<std::int64_t>* Operator::integers(int index) const {
  const Known* known = input(index);
  return known != nullptr && known->integers ? &*known->integers : nullptr;
}

std::optional<std::vector<std::int64_t>> Operator::integers_from(const char* attribute, int index) const {
  if (has_input(index)) {
    const std::vector<std::int64_t>* known = integers(index);
    return known != nullptr ? std::optional(*known) : std::nullopt;
  }
  std::vector<std::int64_t> values = integers_attribute(node_, attribute);
  if (static_cast<std::int64_t>(values.size()) > ShapeTable::most_integers) return std::nullopt;
  for (std::int64_t& value : values) value = std::clamp(value, -ShapeTable::largest, ShapeTable::largest);
  return values;
}

std::int64_t Operator::integer(const char* attribute, std::int64_t otherwise) const {
  return std::clamp(integer_attribute(node_, attribute, otherwise), -ShapeTable::largest, ShapeTable::largest);
}

}  // namespace podium::onnx
