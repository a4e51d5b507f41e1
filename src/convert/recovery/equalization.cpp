#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "convert/recovery/layers.h"
#include "convert/recovery/recovery.h"
#include "onnx/attributes.h"
#include "onnx/tensor_data.h"

namespace podium::convert {

namespace {

using onnx::GraphEdit;
using ::onnx::NodeProto;
using ::onnx::TensorProto;

/// f(s·x) = s·f(x) for each channel and every s > 0, and the channels keep their places. Clip is none of them, so that the layers around a
/// ReLU6 stay as they are: a bound of its own for each channel would be another operator, which engines do not fuse.
constexpr std::array<std::string_view, 9> homogeneous{"Relu",          "LeakyRelu", "PRelu",  "MaxPool", "AveragePool", "GlobalAveragePool",
                                                      "GlobalMaxPool", "Identity",  "Dropout"};
constexpr int most_sweeps = 50;
constexpr float settled = 1e-3F;  ///< a sweep that scales no channel by more changes nothing that matters

/// A layer whose weights are being scaled.
struct Layer {
  NodeProto* node = nullptr;
  WeightChannels channels;
  std::vector<float> weight;
  std::vector<float> bias;  ///< for each output channel; empty where the layer has none
};

struct Pair {
  Layer* first;
  Layer* second;
};

bool passes_scales(const GraphEdit& edit, const NodeProto& node, const std::string& value) {
  if (node.input_size() == 0 || node.input(0) != value || node.output_size() != 1) return false;
  if (node.op_type() == "Flatten") return onnx::integer_attribute(node, "axis", 1) == 1;
  if (node.op_type() == "PRelu") return node.input_size() == 2 && edit.initializer(node.input(1)) != nullptr;
  return std::find(homogeneous.begin(), homogeneous.end(), node.op_type()) != homogeneous.end();
}

/// MatMul is not: its channels lie on the last axis, those of convolutions on the second, and the graph does not say which is meant
/// between.
bool is_layer(const GraphEdit& edit, const NodeProto& node) {
  const std::string& type = node.op_type();
  return (type == "Conv" || type == "ConvTranspose" || type == "Gemm") && node.output_size() == 1 && float_weight(edit, node, 1) != nullptr;
}

/// The layer that alone reads what `node` makes, through operators that pass scales on; null where there is none.
NodeProto* layer_behind(const GraphEdit& edit, const NodeProto& node) {
  std::string value = node.output(0);
  for (NodeProto* reader = only_reader(edit, value); reader != nullptr; reader = only_reader(edit, value)) {
    if (is_layer(edit, *reader)) return reader->input(0) == value ? reader : nullptr;
    if (!passes_scales(edit, *reader, value)) return nullptr;
    value = reader->output(0);
  }
  return nullptr;
}

/// Nothing where the numbers of the layer cannot be scaled by channel.
Result<std::optional<Layer>> read_layer(const GraphEdit& edit, NodeProto& node) {
  const TensorProto* weight = float_weight(edit, node, 1);
  const std::optional<WeightChannels> channels = WeightChannels::of(node, *weight);
  if (!channels) return std::nullopt;
  Layer layer{&node, *channels, {}, {}};
  Result<std::vector<float>> values = onnx::floats_of(*weight);
  if (!values) return tl::unexpected(values.error());
  layer.weight = std::move(*values);

  if (node.input_size() < 3 || node.input(2).empty()) return layer;
  const TensorProto* bias = float_weight(edit, node, 2);
  if (bias == nullptr) return std::nullopt;
  Result<std::vector<float>> numbers = onnx::floats_of(*bias);
  if (!numbers) return tl::unexpected(numbers.error());
  layer.bias = std::move(*numbers);
  const bool is_per_channel = static_cast<std::int64_t>(layer.bias.size()) == layer.channels.outputs() && bias->dims_size() > 0 &&
                              bias->dims(bias->dims_size() - 1) == layer.channels.outputs();
  return is_per_channel ? std::optional(std::move(layer)) : std::nullopt;
}

/// The largest magnitude of each output channel's weights, or of each input channel's.
std::vector<float> magnitudes(const Layer& layer, bool of_outputs) {
  std::vector<float> largest(static_cast<std::size_t>(of_outputs ? layer.channels.outputs() : layer.channels.inputs()), 0.0F);
  for (std::size_t i = 0; i < layer.weight.size(); ++i) {
    float& magnitude = largest[of_outputs ? layer.channels.output_of(i) : layer.channels.input_of(i)];
    magnitude = std::max(magnitude, std::abs(layer.weight[i]));
  }
  return largest;
}

/// Equation 11 of the paper: both ranges of a channel become √(r₁·r₂). A channel that one side does not use stays.
std::vector<float> scales(const Pair& pair) {
  const std::vector<float> made = magnitudes(*pair.first, true);
  const std::vector<float> read = magnitudes(*pair.second, false);
  std::vector<float> scales(made.size(), 1.0F);
  for (std::size_t channel = 0; channel < made.size(); ++channel) {
    const float scale = std::sqrt(made[channel] / read[channel]);
    if (std::isnormal(scale) && std::isnormal(1.0F / scale)) scales[channel] = scale;
  }
  return scales;
}

/// Divides what the first layer makes by `scales`, and multiplies the weights that read it.
void scale(const Pair& pair, const std::vector<float>& scales) {
  Layer& first = *pair.first;
  Layer& second = *pair.second;
  for (std::size_t i = 0; i < first.weight.size(); ++i) first.weight[i] /= scales[first.channels.output_of(i)];
  for (std::size_t i = 0; i < first.bias.size(); ++i) first.bias[i] /= scales[i];
  for (std::size_t i = 0; i < second.weight.size(); ++i) second.weight[i] *= scales[second.channels.input_of(i)];
}

/// Layers in pairs share their middle ones, so that evening one pair moves the next: sweeps until nothing moves.
void equalize(const std::vector<Pair>& pairs) {
  for (int sweep = 0; sweep < most_sweeps; ++sweep) {
    float moved = 0.0F;
    for (const Pair& pair : pairs) {
      const std::vector<float> by = scales(pair);
      scale(pair, by);
      for (const float factor : by) moved = std::max(moved, std::abs(std::log(factor)));
    }
    if (moved < settled) return;
  }
}

Result<Layer*> layer_of(const GraphEdit& edit, NodeProto& node, std::map<const NodeProto*, std::optional<Layer>>& layers) {
  auto known = layers.find(&node);
  if (known == layers.end()) {
    Result<std::optional<Layer>> layer = read_layer(edit, node);
    if (!layer) return tl::unexpected(layer.error());
    known = layers.emplace(&node, std::move(*layer)).first;
  }
  return known->second ? &*known->second : nullptr;
}

}  // namespace

Result<std::int64_t> equalize_layers(::onnx::ModelProto& model) {
  if (Result<void> stored = store_constants(model); !stored) return tl::unexpected(stored.error());
  GraphEdit edit(*model.mutable_graph());
  std::map<const NodeProto*, std::optional<Layer>> layers;
  std::vector<Pair> pairs;
  for (NodeProto* node : edit.nodes()) {
    NodeProto* behind = is_layer(edit, *node) ? layer_behind(edit, *node) : nullptr;
    if (behind == nullptr) continue;
    const Result<Layer*> first = layer_of(edit, *node, layers);
    if (!first) return tl::unexpected(first.error());
    const Result<Layer*> second = layer_of(edit, *behind, layers);
    if (!second) return tl::unexpected(second.error());
    if (*first == nullptr || *second == nullptr || (*first)->channels.outputs() != (*second)->channels.inputs()) continue;
    pairs.push_back({*first, *second});
  }
  equalize(pairs);
  std::set<const Layer*> scaled;
  for (const Pair& pair : pairs) {
    for (const Layer* layer : {pair.first, pair.second}) {
      if (!scaled.insert(layer).second) continue;
      set_weight(edit, *layer->node, 1, layer->weight);
      if (!layer->bias.empty()) set_weight(edit, *layer->node, 2, layer->bias);
    }
  }
  if (Result<void> finished = edit.finish(); !finished) return tl::unexpected(finished.error());
  return static_cast<std::int64_t>(pairs.size());
}

}  // namespace podium::convert
