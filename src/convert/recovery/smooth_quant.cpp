#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "convert/recovery/layer_norm.h"
#include "convert/recovery/layers.h"
#include "convert/recovery/recovery.h"
#include "onnx/tensor_data.h"

namespace podium::convert {

namespace {

using onnx::GraphEdit;
using ::onnx::NodeProto;

/// What a layer normalization makes, and the layers that multiply it by a weight.
struct Site {
  std::string value;
  LayerNormScale norm;
  std::vector<NodeProto*> layers;
  std::int64_t width = 0;  ///< input channels
};

/// Input channels of a layer that multiplies `value` by a weight of its own; nothing where the node is none.
std::optional<std::int64_t> multiplied_width(const GraphEdit& edit, const NodeProto& node, const std::string& value) {
  const bool is_product = node.op_type() == "MatMul" || node.op_type() == "Gemm";
  const bool is_added_too = node.input_size() > 2 && node.input(2) == value;
  const ::onnx::TensorProto* weight = is_product && !is_added_too ? float_weight(edit, node, 1) : nullptr;
  const auto channels = weight != nullptr && node.input(0) == value ? WeightChannels::of(node, *weight) : std::nullopt;
  return channels ? std::optional(channels->inputs()) : std::nullopt;
}

/// In the order of the graph.
std::vector<Site> find_sites(const GraphEdit& edit) {
  std::vector<Site> sites;
  std::map<std::string, std::size_t> known;
  for (NodeProto* node : edit.nodes()) {
    if (node->input_size() < 2) continue;
    const std::string& value = node->input(0);
    const std::optional<std::int64_t> width = multiplied_width(edit, *node, value);
    const auto norm = width ? layer_norm_scale(edit, value, *width) : std::nullopt;
    if (!norm) continue;
    const auto [place, is_new] = known.emplace(value, sites.size());
    if (is_new) sites.push_back({value, *norm, {}, *width});
    sites[place->second].layers.push_back(node);
  }
  return sites;
}

/// The largest magnitude of each channel of the values, over all batches.
Result<std::vector<std::vector<float>>> channel_magnitudes(const ::onnx::ModelProto& model, const std::vector<Site>& sites,
                                                           ActivationSource& source, const Progress& progress) {
  std::vector<std::string> names;
  std::vector<std::vector<float>> magnitudes;
  for (const Site& site : sites) {
    names.push_back(site.value);
    magnitudes.emplace_back(static_cast<std::size_t>(site.width), 0.0F);
  }
  const Result<::onnx::ModelProto> tapped = with_outputs(model, names);
  if (!tapped) return tl::unexpected(tapped.error());
  const Result<void> ran = source.run(*tapped, [&](std::int64_t batch, std::span<const Activation> values) -> Result<void> {
    if (progress.is_cancelled()) return fail(ErrorCode::cancelled, "smoothing was cancelled");
    progress.on_step("looking for activations to smooth", batch, source.batches());
    for (std::size_t site = 0; site < values.size(); ++site) {
      std::vector<float>& largest = magnitudes[site];
      for (std::size_t i = 0; i < values[site].values.size(); ++i) {
        const float magnitude = std::abs(values[site].values[i]);
        if (!std::isfinite(magnitude)) {
          return fail(ErrorCode::bad_input,
                      fmt::format("'{}' is infinite or no number for batch {} of the calibration data", values[site].name, batch),
                      "leave the inputs out for which the model yields no finite answer");
        }
        largest[i % largest.size()] = std::max(largest[i % largest.size()], magnitude);
      }
    }
    return {};
  });
  if (!ran) return tl::unexpected(ran.error());
  return magnitudes;
}

/// The largest magnitude of the weights that read each channel, over all the layers.
Result<std::vector<float>> weight_magnitudes(const GraphEdit& edit, const Site& site) {
  std::vector<float> largest(static_cast<std::size_t>(site.width), 0.0F);
  for (const NodeProto* layer : site.layers) {
    const ::onnx::TensorProto& weight = *float_weight(edit, *layer, 1);
    const Result<std::vector<float>> values = onnx::floats_of(weight);
    if (!values) return tl::unexpected(values.error());
    const WeightChannels channels = WeightChannels::of(*layer, weight).value();
    for (std::size_t i = 0; i < values->size(); ++i) {
      float& magnitude = largest[channels.input_of(i)];
      magnitude = std::max(magnitude, std::abs((*values)[i]));
    }
  }
  return largest;
}

/// Equation 4 of the paper. A channel that is never used keeps its scale.
std::vector<float> smoothing_scales(const std::vector<float>& activations, const std::vector<float>& weights, double alpha) {
  std::vector<float> scales(activations.size(), 1.0F);
  for (std::size_t channel = 0; channel < scales.size(); ++channel) {
    const auto scale = static_cast<float>(std::pow(static_cast<double>(activations[channel]), alpha) /
                                          std::pow(static_cast<double>(weights[channel]), 1.0 - alpha));
    const bool is_used = activations[channel] > 0.0F && weights[channel] > 0.0F;
    if (is_used && std::isnormal(scale) && std::isnormal(1.0F / scale)) scales[channel] = scale;
  }
  return scales;
}

Result<void> divide(GraphEdit& edit, NodeProto& node, int index, const std::vector<float>& scales) {
  Result<std::vector<float>> values = onnx::floats_of(*edit.initializer(node.input(index)));
  if (!values) return tl::unexpected(values.error());
  for (std::size_t i = 0; i < values->size(); ++i) (*values)[i] /= scales[i];
  set_weight(edit, node, index, *values);
  return {};
}

Result<void> multiply_weights(GraphEdit& edit, const Site& site, const std::vector<float>& scales) {
  for (NodeProto* layer : site.layers) {
    const ::onnx::TensorProto& weight = *float_weight(edit, *layer, 1);
    const WeightChannels channels = WeightChannels::of(*layer, weight).value();
    Result<std::vector<float>> values = onnx::floats_of(weight);
    if (!values) return tl::unexpected(values.error());
    for (std::size_t i = 0; i < values->size(); ++i) (*values)[i] *= scales[channels.input_of(i)];
    set_weight(edit, *layer, 1, *values);
  }
  return {};
}

/// Where something else reads the normalization too (the residual sum of BERT), gamma cannot carry the scale.
bool can_be_folded(const GraphEdit& edit, const Site& site) {
  return !edit.is_output(site.value) && !edit.is_captured(site.value) && edit.consumers(site.value).size() == site.layers.size();
}

Result<void> fold(GraphEdit& edit, const Site& site, const std::vector<float>& scales) {
  if (Result<void> divided = divide(edit, *site.norm.gamma_node, site.norm.gamma_input, scales); !divided) return divided;
  return site.norm.beta_node != nullptr ? divide(edit, *site.norm.beta_node, site.norm.beta_input, scales) : Result<void>{};
}

/// Returns the name of the node that now stands between the normalization and its layers.
std::string insert_multiplication(GraphEdit& edit, const Site& site, const std::vector<float>& scales) {
  std::vector<float> inverse;
  for (const float scale : scales) inverse.push_back(1.0F / scale);
  const std::string factor = edit.unique_name(site.value + "_smooth_scale");
  edit.add_initializer(onnx::float_tensor(factor, {site.width}, inverse));
  const std::string smoothed = edit.unique_name(site.value + "_smooth");
  const std::string name = edit.unique_name(site.value + "_smooth_Mul");
  edit.add_node("Mul", {site.value, factor}, {smoothed}, name);
  for (NodeProto* layer : site.layers) edit.set_input(*layer, 0, smoothed);
  return name;
}

}  // namespace

Result<Smoothed> smooth(::onnx::ModelProto& model, double alpha, ActivationSource& source, const Progress& progress) {
  if (!(alpha >= 0.0 && alpha <= 1.0)) {
    return fail(ErrorCode::wrong_use, fmt::format("the strength of smoothing is {}, not between 0 and 1", alpha),
                "give 0.5, as the paper does");
  }
  if (Result<void> stored = store_constants(model); !stored) return tl::unexpected(stored.error());
  GraphEdit edit(*model.mutable_graph());
  const std::vector<Site> sites = find_sites(edit);
  Smoothed smoothed;
  if (sites.empty()) return smoothed;

  const Result<std::vector<std::vector<float>>> magnitudes = channel_magnitudes(model, sites, source, progress);
  if (!magnitudes) return tl::unexpected(magnitudes.error());
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const Site& site = sites[i];
    const Result<std::vector<float>> weights = weight_magnitudes(edit, site);
    if (!weights) return tl::unexpected(weights.error());
    const std::vector<float> scales = smoothing_scales((*magnitudes)[i], *weights, alpha);
    const bool is_folded = can_be_folded(edit, site);
    if (Result<void> multiplied = multiply_weights(edit, site, scales); !multiplied) return tl::unexpected(multiplied.error());
    if (is_folded) {
      if (Result<void> folded = fold(edit, site, scales); !folded) return tl::unexpected(folded.error());
    } else {
      smoothed.inserted.push_back(insert_multiplication(edit, site, scales));
    }
    smoothed.layers += static_cast<std::int64_t>(site.layers.size());
  }
  if (Result<void> finished = edit.finish(); !finished) return tl::unexpected(finished.error());
  return smoothed;
}

}  // namespace podium::convert
