#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "onnx/attributes.h"
#include "onnx/fold/evaluate.h"
#include "onnx/value_rules.h"

namespace podium::onnx {

namespace {

using Integers = std::vector<std::int64_t>;

Evaluated one(DataType type, Shape shape, std::string bytes) {
  std::vector<Dense> results(1);
  results[0] = Dense{type, std::move(shape), std::move(bytes)};
  return results;
}

/// The first input, where it has elements: with an axis of size 0 the others may have any size, and loops over them no end.
const Dense* filled(const FoldNode& fold) {
  const Dense* data = fold.input(0);
  return data != nullptr && data->count() > 0 ? data : nullptr;
}

/// Elements before, along and behind an axis.
struct Blocks {
  std::size_t outer = 1;
  std::size_t along = 1;
  std::size_t inner_bytes = 1;
};

Blocks blocks_at(const Dense& data, std::size_t axis) {
  Blocks blocks;
  for (std::size_t i = 0; i < axis; ++i) blocks.outer *= static_cast<std::size_t>(data.shape[i]);
  blocks.along = static_cast<std::size_t>(data.shape[axis]);
  blocks.inner_bytes = size_of(data.type);
  for (std::size_t i = axis + 1; i < data.shape.size(); ++i) blocks.inner_bytes *= static_cast<std::size_t>(data.shape[i]);
  return blocks;
}

/// Identity, Reshape, Squeeze, Unsqueeze, Flatten: the same elements under another shape.
Evaluated reshape(const FoldNode& fold) {
  const Dense* data = fold.input(0);
  std::optional<Shape> shape = fold.output_shape();
  if (data == nullptr || !shape || checked_product(*shape) != data->count()) return std::nullopt;
  return one(data->type, std::move(*shape), data->bytes);
}

Evaluated transpose(const FoldNode& fold) {
  const Dense* data = filled(fold);
  std::optional<Shape> shape = fold.output_shape();
  if (data == nullptr || !shape) return std::nullopt;  // the rule has checked that it is a permutation
  Integers order = integers_attribute(fold.node, "perm");
  if (order.empty()) {
    order.resize(shape->size());
    std::iota(order.rbegin(), order.rend(), 0);
  }
  const Integers own = strides_of(data->shape);
  Integers strides;
  for (const std::int64_t axis : order) strides.push_back(own[static_cast<std::size_t>(axis)]);
  std::string bytes = copy_strided(data->bytes, size_of(data->type), *shape, strides, 0);
  return one(data->type, std::move(*shape), std::move(bytes));
}

Evaluated slice(const FoldNode& fold) {
  const Dense* data = filled(fold);
  if (data == nullptr) return std::nullopt;
  const Integers starts = fold.integers("starts", 1);
  const Integers ends = fold.integers("ends", 2);
  Integers axes = fold.integers("axes", 3);
  Integers steps = fold.integers("steps", 4);
  if (axes.empty()) {
    axes.resize(starts.size());
    std::iota(axes.begin(), axes.end(), 0);
  }
  if (steps.empty()) steps.assign(starts.size(), 1);
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size()) return std::nullopt;
  const Integers own = strides_of(data->shape);
  Integers strides = own;
  Shape shape = data->shape;
  std::int64_t offset = 0;
  const auto bounded = [](std::int64_t value) { return std::clamp(value, -ShapeTable::largest, ShapeTable::largest); };
  std::vector<bool> is_cut(shape.size(), false);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::optional<std::size_t> axis = axis_from_front(axes[i], shape.size());
    if (!axis || is_cut[*axis]) return std::nullopt;
    is_cut[*axis] = true;
    const std::optional<SliceRange> range = slice_axis(shape[*axis], bounded(starts[i]), bounded(ends[i]), bounded(steps[i]));
    if (!range) return std::nullopt;
    shape[*axis] = range->count;
    strides[*axis] = own[*axis] * range->step;
    offset += own[*axis] * range->start;
  }
  if (!fold.fits(shape, data->type)) return std::nullopt;
  std::string bytes = copy_strided(data->bytes, size_of(data->type), shape, strides, offset);
  return one(data->type, std::move(shape), std::move(bytes));
}

Evaluated expand(const FoldNode& fold) {
  const Dense* data = filled(fold);
  if (data == nullptr || fold.input(1) == nullptr || fold.input(1)->is_floating()) return std::nullopt;
  const Shape wanted = integers_of(*fold.input(1));
  if (std::any_of(wanted.begin(), wanted.end(), [](std::int64_t size) { return size < 0; })) return std::nullopt;
  std::optional<Shape> shape = broadcast(data->shape, wanted);
  if (!shape || !fold.fits(*shape, data->type)) return std::nullopt;
  std::string bytes = copy_strided(data->bytes, size_of(data->type), *shape, broadcast_strides(data->shape, *shape), 0);
  return one(data->type, std::move(*shape), std::move(bytes));
}

Evaluated tile(const FoldNode& fold) {
  const Dense* data = filled(fold);
  if (data == nullptr || fold.input(1) == nullptr || fold.input(1)->is_floating()) return std::nullopt;
  const Integers repeats = integers_of(*fold.input(1));
  if (repeats.size() != data->shape.size()) return std::nullopt;
  const Integers own = strides_of(data->shape);
  Shape interleaved;  // repeats and sizes in turn: a repeat has no stride
  Shape shape;
  Integers strides;
  for (std::size_t i = 0; i < repeats.size(); ++i) {
    std::int64_t size = 0;
    if (repeats[i] < 0 || __builtin_mul_overflow(repeats[i], data->shape[i], &size)) return std::nullopt;
    shape.push_back(size);
    interleaved.insert(interleaved.end(), {repeats[i], data->shape[i]});
    strides.insert(strides.end(), {0, own[i]});
  }
  if (!fold.fits(shape, data->type)) return std::nullopt;
  std::string bytes = copy_strided(data->bytes, size_of(data->type), interleaved, strides, 0);
  return one(data->type, std::move(shape), std::move(bytes));
}

Evaluated gather(const FoldNode& fold) {
  const Dense* data = filled(fold);
  const Dense* indices = fold.input(1);
  std::optional<Shape> shape = fold.output_shape();
  if (data == nullptr || indices == nullptr || !shape) return std::nullopt;
  const auto axis = axis_from_front(integer_attribute(fold.node, "axis", 0), data->shape.size());
  if (!axis || indices->is_floating()) return std::nullopt;
  const Blocks blocks = blocks_at(*data, *axis);
  const Integers places = integers_of(*indices);
  std::string bytes;
  for (std::size_t outer = 0; outer < blocks.outer; ++outer) {
    for (const std::int64_t place : places) {
      const std::optional<std::size_t> from = axis_from_front(place, blocks.along);
      if (!from) return std::nullopt;
      bytes.append(data->bytes, (outer * blocks.along + *from) * blocks.inner_bytes, blocks.inner_bytes);
    }
  }
  return one(data->type, std::move(*shape), std::move(bytes));
}

Evaluated concat(const FoldNode& fold) {
  std::optional<Shape> shape = fold.output_shape();
  if (!shape) return std::nullopt;
  const auto axis = axis_from_front(integer_attribute(fold.node, "axis", 0), shape->size());
  const Dense& first = *fold.inputs[0];
  if (!axis) return std::nullopt;
  for (const Dense* part : fold.inputs) {  // the rule looks at the ranks alone
    if (part == nullptr || part->type != first.type || part->shape.size() != shape->size()) return std::nullopt;
    for (std::size_t i = 0; i < shape->size(); ++i) {
      if (i != *axis && part->shape[i] != (*shape)[i]) return std::nullopt;
    }
  }
  if (checked_product(*shape) == 0) return std::nullopt;
  std::string bytes;
  const std::size_t rows = blocks_at(first, *axis).outer;
  for (std::size_t row = 0; row < rows; ++row) {
    for (const Dense* part : fold.inputs) {
      const Blocks blocks = blocks_at(*part, *axis);
      const std::size_t size = blocks.along * blocks.inner_bytes;
      bytes.append(part->bytes, row * size, size);
    }
  }
  return one(first.type, std::move(*shape), std::move(bytes));
}

Evaluated split(const FoldNode& fold) {
  const Dense* data = filled(fold);
  if (data == nullptr) return std::nullopt;
  const auto axis = axis_from_front(integer_attribute(fold.node, "axis", 0), data->shape.size());
  if (!axis) return std::nullopt;
  const Integers strides = strides_of(data->shape);
  std::vector<Dense> parts;
  std::int64_t start = 0;
  for (int i = 0; i < fold.node.output_size(); ++i) {
    std::optional<Shape> shape = fold.output_shape(i);
    if (!shape || start + (*shape)[*axis] > data->shape[*axis]) return std::nullopt;
    std::string bytes = copy_strided(data->bytes, size_of(data->type), *shape, strides, start * strides[*axis]);
    start += (*shape)[*axis];
    parts.push_back(Dense{data->type, std::move(*shape), std::move(bytes)});
  }
  return start == data->shape[*axis] ? Evaluated(std::move(parts)) : std::nullopt;
}

}  // namespace

Evaluator find_mover(std::string_view op_type) {
  static const std::unordered_map<std::string_view, Evaluator> movers{
      {"Identity", reshape}, {"Reshape", reshape},     {"Squeeze", reshape}, {"Unsqueeze", reshape},
      {"Flatten", reshape},  {"Transpose", transpose}, {"Slice", slice},     {"Expand", expand},
      {"Tile", tile},        {"Gather", gather},       {"Concat", concat},   {"Split", split},
  };
  const auto found = movers.find(op_type);
  return found != movers.end() ? found->second : nullptr;
}

}  // namespace podium::onnx
