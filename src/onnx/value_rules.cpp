#include "onnx/value_rules.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "onnx/attributes.h"
#include "onnx/tensor_check.h"

namespace podium::onnx {

namespace {

using Integers = std::vector<std::int64_t>;

std::size_t index(std::int64_t value) {
  return static_cast<std::size_t>(value);
}

/// Elements behind one step of the first axis.
std::size_t row_size(const Shape& shape) {
  return index(checked_product(Shape(shape.begin() + (shape.empty() ? 0 : 1), shape.end())).value_or(0));
}

/// Shape of two tensors of which the smaller is repeated along axes of size 1; nothing where they do not fit.
std::optional<Shape> broadcast(Shape a, Shape b) {
  if (a.size() < b.size()) std::swap(a, b);
  const std::size_t lead = a.size() - b.size();
  for (std::size_t i = 0; i < b.size(); ++i) {
    std::int64_t& size = a[lead + i];
    if (size != b[i] && size != 1 && b[i] != 1) return std::nullopt;
    size = size == 1 ? b[i] : size;
  }
  return a;
}

/// Nothing where the result passes 64 bits: a broken node may have a third input, which meets what the first two made.
std::optional<std::int64_t> apply(std::string_view op, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (op == "Add") return __builtin_add_overflow(a, b, &result) ? std::nullopt : std::optional(result);
  if (op == "Sub") return __builtin_sub_overflow(a, b, &result) ? std::nullopt : std::optional(result);
  if (op == "Mul") return __builtin_mul_overflow(a, b, &result) ? std::nullopt : std::optional(result);
  const bool has_quotient = b != 0 && !(b == -1 && a == std::numeric_limits<std::int64_t>::min());
  if (op == "Div" && has_quotient) return a / b;
  if (op == "Max") return std::max(a, b);
  if (op == "Min") return std::min(a, b);
  return std::nullopt;
}

/// Where both sides are as long, or one is a single number. A single number and none at all make none.
std::optional<Integers> apply_all(std::string_view op, const Integers& a, const Integers& b) {
  if (a.size() != b.size() && a.size() != 1 && b.size() != 1) return std::nullopt;
  Integers result;
  const std::size_t count = a.size() == 1 ? b.size() : a.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::optional<std::int64_t> value = apply(op, a[a.size() == 1 ? 0 : i], b[b.size() == 1 ? 0 : i]);
    if (!value) return std::nullopt;
    result.push_back(*value);
  }
  return result;
}

Integers take_rows(const Integers& values, std::size_t row, const SliceRange& range) {
  Integers taken;
  for (std::int64_t i = 0; i < range.count; ++i) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(index(range.start + i * range.step) * row);
    taken.insert(taken.end(), first, first + static_cast<std::ptrdiff_t>(row));
  }
  return taken;
}

Integers transpose(const Integers& values, const Shape& shape, const std::vector<std::size_t>& order) {
  std::vector<std::size_t> strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * index(shape[i]);
  Integers result(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::size_t rest = i;
    std::size_t source = 0;
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      const std::size_t size = index(shape[order[axis]]);
      source += rest % size * strides[order[axis]];
      rest /= size;
    }
    result[i] = values[source];
  }
  return result;
}

}  // namespace

std::optional<SliceRange> slice_axis(std::int64_t size, std::int64_t start, std::int64_t end, std::int64_t step) {
  if (step == 0) return std::nullopt;
  const auto from_front = [size](std::int64_t at) { return at < 0 ? at + size : at; };
  const std::int64_t low = step > 0 ? 0 : -1;
  const std::int64_t high = step > 0 ? size : size - 1;
  const std::int64_t first = std::clamp(from_front(start), std::max<std::int64_t>(low, 0), std::max<std::int64_t>(high, 0));
  const std::int64_t last = std::clamp(from_front(end), low, high);
  const std::int64_t distance = step > 0 ? last - first : first - last;
  const std::int64_t stride = std::abs(step);
  return SliceRange{first, step, size == 0 ? 0 : std::max<std::int64_t>(0, (distance + stride - 1) / stride)};
}

std::optional<std::size_t> axis_from_front(std::int64_t axis, std::size_t rank) noexcept {
  const auto size = static_cast<std::int64_t>(rank);
  const std::int64_t at = axis < 0 ? axis + size : axis;
  if (at < 0 || at >= size) return std::nullopt;
  return index(at);
}

MaybeKnown infer_constant(const Operator& op, int) {
  for (const ::onnx::AttributeProto& attribute : op.node().attribute()) {
    const std::string& name = attribute.name();
    if (name == "value") return Known{Shape(attribute.t().dims().begin(), attribute.t().dims().end()), small_integers(attribute.t())};
    if (name == "value_int") return Known{{}, Integers{attribute.i()}};
    if (name == "value_ints") return Known{{attribute.ints_size()}, Integers(attribute.ints().begin(), attribute.ints().end())};
    if (name == "value_float") return Known{};
    if (name == "value_floats") return Known{{attribute.floats_size()}, std::nullopt};
  }
  return std::nullopt;
}

MaybeKnown infer_constant_of_shape(const Operator& op, int) {
  const Integers* shape = op.integers(0);
  if (shape == nullptr) return std::nullopt;
  Known known{*shape, std::nullopt};
  const ::onnx::AttributeProto* value = find_attribute(op.node(), "value");
  const std::optional<Integers> fill = value != nullptr ? small_integers(value->t()) : std::nullopt;
  const std::optional<std::int64_t> count = checked_product(known.shape);
  const bool is_small = count && *count >= 0 && *count <= ShapeTable::most_integers;
  if (fill && fill->size() == 1 && is_small) known.integers = Integers(index(*count), fill->front());
  return known;
}

MaybeKnown infer_shape(const Operator& op, int) {
  const Known* data = op.input(0);
  if (data == nullptr) return std::nullopt;
  const auto rank = static_cast<std::int64_t>(data->shape.size());
  const std::optional<SliceRange> range = slice_axis(rank, op.integer("start", 0), op.integer("end", rank), 1);
  Integers taken = take_rows(data->shape, 1, range.value_or(SliceRange{0, 1, rank}));
  return Known{{static_cast<std::int64_t>(taken.size())}, std::move(taken)};
}

MaybeKnown infer_gather(const Operator& op, int) {
  const Known* data = op.input(0);
  const Known* indices = op.input(1);
  if (data == nullptr || indices == nullptr) return std::nullopt;
  const std::optional<std::size_t> axis = axis_from_front(op.integer("axis", 0), data->shape.size());
  if (!axis) return std::nullopt;
  Known known{data->shape, std::nullopt};
  const auto at = known.shape.erase(known.shape.begin() + static_cast<std::ptrdiff_t>(*axis));
  known.shape.insert(at, indices->shape.begin(), indices->shape.end());
  if (data->shape.size() != 1 || !data->integers || !indices->integers) return known;
  Integers picked;
  for (const std::int64_t place : *indices->integers) {
    const std::optional<std::size_t> from = axis_from_front(place, data->integers->size());
    if (!from) return std::nullopt;
    picked.push_back((*data->integers)[*from]);
  }
  known.integers = std::move(picked);
  return known;
}

MaybeKnown infer_slice(const Operator& op, int) {
  const Known* data = op.input(0);
  const std::optional<Integers> starts = op.integers_from("starts", 1);
  const std::optional<Integers> ends = op.integers_from("ends", 2);
  std::optional<Integers> axes = op.integers_from("axes", 3);
  std::optional<Integers> steps = op.integers_from("steps", 4);
  if (data == nullptr || !starts || !ends || !axes || !steps || starts->size() != ends->size()) return std::nullopt;
  if (axes->empty()) {
    axes->resize(starts->size());
    std::iota(axes->begin(), axes->end(), 0);
  }
  if (steps->empty()) steps->assign(starts->size(), 1);
  if (axes->size() != starts->size() || steps->size() != starts->size()) return std::nullopt;
  Known known = *data;
  for (std::size_t i = 0; i < axes->size(); ++i) {
    const std::optional<std::size_t> axis = axis_from_front((*axes)[i], known.shape.size());
    if (!axis) return std::nullopt;
    const std::optional<SliceRange> range = slice_axis(known.shape[*axis], (*starts)[i], (*ends)[i], (*steps)[i]);
    if (!range) return std::nullopt;
    if (*axis == 0 && known.integers) {
      known.integers = take_rows(*known.integers, row_size(known.shape), *range);
    } else {
      known.integers.reset();
    }
    known.shape[*axis] = range->count;
  }
  return known;
}

MaybeKnown infer_concat(const Operator& op, int) {
  const Known* first = op.input(0);
  if (first == nullptr) return std::nullopt;
  const std::optional<std::size_t> axis = axis_from_front(op.integer("axis", 0), first->shape.size());
  if (!axis) return std::nullopt;
  Known known = *first;
  for (int i = 1; i < op.node().input_size(); ++i) {
    const Known* next = op.input(i);
    if (next == nullptr || next->shape.size() != known.shape.size()) return std::nullopt;
    known.shape[*axis] += next->shape[*axis];
    const bool is_small = known.integers && static_cast<std::int64_t>(known.integers->size()) <= ShapeTable::most_integers;
    if (is_small && next->integers && *axis == 0) {
      known.integers->insert(known.integers->end(), next->integers->begin(), next->integers->end());
    } else {
      known.integers.reset();
    }
  }
  return known;
}

MaybeKnown infer_transpose(const Operator& op, int) {
  const Known* data = op.input(0);
  if (data == nullptr) return std::nullopt;
  const std::size_t rank = data->shape.size();
  Integers given = integers_attribute(op.node(), "perm");
  std::vector<std::size_t> order(given.begin(), given.end());
  if (given.empty()) {
    order.resize(rank);
    std::iota(order.rbegin(), order.rend(), std::size_t{0});
  }
  std::vector<std::size_t> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (sorted[i] != i) return std::nullopt;
  }
  if (order.size() != rank) return std::nullopt;
  Known known;
  for (const std::size_t axis : order) known.shape.push_back(data->shape[axis]);
  if (data->integers) known.integers = transpose(*data->integers, data->shape, order);
  return known;
}

MaybeKnown infer_elementwise(const Operator& op, int) {
  const Known* first = op.input(0);
  if (first == nullptr) return std::nullopt;
  Known known = *first;
  for (int i = 1; i < op.node().input_size(); ++i) {
    const Known* next = op.input(i);
    if (next == nullptr) return std::nullopt;
    std::optional<Shape> shape = broadcast(known.shape, next->shape);
    if (!shape) return std::nullopt;
    known.shape = std::move(*shape);
    known.integers = known.integers && next->integers ? apply_all(op.node().op_type(), *known.integers, *next->integers) : std::nullopt;
  }
  return known;
}

}  // namespace podium::onnx
