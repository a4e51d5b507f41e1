#include <cmath>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "convert/recovery/layers.h"
#include "convert/recovery/quantized_weight.h"
#include "convert/recovery/recovery.h"
#include "onnx/attributes.h"
#include "onnx/tensor_data.h"

namespace podium::convert {

namespace {

using onnx::GraphEdit;
using ::onnx::NodeProto;
using ::onnx::TensorProto;

/// A layer with a bias, and the node that holds it: itself, or the Add behind a MatMul.
struct BiasedLayer {
  std::string layer;
  std::string bias_node;
  int bias_input = 2;
  double factor = 1.0;  ///< that the layer multiplies its bias by
  std::size_t channels = 0;
  std::vector<float> error;  ///< quantized weights minus the model's
};

std::map<std::string, NodeProto*> nodes_by_name(const GraphEdit& edit) {
  std::map<std::string, NodeProto*> nodes;
  for (NodeProto* node : edit.nodes()) nodes.emplace(node->name(), node);
  return nodes;
}

/// Where the bias of a layer is; nothing where it has none, or one that is no initializer.
std::optional<BiasedLayer> find_bias(const GraphEdit& edit, const NodeProto& node) {
  if (float_weight(edit, node, 2) != nullptr) {
    const ::onnx::AttributeProto* beta = node.op_type() == "Gemm" ? onnx::find_attribute(node, "beta") : nullptr;
    const double factor = beta != nullptr ? static_cast<double>(beta->f()) : 1.0;
    return factor != 0.0 ? std::optional(BiasedLayer{node.name(), node.name(), 2, factor, 0, {}}) : std::nullopt;
  }
  if (node.op_type() != "MatMul") return std::nullopt;
  const NodeProto* add = only_reader(edit, node.output(0));
  if (add == nullptr || add->op_type() != "Add" || add->input_size() != 2) return std::nullopt;
  const int bias_input = add->input(0) == node.output(0) ? 1 : 0;
  if (float_weight(edit, *add, bias_input) == nullptr) return std::nullopt;
  return BiasedLayer{node.name(), add->name(), bias_input, 1.0, 0, {}};
}

/// Layers with a bias whose weights are quantized.
Result<std::vector<BiasedLayer>> find_layers(const GraphEdit& edit, const GraphEdit& quantized) {
  const std::map<std::string, NodeProto*> quantized_nodes = nodes_by_name(quantized);
  std::vector<BiasedLayer> layers;
  for (const NodeProto* node : edit.nodes()) {
    const TensorProto* weight = float_weight(edit, *node, 1);
    const auto other = quantized_nodes.find(node->name());
    const auto channels = weight != nullptr ? WeightChannels::of(*node, *weight) : std::nullopt;
    std::optional<BiasedLayer> layer = channels && other != quantized_nodes.end() ? find_bias(edit, *node) : std::nullopt;
    if (!layer) continue;
    layer->channels = static_cast<std::size_t>(channels->outputs());
    Result<std::optional<std::vector<float>>> rounded = quantized_weight(quantized, *other->second, 1);
    if (!rounded) return tl::unexpected(rounded.error());
    const Result<std::vector<float>> exact = onnx::floats_of(*weight);
    if (!exact) return tl::unexpected(exact.error());
    if (!*rounded || (*rounded)->size() != exact->size()) continue;
    layer->error = std::move(**rounded);
    for (std::size_t i = 0; i < exact->size(); ++i) layer->error[i] -= (*exact)[i];
    layers.push_back(std::move(*layer));
  }
  return layers;
}

/// Adds to each layer a twin that computes what the error of its weights makes of its real input; of convolutions, which would be large,
/// only the mean over the picture is kept. A layer is linear, so that the mean of this is the mean error of its output. Returns their
/// names.
Result<std::vector<std::string>> add_twins(::onnx::ModelProto& model, const std::vector<BiasedLayer>& layers) {
  GraphEdit edit(*model.mutable_graph());
  const std::map<std::string, NodeProto*> nodes = nodes_by_name(edit);
  std::vector<std::string> outputs;
  for (const BiasedLayer& layer : layers) {
    const NodeProto& node = *nodes.at(layer.layer);
    const std::string weight = edit.unique_name(layer.layer + "_weight_error");
    edit.add_initializer(onnx::float_tensor(weight, onnx::shape_of(*edit.initializer(node.input(1))), layer.error));
    std::string output = edit.unique_name(layer.layer + "_error");
    NodeProto& twin = edit.add_node(node.op_type(), {node.input(0), weight}, {output}, output);
    *twin.mutable_attribute() = node.attribute();
    if (node.op_type() == "Conv" || node.op_type() == "ConvTranspose") {
      const std::string mean = edit.unique_name(layer.layer + "_mean_error");
      edit.add_node("GlobalAveragePool", {output}, {mean}, mean);
      output = mean;
    }
    outputs.push_back(output);
  }
  if (Result<void> finished = edit.finish(); !finished) return tl::unexpected(finished.error());
  return outputs;
}

/// The mean of each layer's error, channel by channel, over all batches.
Result<std::vector<std::vector<double>>> mean_errors(const ::onnx::ModelProto& model, const std::vector<BiasedLayer>& layers,
                                                     ActivationSource& source, const Progress& progress) {
  std::vector<std::vector<double>> sums;
  for (const BiasedLayer& layer : layers) sums.emplace_back(layer.channels, 0.0);
  std::vector<double> counts(layers.size(), 0.0);
  const Result<void> ran = source.run(model, [&](std::int64_t batch, std::span<const Activation> values) -> Result<void> {
    if (progress.is_cancelled()) return fail(ErrorCode::cancelled, "the correction of biases was cancelled");
    progress.on_step("finding the mean errors of layers", batch, source.batches());
    for (std::size_t layer = 0; layer < values.size(); ++layer) {
      // [batch, channels, 1, …] of convolutions, […, channels] of products: the channel runs fastest in both.
      const std::span<const float> errors = values[layer].values;
      for (std::size_t i = 0; i < errors.size(); ++i) sums[layer][i % layers[layer].channels] += static_cast<double>(errors[i]);
      counts[layer] += static_cast<double>(errors.size() / layers[layer].channels);
    }
    return {};
  });
  if (!ran) return tl::unexpected(ran.error());
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    for (double& sum : sums[layer]) sum /= counts[layer];
  }
  return sums;
}

}  // namespace

Result<std::vector<BiasShift>> find_bias_shifts(const ::onnx::ModelProto& model, ::onnx::ModelProto& quantized, ActivationSource& source,
                                                const Progress& progress) {
  ::onnx::ModelProto with_twins = model;
  if (Result<void> stored = store_constants(with_twins); !stored) return tl::unexpected(stored.error());
  const Result<std::vector<BiasedLayer>> layers =
      find_layers(GraphEdit(*with_twins.mutable_graph()), GraphEdit(*quantized.mutable_graph()));
  if (!layers) return tl::unexpected(layers.error());
  if (layers->empty()) return std::vector<BiasShift>();
  const Result<std::vector<std::string>> outputs = add_twins(with_twins, *layers);
  if (!outputs) return tl::unexpected(outputs.error());
  const Result<::onnx::ModelProto> tapped = with_outputs(with_twins, *outputs);
  if (!tapped) return tl::unexpected(tapped.error());
  const Result<std::vector<std::vector<double>>> errors = mean_errors(*tapped, *layers, source, progress);
  if (!errors) return tl::unexpected(errors.error());
  std::vector<BiasShift> shifts;
  for (std::size_t i = 0; i < layers->size(); ++i) {
    const BiasedLayer& layer = (*layers)[i];
    BiasShift shift{layer.layer, layer.bias_node, layer.bias_input, {}};
    for (const double error : (*errors)[i]) shift.by_channel.push_back(std::isfinite(error) ? -error / layer.factor : 0.0);
    shifts.push_back(std::move(shift));
  }
  return shifts;
}

Result<std::int64_t> shift_biases(::onnx::ModelProto& quantized, std::span<const BiasShift> shifts) {
  GraphEdit edit(*quantized.mutable_graph());
  const std::map<std::string, NodeProto*> nodes = nodes_by_name(edit);
  std::int64_t corrected = 0;
  for (const BiasShift& shift : shifts) {
    const auto layer = nodes.find(shift.layer);
    const auto holder = nodes.find(shift.bias_node);
    if (layer == nodes.end() || holder == nodes.end()) continue;
    const Result<std::optional<std::vector<float>>> weight = quantized_weight(edit, *layer->second, 1);
    if (!weight) return tl::unexpected(weight.error());
    if (!*weight) continue;  // it stayed in float
    const Result<bool> shifted = shift_bias(edit, *holder->second, shift.bias_input, shift.by_channel);
    if (!shifted) return tl::unexpected(shifted.error());
    corrected += *shifted ? 1 : 0;
  }
  if (Result<void> finished = edit.finish(); !finished) return tl::unexpected(finished.error());
  return corrected;
}

Result<std::int64_t> correct_biases(const ::onnx::ModelProto& model, ::onnx::ModelProto& quantized, ActivationSource& source,
                                    const Progress& progress) {
  const Result<std::vector<BiasShift>> shifts = find_bias_shifts(model, quantized, source, progress);
  if (!shifts) return tl::unexpected(shifts.error());
  return shift_biases(quantized, *shifts);
}

}  // namespace podium::convert
