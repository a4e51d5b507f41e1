#include <algorithm>
#include <optional>

#include "onnx/attributes.h"
#include "onnx/fold/passes.h"
#include "onnx/tensor_data.h"

namespace podium::onnx {

namespace {

using ::onnx::NodeProto;
using ::onnx::TensorProto;

constexpr std::size_t axes_before_pixels = 2;  // batch and channels

bool is_given(const NodeProto& node, int input) {
  return input < node.input_size() && !node.input(input).empty();
}

bool fills_with_zero(const GraphEdit& edit, const NodeProto& pad) {
  const std::string mode = text_attribute(pad, "mode");
  if ((!mode.empty() && mode != "constant") || float_attribute(pad, "value", 0) != 0) return false;
  if (!is_given(pad, 2)) return true;
  const TensorProto* value = edit.initializer(pad.input(2));
  if (value == nullptr || !is_float(*value)) return false;
  const Result<std::vector<float>> values = floats_of(*value);
  return values && std::all_of(values->begin(), values->end(), [](float number) { return number == 0; });
}

/// Zeros at the beginnings of the pixels' axes, then at their ends; nothing where they are not known, or the node does something else.
std::optional<std::vector<std::int64_t>> pixel_pads(const GraphEdit& edit, const NodeProto& pad) {
  if (!fills_with_zero(edit, pad) || is_given(pad, 3)) return std::nullopt;
  std::vector<std::int64_t> pads = integers_attribute(pad, "pads");
  if (is_given(pad, 1)) {
    const TensorProto* tensor = edit.initializer(pad.input(1));
    if (tensor == nullptr) return std::nullopt;
    Result<std::vector<std::int64_t>> values = integers_of(*tensor);
    if (!values) return std::nullopt;
    pads = std::move(*values);
  }
  const std::size_t rank = pads.size() / 2;
  if (rank <= axes_before_pixels || pads.size() % 2 != 0) return std::nullopt;
  std::vector<std::int64_t> pixels;
  for (std::size_t i = 0; i < pads.size(); ++i) {
    if (pads[i] < 0) return std::nullopt;
    if (i % rank >= axes_before_pixels) {
      pixels.push_back(pads[i]);
    } else if (pads[i] != 0) {
      return std::nullopt;
    }
  }
  return pixels;
}

}  // namespace

std::int64_t fold_padding(GraphEdit& edit) {
  std::int64_t folded = 0;
  for (NodeProto* conv : edit.nodes()) {
    if (conv->op_type() != "Conv" || !is_standard(*conv) || conv->input_size() < 2) continue;
    const NodeProto* pad = edit.producer(conv->input(0));
    if (pad == nullptr || pad->op_type() != "Pad" || !is_standard(*pad) || pad->input_size() == 0) continue;
    const std::string automatic = text_attribute(*conv, "auto_pad");
    if (!automatic.empty() && automatic != "NOTSET" && automatic != "VALID") continue;
    std::optional<std::vector<std::int64_t>> pads = pixel_pads(edit, *pad);
    if (!pads) continue;
    const std::vector<std::int64_t> own = automatic == "VALID" ? std::vector<std::int64_t>() : integers_attribute(*conv, "pads");
    if (!own.empty() && own.size() != pads->size()) continue;
    for (std::size_t i = 0; i < own.size(); ++i) (*pads)[i] += own[i];
    remove_attribute(*conv, "auto_pad");
    set_integers_attribute(*conv, "pads", *pads);
    edit.set_input(*conv, 0, pad->input(0));
    ++folded;
  }
  return folded;
}

}  // namespace podium::onnx
