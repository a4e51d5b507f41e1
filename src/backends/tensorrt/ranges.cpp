#include "backends/tensorrt/ranges.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <set>
#include <vector>

#include "backends/tensorrt/wire.h"
#include "core/text.h"

namespace podium::tensorrt {
namespace {

using wire::Field;

/// Numbers of ONNX's fields (onnx.proto).
constexpr std::uint32_t model_graph = 7;
constexpr std::uint32_t graph_node = 1;
constexpr std::uint32_t graph_initializer = 5;
constexpr std::uint32_t graph_output = 12;
constexpr std::uint32_t value_name = 1;
constexpr std::uint32_t node_input = 1;
constexpr std::uint32_t node_output = 2;
constexpr std::uint32_t node_type = 4;
constexpr std::uint32_t node_attribute = 5;
constexpr std::uint32_t attribute_graph = 6;
constexpr std::uint32_t attribute_graphs = 11;
constexpr std::uint32_t tensor_dims = 1;
constexpr std::uint32_t tensor_floats = 4;
constexpr std::uint32_t tensor_name = 8;
constexpr std::uint32_t tensor_raw = 9;

constexpr float largest_int8 = 127.0F;

/// Give out what they take, or less: a range of one side is one of the other.
constexpr std::array<std::string_view, 10> keep_ranges{"MaxPool", "Reshape",  "Flatten",   "Transpose",         "Squeeze",
                                                       "Slice",   "Identity", "Unsqueeze", "GlobalAveragePool", "AveragePool"};
constexpr std::array<std::string_view, 2> activation_functions{"Relu", "Clip"};

template <typename Words>
bool is_one_of(std::string_view word, const Words& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

struct Node {
  std::vector<Field> fields;
  std::string_view type;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  bool is_gone = false;
};

struct Graph {
  std::vector<Field> fields;
  std::vector<Node> nodes;
  std::map<std::string, std::string_view, std::less<>> initializers;
  std::set<std::string, std::less<>> outputs;
  std::map<std::string, std::vector<std::size_t>, std::less<>> readers;
  std::map<std::string, std::size_t, std::less<>> makers;
};

tl::unexpected<Error> damaged() {
  return fail(ErrorCode::bad_input, "the model is no ONNX file that can be read", "export it again");
}

tl::unexpected<Error> not_so(const std::string& what) {
  return fail(ErrorCode::unsupported, "int8=ranges: " + what, "--set tensorrt.int8=qdq");
}

bool holds_graph(std::string_view attribute) {
  const auto fields = wire::fields_of(attribute);
  return !fields || std::any_of(fields->begin(), fields->end(),
                                [](const Field& it) { return it.number == attribute_graph || it.number == attribute_graphs; });
}

Result<Node> read_node(std::string_view bytes) {
  auto fields = wire::fields_of(bytes);
  if (!fields) return damaged();
  Node node;
  node.type = wire::bytes_of(*fields, node_type);
  for (const Field& field : *fields) {
    if (field.number == node_input) node.inputs.emplace_back(field.bytes);
    if (field.number == node_output) node.outputs.emplace_back(field.bytes);
    if (field.number == node_attribute && holds_graph(field.bytes))
      return not_so(fmt::format("{} holds a graph of its own", printable(std::string(node.type))));
  }
  node.fields = std::move(*fields);
  return node;
}

Result<Graph> read_graph(std::string_view bytes) {
  auto fields = wire::fields_of(bytes);
  if (!fields) return damaged();
  Graph graph;
  for (const Field& field : *fields) {
    if (field.number == graph_node) {
      auto node = read_node(field.bytes);
      if (!node) return tl::unexpected(std::move(node.error()));
      for (const std::string& output : node->outputs) graph.makers[output] = graph.nodes.size();
      for (const std::string& input : node->inputs) graph.readers[input].push_back(graph.nodes.size());
      graph.nodes.push_back(std::move(*node));
    }
    if (field.number != graph_initializer && field.number != graph_output) continue;
    const auto inner = wire::fields_of(field.bytes);
    if (!inner) return damaged();
    if (field.number == graph_initializer) graph.initializers[std::string(wire::bytes_of(*inner, tensor_name))] = field.bytes;
    if (field.number == graph_output) graph.outputs.emplace(wire::bytes_of(*inner, value_name));
  }
  graph.fields = std::move(*fields);
  return graph;
}

/// A float32 number of a tensor of one; nothing where there are more, or none here.
std::optional<float> scalar(std::string_view tensor) {
  const auto fields = wire::fields_of(tensor);
  if (!fields) return std::nullopt;
  std::uint64_t count = 1;
  std::string_view numbers;
  for (const Field& field : *fields) {
    if (field.number == tensor_raw || field.number == tensor_floats) numbers = field.bytes;
    if (field.number != tensor_dims) continue;
    const auto sizes =
        field.kind == wire::varint_kind ? std::vector{field.value} : wire::varints_in(field.bytes).value_or(std::vector<std::uint64_t>{0});
    for (const std::uint64_t size : sizes) count *= size;
  }
  float value = 0.0F;
  if (count != 1 || numbers.size() != sizeof(value)) return std::nullopt;
  std::memcpy(&value, numbers.data(), sizeof(value));
  return value;
}

class Taking {
 public:
  explicit Taking(Graph graph) : graph_(std::move(graph)) {}

  Result<RangedModel> run(const std::vector<Field>& model) {
    for (Node& node : graph_.nodes) {
      if (node.type != "DequantizeLinear") continue;
      if (auto taken = take_out(node); !taken) return tl::unexpected(std::move(taken.error()));
    }
    if (ranges_.empty()) return not_so("the model has no value with a range");
    while (fill_in()) continue;
    return RangedModel{written(model), {ranges_.begin(), ranges_.end()}};
  }

 private:
  Result<void> take_out(Node& dequantize) {
    const auto maker = dequantize.inputs.empty() ? graph_.makers.end() : graph_.makers.find(dequantize.inputs.front());
    if (maker == graph_.makers.end() || graph_.nodes[maker->second].type != "QuantizeLinear")
      return not_so("weights are stored in int8, not behind a QuantizeLinear");
    Node& quantize = graph_.nodes[maker->second];
    if (quantize.inputs.size() < 2 || dequantize.outputs.empty()) return damaged();
    if (graph_.outputs.contains(dequantize.outputs.front())) return not_so("an output of the model is quantized");
    const std::string value = name_of(quantize.inputs.front());
    if (!graph_.initializers.contains(value)) {
      const auto scale = graph_.initializers.find(quantize.inputs[1]);
      const std::optional<float> number = scale == graph_.initializers.end() ? std::nullopt : scalar(scale->second);
      if (!number) return not_so(fmt::format("value '{}' has no single scale in the file", printable(value)));
      ranges_.emplace(value, largest_int8 * *number);
    }
    renamed_[dequantize.outputs.front()] = value;
    quantize.is_gone = dequantize.is_gone = true;
    return {};
  }

  /// What a value is called now, the quantization being gone.
  [[nodiscard]] const std::string& name_of(const std::string& value) const {
    const auto found = renamed_.find(value);
    return found == renamed_.end() ? value : found->second;
  }

  [[nodiscard]] std::optional<float> range_of(const std::string& value) const {
    const auto found = ranges_.find(name_of(value));
    return found == ranges_.end() ? std::nullopt : std::optional(found->second);
  }

  /// Only the one node reads it, so that a range that suits that one suits all. A pair that is gone reads nothing.
  [[nodiscard]] bool is_for_one(const std::string& value) const {
    const auto readers = graph_.readers.find(value);
    return readers != graph_.readers.end() && readers->second.size() == 1 && !graph_.outputs.contains(value) &&
           !graph_.initializers.contains(value);
  }

  bool give(const std::string& value, std::optional<float> range) {
    return range && !graph_.initializers.contains(name_of(value)) && ranges_.emplace(name_of(value), *range).second;
  }

  /// One pass over the nodes; false where nothing was added.
  bool fill_in() {
    bool added = false;
    for (auto node = graph_.nodes.rbegin(); node != graph_.nodes.rend(); ++node) added |= fill_in_before(*node);
    for (const Node& node : graph_.nodes) {
      if (!node.is_gone && is_one_of(node.type, keep_ranges) && !node.inputs.empty() && !node.outputs.empty())
        added |= give(node.outputs.front(), range_of(node.inputs.front()));
    }
    return added;
  }

  bool fill_in_before(const Node& node) {
    if (node.is_gone || node.inputs.empty() || node.outputs.empty()) return false;
    const std::optional<float> behind = range_of(node.outputs.front());
    if (is_one_of(node.type, activation_functions)) return is_for_one(node.inputs.front()) && give(node.inputs.front(), behind);
    if (node.type != "Add" || node.inputs.size() != 2 || !behind) return false;
    bool added = false;
    for (const std::size_t side : {0U, 1U}) {
      // Beyond the sum of both, what is added is cut off behind the Add anyway.
      const std::optional<float> other = range_of(node.inputs[1 - side]);
      if (other && is_for_one(node.inputs[side])) added |= give(node.inputs[side], *behind + *other);
    }
    return added;
  }

  [[nodiscard]] std::string written(const Node& node) const {
    std::string bytes;
    for (const Field& field : node.fields) {
      if (field.number == node_input)
        wire::append_bytes(bytes, node_input, name_of(std::string(field.bytes)));
      else
        bytes += field.whole;
    }
    return bytes;
  }

  [[nodiscard]] std::string written(const std::vector<Field>& model) const {
    std::string graph;
    auto node = graph_.nodes.begin();
    for (const Field& field : graph_.fields) {
      if (field.number != graph_node) {
        graph += field.whole;
        continue;
      }
      if (!node->is_gone) wire::append_bytes(graph, graph_node, written(*node));
      ++node;
    }
    std::string all;
    for (const Field& field : model) {
      if (field.number == model_graph)
        wire::append_bytes(all, model_graph, graph);
      else
        all += field.whole;
    }
    return all;
  }

  Graph graph_;
  std::map<std::string, float, std::less<>> ranges_;
  std::map<std::string, std::string, std::less<>> renamed_;
};

}  // namespace

Result<RangedModel> take_out_quantization(std::string_view onnx) {
  const auto model = wire::fields_of(onnx);
  if (!model) return damaged();
  auto graph = read_graph(wire::bytes_of(*model, model_graph));
  if (!graph) return tl::unexpected(std::move(graph.error()));
  return Taking(std::move(*graph)).run(*model);
}

}  // namespace podium::tensorrt
