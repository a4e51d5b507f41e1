#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <unordered_map>

#include "onnx/attributes.h"
#include "onnx/fold/evaluate.h"
#include "onnx/tensor_types.h"
#include "onnx/value_rules.h"

namespace podium::onnx {

namespace {

using Integers = std::vector<std::int64_t>;
using Reals = std::vector<double>;

Evaluated one(Dense result) {
  std::vector<Dense> results;
  results.push_back(std::move(result));
  return results;
}

/// The elements under the shape they are repeated to.
Dense repeated(const Dense& data, const Shape& shape) {
  if (data.shape == shape) return data;
  return {data.type, shape, copy_strided(data.bytes, size_of(data.type), shape, broadcast_strides(data.shape, shape), 0)};
}

/// Whole numbers wrap around, as in the engines.
std::int64_t wrapped(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

struct Arithmetic {
  double (*reals)(double, double);
  std::optional<std::int64_t> (*integers)(std::int64_t, std::int64_t);
};

std::optional<std::int64_t> divide(std::int64_t a, std::int64_t b) {
  const bool overflows = b == 0 || (b == -1 && a == std::numeric_limits<std::int64_t>::min());
  return overflows ? std::nullopt : std::optional(a / b);
}

const std::unordered_map<std::string_view, Arithmetic>& arithmetic() {
  using U = std::uint64_t;
  static const std::unordered_map<std::string_view, Arithmetic> table{
      {"Add", {[](double a, double b) { return a + b; }, [](auto a, auto b) { return std::optional(wrapped(U(a) + U(b))); }}},
      {"Sub", {[](double a, double b) { return a - b; }, [](auto a, auto b) { return std::optional(wrapped(U(a) - U(b))); }}},
      {"Mul", {[](double a, double b) { return a * b; }, [](auto a, auto b) { return std::optional(wrapped(U(a) * U(b))); }}},
      {"Div", {[](double a, double b) { return a / b; }, divide}},
      {"Max", {[](double a, double b) { return std::max(a, b); }, [](auto a, auto b) { return std::optional(std::max(a, b)); }}},
      {"Min", {[](double a, double b) { return std::min(a, b); }, [](auto a, auto b) { return std::optional(std::min(a, b)); }}},
      {"Pow", {[](double a, double b) { return std::pow(a, b); }, [](auto, auto) { return std::optional<std::int64_t>(); }}},
  };
  return table;
}

struct Pair {
  Dense a;
  Dense b;
};

/// Two inputs of one type under their common shape.
std::optional<Pair> common(const FoldNode& fold, std::size_t first, std::size_t second) {
  const Dense* a = fold.input(first);
  const Dense* b = fold.input(second);
  if (a == nullptr || b == nullptr || a->type != b->type) return std::nullopt;
  const std::optional<Shape> shape = broadcast(a->shape, b->shape);
  if (!shape || !fold.fits(*shape, DataType::float64)) return std::nullopt;
  return Pair{repeated(*a, *shape), repeated(*b, *shape)};
}

std::optional<Dense> calculate(const Arithmetic& function, const Pair& pair) {
  const Dense& a = pair.a;
  if (a.is_floating()) {
    Reals left = reals_of(a);
    const Reals right = reals_of(pair.b);
    std::transform(left.begin(), left.end(), right.begin(), left.begin(), function.reals);
    return from_reals(a.type, a.shape, left);
  }
  if (a.type == DataType::boolean || a.type == DataType::uint64) return std::nullopt;
  Integers left = integers_of(a);
  const Integers right = integers_of(pair.b);
  for (std::size_t i = 0; i < left.size(); ++i) {
    const std::optional<std::int64_t> value = function.integers(left[i], right[i]);
    if (!value) return std::nullopt;
    left[i] = *value;
  }
  return from_integers(a.type, a.shape, left);
}

/// Operators of two inputs; Max and Min have any number.
Evaluated binary(const FoldNode& fold) {
  const auto function = arithmetic().find(fold.node.op_type());
  if (fold.inputs.empty() || fold.inputs[0] == nullptr) return std::nullopt;
  Dense result = *fold.inputs[0];
  for (std::size_t i = 1; i < fold.inputs.size(); ++i) {
    FoldNode step{fold.node, fold.opset, {&result, fold.inputs[i]}, fold.most_bytes};
    const std::optional<Pair> pair = common(step, 0, 1);
    std::optional<Dense> next = pair ? calculate(function->second, *pair) : std::nullopt;
    if (!next) return std::nullopt;
    result = std::move(*next);
  }
  return one(std::move(result));
}

Evaluated compare(const FoldNode& fold) {
  static const std::unordered_map<std::string_view, bool (*)(double, double)> reals{
      {"Equal", [](double a, double b) { return a == b; }},          {"Less", [](double a, double b) { return a < b; }},
      {"LessOrEqual", [](double a, double b) { return a <= b; }},    {"Greater", [](double a, double b) { return a > b; }},
      {"GreaterOrEqual", [](double a, double b) { return a >= b; }}, {"And", [](double a, double b) { return a != 0 && b != 0; }},
      {"Or", [](double a, double b) { return a != 0 || b != 0; }},   {"Xor", [](double a, double b) { return (a != 0) != (b != 0); }},
  };
  const std::optional<Pair> pair = common(fold, 0, 1);
  if (!pair) return std::nullopt;
  constexpr std::int64_t exact = std::int64_t{1} << 53;  // whole numbers beyond it would be rounded
  for (const Dense* side : {&pair->a, &pair->b}) {
    if (side->is_floating()) continue;
    for (const std::int64_t value : integers_of(*side)) {
      if (value > exact || value < -exact) return std::nullopt;
    }
  }
  const Reals a = reals_of(pair->a);
  const Reals b = reals_of(pair->b);
  const auto function = reals.at(fold.node.op_type());
  Integers result(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) result[i] = function(a[i], b[i]) ? 1 : 0;
  return one(from_integers(DataType::boolean, pair->a.shape, result));
}

Evaluated unary(const FoldNode& fold) {
  static const std::unordered_map<std::string_view, double (*)(double)> reals{
      {"Neg", [](double x) { return -x; }},
      {"Abs", [](double x) { return std::fabs(x); }},
      {"Sqrt", [](double x) { return std::sqrt(x); }},
      {"Reciprocal", [](double x) { return 1 / x; }},
      {"Exp", [](double x) { return std::exp(x); }},
      {"Log", [](double x) { return std::log(x); }},
      {"Floor", [](double x) { return std::floor(x); }},
      {"Ceil", [](double x) { return std::ceil(x); }},
      {"Sin", [](double x) { return std::sin(x); }},
      {"Cos", [](double x) { return std::cos(x); }},
  };
  const Dense* data = fold.input(0);
  if (data == nullptr || !fold.fits(data->shape, DataType::float64)) return std::nullopt;
  if (data->is_floating()) {
    Reals values = reals_of(*data);
    std::transform(values.begin(), values.end(), values.begin(), reals.at(fold.node.op_type()));
    return one(from_reals(data->type, data->shape, values));
  }
  const bool is_signed = data->type == DataType::int64 || data->type == DataType::int32;
  if (!is_signed || fold.node.op_type() != "Neg") return std::nullopt;
  Integers values = integers_of(*data);
  for (std::int64_t& value : values) value = wrapped(0 - static_cast<std::uint64_t>(value));
  return one(from_integers(data->type, data->shape, values));
}

Evaluated invert(const FoldNode& fold) {
  const Dense* data = fold.input(0);
  if (data == nullptr || data->type != DataType::boolean) return std::nullopt;
  Integers values = integers_of(*data);
  for (std::int64_t& value : values) value = value == 0 ? 1 : 0;
  return one(from_integers(DataType::boolean, data->shape, values));
}

Evaluated choose(const FoldNode& fold) {
  const Dense* condition = fold.input(0);
  const std::optional<Pair> pair = common(fold, 1, 2);
  if (condition == nullptr || condition->type != DataType::boolean || !pair) return std::nullopt;
  const std::optional<Shape> shape = broadcast(condition->shape, pair->a.shape);
  if (!shape || !fold.fits(*shape, DataType::float64)) return std::nullopt;
  const Dense chosen = repeated(*condition, *shape);
  Dense result = repeated(pair->a, *shape);
  const Dense otherwise = repeated(pair->b, *shape);
  const std::size_t width = size_of(result.type);
  for (std::size_t i = 0; i < chosen.bytes.size(); ++i) {
    if (chosen.bytes[i] == 0)
      std::copy_n(otherwise.bytes.begin() + static_cast<std::ptrdiff_t>(i * width), width,
                  result.bytes.begin() + static_cast<std::ptrdiff_t>(i * width));
  }
  return one(std::move(result));
}

Evaluated cast(const FoldNode& fold) {
  const Dense* data = fold.input(0);
  const std::optional<ElementType> to = element_type(static_cast<int>(integer_attribute(fold.node, "to", 0)));
  if (data == nullptr || !to || !to->data_type || !fold.fits(data->shape, *to->data_type)) return std::nullopt;
  const DataType type = *to->data_type;
  if (type == data->type) return one(*data);
  const Dense shaped_like{type, {}, {}};
  if (shaped_like.is_floating()) return one(from_reals(type, data->shape, reals_of(*data)));
  if (!data->is_floating()) {
    Integers values = integers_of(*data);
    if (type == DataType::boolean) std::transform(values.begin(), values.end(), values.begin(), [](auto value) { return value != 0; });
    return one(from_integers(type, data->shape, values));
  }
  Integers values;
  for (const double value : reals_of(*data)) {
    constexpr double most = 2147483647;  // beyond it, and for a NaN, engines differ
    if (type == DataType::boolean) {
      values.push_back(value != 0 ? 1 : 0);
    } else if (value >= -most && value <= most && (size_of(type) >= 4)) {
      values.push_back(static_cast<std::int64_t>(value));
    } else {
      return std::nullopt;
    }
  }
  return one(from_integers(type, data->shape, values));
}

Evaluated constant_of_shape(const FoldNode& fold) {
  const Dense* given = fold.input(0);
  if (given == nullptr || given->is_floating()) return std::nullopt;
  Shape shape = integers_of(*given);
  const ::onnx::AttributeProto* attribute = find_attribute(fold.node, "value");
  std::optional<Dense> fill = attribute != nullptr ? to_dense(attribute->t()) : Dense{DataType::float32, {1}, std::string(4, '\0')};
  const bool is_good = std::all_of(shape.begin(), shape.end(), [](std::int64_t size) { return size >= 0; });
  if (!is_good || !fill || fill->count() != 1 || !fold.fits(shape, fill->type)) return std::nullopt;
  std::string bytes = copy_strided(fill->bytes, size_of(fill->type), shape, Integers(shape.size(), 0), 0);
  return one(Dense{fill->type, std::move(shape), std::move(bytes)});
}

Evaluated range(const FoldNode& fold) {
  for (std::size_t i = 0; i < 3; ++i) {
    const Dense* given = fold.input(i);
    if (given == nullptr || given->count() != 1 || (given->type != DataType::int64 && given->type != DataType::int32)) return std::nullopt;
  }
  const std::int64_t start = integers_of(*fold.input(0)).front();
  const std::int64_t limit = integers_of(*fold.input(1)).front();
  const std::int64_t step = integers_of(*fold.input(2)).front();
  constexpr std::int64_t most = ShapeTable::largest;
  const bool is_good = step != 0 && std::max({std::abs(start / 2), std::abs(limit / 2), std::abs(step / 2)}) < most;
  if (!is_good) return std::nullopt;
  const std::int64_t distance = step > 0 ? limit - start : start - limit;
  const std::int64_t count = std::max<std::int64_t>(0, (distance + std::abs(step) - 1) / std::abs(step));
  if (!fold.fits({count}, DataType::int64)) return std::nullopt;
  Integers values;
  for (std::int64_t i = 0; i < count; ++i) values.push_back(start + i * step);
  return one(from_integers(fold.input(0)->type, {count}, values));
}

/// The forms of Constant that hold no tensor.
Evaluated constant(const FoldNode& fold) {
  for (const ::onnx::AttributeProto& attribute : fold.node.attribute()) {
    const Integers integers(attribute.ints().begin(), attribute.ints().end());
    const Reals reals(attribute.floats().begin(), attribute.floats().end());
    if (attribute.name() == "value_int") return one(from_integers(DataType::int64, {}, {attribute.i()}));
    if (attribute.name() == "value_ints") return one(from_integers(DataType::int64, {attribute.ints_size()}, integers));
    if (attribute.name() == "value_float") return one(from_reals(DataType::float32, {}, {static_cast<double>(attribute.f())}));
    if (attribute.name() == "value_floats") return one(from_reals(DataType::float32, {attribute.floats_size()}, reals));
  }
  return std::nullopt;
}

/// ReduceSum, ReduceProd, ReduceMax and ReduceMin of whole numbers: sizes of shapes.
Evaluated reduce(const FoldNode& fold) {
  static const std::unordered_map<std::string_view, std::string_view> steps{
      {"ReduceSum", "Add"}, {"ReduceProd", "Mul"}, {"ReduceMax", "Max"}, {"ReduceMin", "Min"}};
  const Dense* data = fold.input(0);
  if (data == nullptr || data->is_floating() || data->shape.size() != 1 || data->count() == 0) return std::nullopt;
  const std::optional<Shape> shape = fold.output_shape();
  if (!shape || checked_product(*shape) != 1) return std::nullopt;
  const auto step = arithmetic().at(steps.at(fold.node.op_type())).integers;
  const Integers values = integers_of(*data);
  std::int64_t result = values.front();
  for (std::size_t i = 1; i < values.size(); ++i) result = *step(result, values[i]);
  return one(from_integers(data->type, *shape, {result}));
}

}  // namespace

Evaluator find_calculation(std::string_view op_type) {
  static const std::unordered_map<std::string_view, Evaluator> table = [] {
    std::unordered_map<std::string_view, Evaluator> all{
        {"Not", invert},  {"Where", choose},      {"Cast", cast}, {"ConstantOfShape", constant_of_shape},
        {"Range", range}, {"Constant", constant},
    };
    for (const char* name : {"Add", "Sub", "Mul", "Div", "Max", "Min", "Pow"}) all.emplace(name, binary);
    for (const char* name : {"Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "And", "Or", "Xor"}) all.emplace(name, compare);
    for (const char* name : {"Neg", "Abs", "Sqrt", "Reciprocal", "Exp", "Log", "Floor", "Ceil", "Sin", "Cos"}) all.emplace(name, unary);
    for (const char* name : {"ReduceSum", "ReduceProd", "ReduceMax", "ReduceMin"}) all.emplace(name, reduce);
    return all;
  }();
  const auto found = table.find(op_type);
  return found != table.end() ? found->second : nullptr;
}

}  // namespace podium::onnx
