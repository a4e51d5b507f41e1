#include <fmt/format.h>

#include <algorithm>

#include "onnx/attributes.h"
#include "onnx/opset/rules.h"
#include "onnx/shown_name.h"

namespace podium::onnx {

namespace {

using ::onnx::AttributeProto;
using ::onnx::NodeProto;
using Kind = MovedAttribute::Kind;
using Old = NewAttribute::Old;

constexpr MovedAttribute moved[] = {
    {"Upsample", 9, "scales", 1, Kind::floats},
    {"Slice", 10, "starts", 1, Kind::integers},
    {"Slice", 10, "ends", 2, Kind::integers},
    {"Slice", 10, "axes", 3, Kind::integers},
    {"TopK", 10, "k", 1, Kind::one_integer},
    {"Clip", 11, "min", 1, Kind::scalar},
    {"Clip", 11, "max", 2, Kind::scalar},
    {"Pad", 11, "pads", 1, Kind::integers},
    {"Pad", 11, "value", 2, Kind::scalar},
    {"Dropout", 12, "ratio", 1, Kind::scalar},
    {"Squeeze", 13, "axes", 1, Kind::integers},
    {"Unsqueeze", 13, "axes", 1, Kind::integers},
    {"ReduceSum", 13, "axes", 1, Kind::integers},
    {"Split", 13, "split", 1, Kind::integers},
    {"ReduceL1", 18, "axes", 1, Kind::integers},
    {"ReduceL2", 18, "axes", 1, Kind::integers},
    {"ReduceLogSum", 18, "axes", 1, Kind::integers},
    {"ReduceLogSumExp", 18, "axes", 1, Kind::integers},
    {"ReduceMax", 18, "axes", 1, Kind::integers},
    {"ReduceMean", 18, "axes", 1, Kind::integers},
    {"ReduceMin", 18, "axes", 1, Kind::integers},
    {"ReduceProd", 18, "axes", 1, Kind::integers},
    {"ReduceSumSquare", 18, "axes", 1, Kind::integers},
    {"DFT", 20, "axis", 2, Kind::scalar_integer},
};

constexpr NewAttribute added[] = {
    {"ArgMax", 12, "select_last_index", Old::integer, 0, ""},
    {"ArgMin", 12, "select_last_index", Old::integer, 0, ""},
    {"GatherND", 12, "batch_dims", Old::integer, 0, ""},
    {"Dropout", 12, "seed", Old::anything, 0, ""},  // of training
    {"BatchNormalization", 14, "training_mode", Old::integer, 0, ""},
    {"LSTM", 14, "layout", Old::integer, 0, ""},
    {"GRU", 14, "layout", Old::integer, 0, ""},
    {"RNN", 14, "layout", Old::integer, 0, ""},
    {"ScatterElements", 16, "reduction", Old::text, 0, "none"},
    {"ScatterND", 16, "reduction", Old::text, 0, "none"},
    {"LpPool", 18, "ceil_mode", Old::integer, 0, ""},
    {"LpPool", 18, "dilations", Old::ones, 0, ""},
    {"Resize", 18, "antialias", Old::integer, 0, ""},
    {"Resize", 18, "keep_aspect_ratio_policy", Old::text, 0, "stretch"},
    {"AveragePool", 19, "dilations", Old::ones, 0, ""},
    {"Cast", 19, "saturate", Old::anything, 0, ""},  // these four are of float8, which older versions do not have at all
    {"CastLike", 19, "saturate", Old::anything, 0, ""},
    {"QuantizeLinear", 19, "saturate", Old::anything, 0, ""},
    {"Cast", 24, "round_mode", Old::anything, 0, ""},
    {"CastLike", 24, "round_mode", Old::anything, 0, ""},
    {"QuantizeLinear", 21, "block_size", Old::integer, 0, ""},
    {"QuantizeLinear", 21, "output_dtype", Old::integer, 0, ""},
    {"DequantizeLinear", 21, "block_size", Old::integer, 0, ""},
    {"QuantizeLinear", 23, "precision", Old::integer, 0, ""},
    {"DequantizeLinear", 23, "output_dtype", Old::integer, 0, ""},
    {"SpaceToDepth", 28, "mode", Old::text, 0, "DCR"},
};

constexpr NewChoice choices[] = {
    {"ScatterElements", 18, "reduction", "max"},
    {"ScatterElements", 18, "reduction", "min"},
    {"ScatterND", 18, "reduction", "max"},
    {"ScatterND", 18, "reduction", "min"},
    {"Pad", 19, "mode", "wrap"},
    {"Resize", 19, "coordinate_transformation_mode", "half_pixel_symmetric"},
};

bool is_as_before(const AttributeProto& attribute, const NewAttribute& added_attribute) {
  switch (added_attribute.old) {
    case Old::anything:
      return true;
    case Old::integer:
      return attribute.i() == added_attribute.integer;
    case Old::ones:
      return std::all_of(attribute.ints().begin(), attribute.ints().end(), [](std::int64_t value) { return value == 1; });
    case Old::text:
      return attribute.s() == added_attribute.text;
  }
  return false;
}

}  // namespace

std::span<const MovedAttribute> moved_attributes() {
  return moved;
}

std::span<const NewAttribute> new_attributes() {
  return added;
}

std::span<const NewChoice> new_choices() {
  return choices;
}

Result<void> raise_attribute(OpsetScope& scope, NodeProto& node, const MovedAttribute& change) {
  const AttributeProto* found = find_attribute(node, change.attribute);
  if (found == nullptr) return {};
  const AttributeProto attribute = *found;
  remove_attribute(node, change.attribute);
  const std::vector<std::int64_t> integers(attribute.ints().begin(), attribute.ints().end());
  const std::vector<float> floats(attribute.floats().begin(), attribute.floats().end());
  const auto count = [](const auto& values) { return Shape{static_cast<std::int64_t>(values.size())}; };
  std::string value;
  switch (change.kind) {
    case Kind::integers:
      if (integers.empty()) return {};  // the same as none
      value = scope.add_integers(node, change.attribute, count(integers), integers);
      break;
    case Kind::one_integer:
      value = scope.add_integers(node, change.attribute, {1}, {attribute.i()});
      break;
    case Kind::scalar_integer:
      value = scope.add_integers(node, change.attribute, {}, {attribute.i()});
      break;
    case Kind::floats:
      value = scope.add_floats(node, change.attribute, count(floats), floats);
      break;
    case Kind::scalar:
      value = scope.add_floats(node, change.attribute, {}, {attribute.f()}, scope.type(node.input_size() > 0 ? node.input(0) : ""));
      break;
  }
  scope.edit().set_input(node, change.input, value);
  return {};
}

Result<void> lower_attribute(OpsetScope& scope, NodeProto& node, const MovedAttribute& change) {
  if (!has_input(node, change.input)) return {};
  const std::string value = node.input(change.input);
  const auto computed = [&] {
    return fail(ErrorCode::unsupported,
                fmt::format("its {} '{}' is computed while the model runs, and was fixed before", change.attribute, shown_name(value)));
  };
  const bool is_floating = change.kind == Kind::floats || change.kind == Kind::scalar;
  if (is_floating) {
    const std::optional<std::vector<float>> floats = scope.floats(value);
    if (!floats || (change.kind == Kind::scalar && floats->size() != 1)) return computed();
    if (change.kind == Kind::scalar) {
      set_float_attribute(node, change.attribute, floats->front());
    } else {
      set_floats_attribute(node, change.attribute, *floats);
    }
  } else {
    const std::optional<std::vector<std::int64_t>> integers = scope.integers(value);
    if (!integers || (change.kind != Kind::integers && integers->size() != 1)) return computed();
    if (change.kind != Kind::integers) {
      set_integer_attribute(node, change.attribute, integers->front());
    } else if (!integers->empty()) {
      set_integers_attribute(node, change.attribute, *integers);
    }
  }
  clear_input(scope, node, change.input);
  return {};
}

Result<void> drop_attribute(NodeProto& node, const NewAttribute& change) {
  const AttributeProto* attribute = find_attribute(node, change.attribute);
  if (attribute == nullptr) return {};
  if (!is_as_before(*attribute, change)) return fail(ErrorCode::unsupported, fmt::format("there is no '{}' in it", change.attribute));
  remove_attribute(node, change.attribute);
  return {};
}

}  // namespace podium::onnx
