#include "onnx/window_rules.h"

#include <algorithm>
#include <string>
#include <vector>

#include "onnx/attributes.h"

namespace podium::onnx {

namespace {

using Integers = std::vector<std::int64_t>;

/// The window of a convolution or pooling.
struct Window {
  Integers kernel;
  Integers strides;
  Integers dilations;
  Integers pads;  // all begins, then all ends
  std::string auto_pad;
  bool round_up = false;
};

/// An attribute with one number for each spatial axis, or its default; nothing where it has another length.
std::optional<Integers> spatial(const Operator& op, const char* name, std::size_t count, std::int64_t otherwise) {
  const std::optional<Integers> given = op.integers_from(name, op.node().input_size());
  if (given && given->empty()) return Integers(count, otherwise);
  return given && given->size() == count ? given : std::nullopt;
}

std::optional<Window> read_window(const Operator& op, Integers kernel) {
  const std::size_t axes = kernel.size();
  const std::optional<Integers> strides = spatial(op, "strides", axes, 1);
  const std::optional<Integers> dilations = spatial(op, "dilations", axes, 1);
  const std::optional<Integers> pads = spatial(op, "pads", 2 * axes, 0);
  if (!strides || !dilations || !pads) return std::nullopt;
  const auto is_positive = [](std::int64_t value) { return value >= 1; };
  const bool good = std::all_of(strides->begin(), strides->end(), is_positive) &&
                    std::all_of(dilations->begin(), dilations->end(), is_positive) &&
                    std::all_of(kernel.begin(), kernel.end(), is_positive);
  if (!good) return std::nullopt;
  return Window{std::move(kernel), *strides, *dilations, *pads, text_attribute(op.node(), "auto_pad"), op.integer("ceil_mode", 0) != 0};
}

/// How often the window fits into axis `i` of `size`.
std::int64_t window_steps(const Window& window, std::size_t i, std::int64_t size) {
  const std::int64_t stride = window.strides[i];
  if (window.auto_pad.starts_with("SAME")) return (size + stride - 1) / stride;
  const bool no_pads = window.auto_pad == "VALID";
  const std::int64_t begin = no_pads ? 0 : window.pads[i];
  const std::int64_t end = no_pads ? 0 : window.pads[i + window.kernel.size()];
  const std::int64_t room = size + begin + end - ((window.kernel[i] - 1) * window.dilations[i] + 1);
  if (room < 0) return 0;
  std::int64_t steps = (room + (window.round_up ? stride - 1 : 0)) / stride + 1;
  // A window that would begin in the padding behind the data is left out.
  if (window.round_up && (steps - 1) * stride >= size + begin) --steps;
  return steps;
}

MaybeKnown slide(const Window& window, const Shape& input, std::int64_t channels) {
  if (input.size() != window.kernel.size() + 2) return std::nullopt;
  Shape shape{input[0], channels};
  for (std::size_t i = 0; i < window.kernel.size(); ++i) shape.push_back(window_steps(window, i, input[i + 2]));
  return Known{std::move(shape), std::nullopt};
}

}  // namespace

MaybeKnown infer_convolution(const Operator& op, int weight_input) {
  const Known* data = op.input(0);
  const Known* weight = op.input(weight_input);
  if (data == nullptr || weight == nullptr || weight->shape.size() < 3) return std::nullopt;
  const std::optional<Window> window = read_window(op, Integers(weight->shape.begin() + 2, weight->shape.end()));
  return window ? slide(*window, data->shape, weight->shape[0]) : std::nullopt;
}

MaybeKnown infer_pooling(const Operator& op, int) {
  const Known* data = op.input(0);
  const std::optional<Integers> kernel = op.integers_from("kernel_shape", op.node().input_size());
  if (data == nullptr || data->shape.size() < 3 || !kernel) return std::nullopt;
  const std::optional<Window> window = read_window(op, *kernel);
  return window ? slide(*window, data->shape, data->shape[1]) : std::nullopt;
}

}  // namespace podium::onnx
