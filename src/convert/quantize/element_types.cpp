#include "convert/quantize/element_types.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "convert/quantize/graph_view.h"
#include "onnx/attributes.h"

namespace podium::convert {
namespace {

using ::onnx::NodeProto;
using ::onnx::TensorProto;

/// Outputs whose type is not that of the first input.
struct FixedType {
  std::string_view op_type;
  int first_output;  ///< from this one on
  int type;
};
constexpr std::array<FixedType, 26> fixed_types{{{"Shape", 0, TensorProto::INT64},
                                                 {"Size", 0, TensorProto::INT64},
                                                 {"NonZero", 0, TensorProto::INT64},
                                                 {"ArgMax", 0, TensorProto::INT64},
                                                 {"ArgMin", 0, TensorProto::INT64},
                                                 {"NonMaxSuppression", 0, TensorProto::INT64},
                                                 {"Multinomial", 0, TensorProto::INT32},
                                                 {"TopK", 1, TensorProto::INT64},
                                                 {"MaxPool", 1, TensorProto::INT64},
                                                 {"Unique", 1, TensorProto::INT64},
                                                 {"Dropout", 1, TensorProto::BOOL},
                                                 {"Equal", 0, TensorProto::BOOL},
                                                 {"Greater", 0, TensorProto::BOOL},
                                                 {"GreaterOrEqual", 0, TensorProto::BOOL},
                                                 {"Less", 0, TensorProto::BOOL},
                                                 {"LessOrEqual", 0, TensorProto::BOOL},
                                                 {"Not", 0, TensorProto::BOOL},
                                                 {"And", 0, TensorProto::BOOL},
                                                 {"Or", 0, TensorProto::BOOL},
                                                 {"Xor", 0, TensorProto::BOOL},
                                                 {"IsNaN", 0, TensorProto::BOOL},
                                                 {"IsInf", 0, TensorProto::BOOL},
                                                 {"RandomNormal", 0, TensorProto::FLOAT},
                                                 {"RandomUniform", 0, TensorProto::FLOAT},
                                                 {"HannWindow", 0, TensorProto::FLOAT},
                                                 {"ConstantOfShape", 0, TensorProto::FLOAT}}};

/// Attributes that name the type of the output, where they are there.
constexpr std::array<std::string_view, 3> type_attributes{"to", "dtype", "output_datatype"};

/// The input that has the type of the output, where it is not the first.
int typed_input(const NodeProto& node) {
  if (node.op_type() == "Where") return 1;
  return node.op_type() == "OneHot" ? 2 : 0;
}

/// What a node itself says of its output's type; UNDEFINED where it says nothing.
int stated_type(const NodeProto& node, int output) {
  if (const auto* value = onnx::find_attribute(node, "value"); value != nullptr && value->has_t()) return value->t().data_type();
  for (const std::string_view name : type_attributes) {
    if (const auto* attribute = onnx::find_attribute(node, name); attribute != nullptr && output == 0)
      return static_cast<int>(attribute->i());
  }
  const auto* const row = std::find_if(fixed_types.begin(), fixed_types.end(),
                                       [&](const FixedType& it) { return it.op_type == node.op_type() && output >= it.first_output; });
  return row != fixed_types.end() ? row->type : TensorProto::UNDEFINED;
}

}  // namespace

ElementTypes::ElementTypes(const ::onnx::GraphProto& graph) {
  const auto declare = [this](const auto& values) {
    for (const auto& value : values) {
      if (const int type = value.type().tensor_type().elem_type(); type != TensorProto::UNDEFINED) types_.emplace(value.name(), type);
    }
  };
  declare(graph.input());
  declare(graph.output());
  declare(graph.value_info());
  for (const TensorProto& tensor : graph.initializer()) types_.insert_or_assign(tensor.name(), tensor.data_type());
  for (const NodeProto& node : graph.node()) {
    const bool follows_input = is_standard(node) && !holds_graphs(node) && node.input_size() > typed_input(node);
    for (int i = 0; i < node.output_size(); ++i) {
      int type = is_standard(node) ? stated_type(node, i) : TensorProto::UNDEFINED;
      if (type == TensorProto::UNDEFINED && follows_input) type = of(node.input(typed_input(node)));
      if (type != TensorProto::UNDEFINED) types_.emplace(node.output(i), type);
    }
  }
}

int ElementTypes::of(const std::string& value) const {
  const auto found = types_.find(value);
  return found != types_.end() ? found->second : TensorProto::UNDEFINED;
}

bool ElementTypes::is_float32(const std::string& value) const {
  return of(value) == TensorProto::FLOAT;
}

}  // namespace podium::convert
