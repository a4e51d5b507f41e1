#include "onnx/attributes.h"
#include "onnx/opset/rewrites.h"

/// Upsample became Resize in version 10; 11 gave it a region of interest and a choice of coordinates; 13 made inputs optional that were
/// given as empty tensors before; 18 gave it axes.
namespace podium::onnx {

namespace {

using ::onnx::NodeProto;

constexpr int roi_input = 1;
constexpr int scales_input = 2;
constexpr int sizes_input = 3;

std::string empty_tensor(OpsetScope& scope, const NodeProto& node, const char* what) {
  return scope.add_floats(node, what, {0}, {});
}

/// Values for all axes of the input, of which `axes` have those given.
template <typename Value>
std::optional<std::vector<Value>> spread(const std::vector<Value>& given, const std::vector<std::int64_t>& axes, std::vector<Value> all) {
  if (given.size() != axes.size()) return std::nullopt;
  const auto rank = static_cast<std::int64_t>(all.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::int64_t at = axes[i] < 0 ? axes[i] + rank : axes[i];
    if (at < 0 || at >= rank) return std::nullopt;
    all[static_cast<std::size_t>(at)] = given[i];
  }
  return all;
}

}  // namespace

Result<void> raise_upsample_10(OpsetScope&, NodeProto& node) {
  node.set_op_type("Resize");
  return {};
}

Result<void> raise_resize_11(OpsetScope& scope, NodeProto& node) {
  if (!has_input(node, 1)) return no_equal("it has no scales");
  const std::string scales = node.input(1);
  scope.edit().set_input(node, roi_input, empty_tensor(scope, node, "roi"));
  scope.edit().set_input(node, scales_input, scales);
  set_text_attribute(node, "coordinate_transformation_mode", "asymmetric");
  set_text_attribute(node, "nearest_mode", "floor");
  return {};
}

Result<void> raise_resize_13(OpsetScope& scope, NodeProto& node) {
  for (const int input : {roi_input, scales_input}) {
    if (!has_input(node, input)) continue;
    const std::optional<std::vector<float>> values = scope.floats(node.input(input));
    if (values && values->empty()) scope.edit().set_input(node, input, "");
  }
  return {};
}

Result<void> lower_resize_13(OpsetScope& scope, NodeProto& node) {
  if (!has_input(node, roi_input)) scope.edit().set_input(node, roi_input, empty_tensor(scope, node, "roi"));
  if (!has_input(node, scales_input)) scope.edit().set_input(node, scales_input, empty_tensor(scope, node, "scales"));
  return {};
}

Result<void> lower_resize_18(OpsetScope& scope, NodeProto& node) {
  if (find_attribute(node, "axes") == nullptr) return {};
  const std::vector<std::int64_t> axes = integers_attribute(node, "axes");
  const Shape* shape = scope.shape(node.input(0));
  if (shape == nullptr) return no_equal("it names axes of an input whose rank cannot be told");
  if (has_input(node, roi_input)) return no_equal("it names axes and a region of interest");
  const bool by_scale = has_input(node, scales_input);
  if (by_scale) {
    const std::optional<std::vector<float>> given = scope.floats(node.input(scales_input));
    const auto all = given ? spread(*given, axes, std::vector<float>(shape->size(), 1)) : std::nullopt;
    if (!all) return no_equal("it names axes, and its scales are computed while the model runs");
    scope.edit().set_input(node, scales_input, scope.add_floats(node, "scales", {static_cast<std::int64_t>(all->size())}, *all));
  } else {
    const auto given = has_input(node, sizes_input) ? scope.integers(node.input(sizes_input)) : std::nullopt;
    const auto all = given ? spread(*given, axes, *shape) : std::nullopt;
    if (!all) return no_equal("it names axes, and its sizes are computed while the model runs");
    for (const std::int64_t size : *all) {
      if (size < 0) return no_equal("it names axes of an input that has free ones besides");
    }
    scope.edit().set_input(node, sizes_input, scope.add_integers(node, "sizes", {static_cast<std::int64_t>(all->size())}, *all));
  }
  remove_attribute(node, "axes");
  return {};
}

}  // namespace podium::onnx
