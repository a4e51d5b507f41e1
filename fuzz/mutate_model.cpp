#include "mutate_model.h"

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace podium::fuzz {

namespace {

using ::onnx::AttributeProto;
using ::onnx::GraphProto;
using ::onnx::NodeProto;

constexpr const char* operators[] = {"Add",
                                     "ArgMax",
                                     "AveragePool",
                                     "BatchNormalization",
                                     "Cast",
                                     "Clip",
                                     "Concat",
                                     "Constant",
                                     "ConstantOfShape",
                                     "Conv",
                                     "ConvTranspose",
                                     "DequantizeLinear",
                                     "Div",
                                     "Dropout",
                                     "Equal",
                                     "Expand",
                                     "Flatten",
                                     "Gather",
                                     "Gelu",
                                     "Gemm",
                                     "GridSample",
                                     "GroupNormalization",
                                     "HardSwish",
                                     "Identity",
                                     "If",
                                     "LayerNormalization",
                                     "Loop",
                                     "MatMul",
                                     "Max",
                                     "Mish",
                                     "Mul",
                                     "Neg",
                                     "Pad",
                                     "Pow",
                                     "QuantizeLinear",
                                     "RMSNormalization",
                                     "Range",
                                     "ReduceMax",
                                     "ReduceMean",
                                     "ReduceProd",
                                     "ReduceSum",
                                     "Reshape",
                                     "Resize",
                                     "RoiAlign",
                                     "ScatterND",
                                     "Shape",
                                     "Slice",
                                     "Softmax",
                                     "Split",
                                     "Sqrt",
                                     "Squeeze",
                                     "Sub",
                                     "Swish",
                                     "Tile",
                                     "TopK",
                                     "Transpose",
                                     "Unsqueeze",
                                     "Upsample",
                                     "Where"};

constexpr const char* attributes[] = {"axis",        "axes",
                                      "perm",        "value",
                                      "value_ints",  "to",
                                      "group",       "num_groups",
                                      "num_outputs", "split",
                                      "starts",      "ends",
                                      "pads",        "scales",
                                      "allowzero",   "start",
                                      "end",         "epsilon",
                                      "keepdims",    "mode",
                                      "transA",      "transB",
                                      "beta",        "kernel_shape",
                                      "strides",     "noop_with_empty_axes",
                                      "spatial"};

constexpr std::int64_t numbers[] = {0,
                                    1,
                                    2,
                                    3,
                                    -1,
                                    -2,
                                    4,
                                    7,
                                    13,
                                    64,
                                    65,
                                    255,
                                    1 << 16,
                                    std::int64_t{1} << 31,
                                    -(std::int64_t{1} << 31),
                                    std::int64_t{1} << 32,
                                    std::int64_t{1} << 62,
                                    std::numeric_limits<std::int64_t>::max(),
                                    std::numeric_limits<std::int64_t>::min()};

class Mutation {
 public:
  explicit Mutation(unsigned int seed) : random_(seed) {}

  void change(::onnx::ModelProto& model) {
    GraphProto& graph = pick_graph(*model.mutable_graph());
    switch (below(12)) {
      case 0:
        return change_tensor(graph);
      case 1:
        return change_value(graph);
      case 2:
        return add_node(graph);
      case 3:
        return remove_node(graph);
      case 4:
        if (model.opset_import_size() > 0) model.mutable_opset_import(0)->set_version(7 + static_cast<std::int64_t>(below(22)));
        return;
      default:
        if (graph.node_size() > 0) change_node(graph, *graph.mutable_node(static_cast<int>(below(graph.node_size()))));
    }
  }

  template <typename Count>
  std::size_t below(Count count) {
    return count <= 0 ? 0 : random_() % static_cast<std::size_t>(count);
  }

 private:
  template <typename T, std::size_t Count>
  const T& any(const T (&table)[Count]) {
    return table[below(Count)];
  }

  GraphProto& pick_graph(GraphProto& graph) {
    for (NodeProto& node : *graph.mutable_node()) {
      for (AttributeProto& attribute : *node.mutable_attribute()) {
        if (attribute.has_g() && below(2) == 0) return pick_graph(*attribute.mutable_g());
      }
    }
    return graph;
  }

  /// A name that something of the graph has.
  std::string any_value(const GraphProto& graph) {
    std::vector<std::string> names{""};
    for (const NodeProto& node : graph.node()) names.insert(names.end(), node.output().begin(), node.output().end());
    for (const auto& tensor : graph.initializer()) names.push_back(tensor.name());
    for (const auto& input : graph.input()) names.push_back(input.name());
    return names[below(names.size())];
  }

  void change_node(const GraphProto& graph, NodeProto& node) {
    switch (below(6)) {
      case 0:
        return node.set_op_type(any(operators));
      case 1:
        return node.add_input(any_value(graph));
      case 2:
        if (node.input_size() > 0) node.set_input(static_cast<int>(below(node.input_size())), any_value(graph));
        return;
      case 3:
        if (node.input_size() > 0) node.mutable_input()->RemoveLast();
        return;
      case 4:
        if (node.output_size() > 0 && below(4) == 0) node.set_output(static_cast<int>(below(node.output_size())), any_value(graph));
        return;
      default:
        return change_attribute(node);
    }
  }

  void change_attribute(NodeProto& node) {
    const bool adds = node.attribute_size() == 0 || below(3) == 0;
    AttributeProto& attribute = adds ? *node.add_attribute() : *node.mutable_attribute(static_cast<int>(below(node.attribute_size())));
    if (adds) attribute.set_name(any(attributes));
    switch (below(4)) {
      case 0:
        attribute.set_type(AttributeProto::INT);
        return attribute.set_i(any(numbers));
      case 1:
        attribute.set_type(AttributeProto::FLOAT);
        return attribute.set_f(static_cast<float>(any(numbers)));
      case 2:
        attribute.clear_ints();
        return;
      default:
        attribute.set_type(AttributeProto::INTS);
        return attribute.add_ints(any(numbers));
    }
  }

  void change_tensor(GraphProto& graph) {
    if (graph.initializer_size() == 0) return;
    auto& tensor = *graph.mutable_initializer(static_cast<int>(below(graph.initializer_size())));
    switch (below(4)) {
      case 0:
        if (tensor.dims_size() > 0) tensor.set_dims(static_cast<int>(below(tensor.dims_size())), any(numbers));
        return;
      case 1:
        return tensor.set_data_type(static_cast<int>(below(30)));
      case 2:  // whole numbers, as shapes and axes are
        tensor.Clear();
        tensor.set_name(any_value(graph));
        tensor.set_data_type(7);
        tensor.add_dims(2);
        for (int i = 0; i < 2; ++i) tensor.add_int64_data(any(numbers));
        return;
      default:
        tensor.add_dims(1);
    }
  }

  void change_value(GraphProto& graph) {
    if (graph.input_size() == 0) return;
    auto& input = *graph.mutable_input(static_cast<int>(below(graph.input_size())));
    auto& shape = *input.mutable_type()->mutable_tensor_type()->mutable_shape();
    if (shape.dim_size() == 0 || below(4) == 0) shape.add_dim();
    auto& dimension = *shape.mutable_dim(static_cast<int>(below(shape.dim_size())));
    if (below(2) == 0) {
      dimension.set_dim_value(any(numbers));
    } else {
      dimension.set_dim_param("n");
    }
  }

  void add_node(GraphProto& graph) {
    NodeProto node;
    if (graph.node_size() > 0) node = graph.node(static_cast<int>(below(graph.node_size())));
    for (std::string& output : *node.mutable_output()) output = "new" + std::to_string(graph.node_size()) + output;
    if (node.output_size() == 0) node.add_output("new" + std::to_string(graph.node_size()));
    *graph.add_node() = node;
    if (graph.output_size() > 0 && below(2) == 0) graph.mutable_output(0)->set_name(node.output(0));
  }

  void remove_node(GraphProto& graph) {
    if (graph.node_size() > 1) graph.mutable_node()->DeleteSubrange(static_cast<int>(below(graph.node_size())), 1);
  }

  std::mt19937 random_;
};

}  // namespace

void mutate(::onnx::ModelProto& model, unsigned int seed) {
  Mutation mutation(seed);
  const std::size_t changes = 1 + mutation.below(4);
  for (std::size_t i = 0; i < changes; ++i) mutation.change(model);
}

}  // namespace podium::fuzz
