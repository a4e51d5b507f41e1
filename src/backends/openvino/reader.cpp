#include "backends/openvino/reader.h"

#include <fmt/format.h>

#include <map>
#include <openvino/frontend/manager.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "backends/api/request_check.h"
#include "backends/openvino/element_types.h"
#include "backends/openvino/failure.h"
#include "core/text.h"

namespace podium::openvino {
namespace {

Result<std::shared_ptr<ov::Model>> parse(const backend::LoadRequest& request) {
  const std::string file = printable(request.model.string());
  ov::frontend::FrontEndManager manager;
  const auto front_end = guarded(ErrorCode::unavailable, "looking for its ONNX reader", [&] { return manager.load_by_framework("onnx"); });
  if (!front_end) return tl::unexpected(front_end.error());
  // Two steps, since they fail for different reasons: the first where the file is damaged, the second where an operator is not known.
  const auto parsed =
      guarded(ErrorCode::bad_input, fmt::format("reading '{}'", file), [&] { return (*front_end)->load(request.model.string()); });
  if (!parsed) return tl::unexpected(parsed.error());
  if (*parsed == nullptr) return fail(ErrorCode::bad_input, fmt::format("'{}' is not an ONNX model", file), "give an .onnx file");
  return guarded(ErrorCode::unsupported, fmt::format("converting '{}'", file), [&] { return (*front_end)->convert(*parsed); });
}

Result<TensorSpec> declared_input(const ov::Output<ov::Node>& input) {
  const std::string name = input.get_any_name();
  const std::optional<DataType> type = to_data_type(input.get_element_type());
  if (!type) {
    return fail(ErrorCode::unsupported, fmt::format("input '{}' has elements of type {}, which Podium cannot hand over", printable(name),
                                                    input.get_element_type().to_string()));
  }
  TensorSpec spec{name, *type, {}};
  const ov::PartialShape& shape = input.get_partial_shape();
  if (shape.rank().is_dynamic())
    return fail(ErrorCode::unsupported, fmt::format("input '{}' has no declared number of axes", printable(name)));
  for (const ov::Dimension& axis : shape) spec.dimensions.push_back({axis.is_dynamic() ? -1 : axis.get_length(), ""});
  return spec;
}

Result<void> check_inputs(const ov::Model& model, const backend::LoadRequest& request) {
  std::vector<TensorSpec> declared;
  for (const ov::Output<ov::Node>& input : const_cast<ov::Model&>(model).inputs()) {
    Result<TensorSpec> spec = declared_input(input);
    if (!spec) return tl::unexpected(std::move(spec.error()));
    declared.push_back(std::move(*spec));
  }
  return backend::check_declared_inputs(declared, request.inputs);
}

Result<void> reshape(ov::Model& model, const backend::LoadRequest& request) {
  std::map<std::string, ov::PartialShape> shapes;
  for (const backend::InputSpec& input : request.inputs) shapes.emplace(input.name, ov::Shape(input.shape.begin(), input.shape.end()));
  const auto reshaped = guarded(ErrorCode::bad_input, "giving the model the cell's shapes", [&] {
    model.reshape(shapes);
    return true;
  });
  if (!reshaped) return tl::unexpected(reshaped.error());
  return {};
}

}  // namespace

Result<std::shared_ptr<ov::Model>> read_model(const backend::LoadRequest& request, bool fixed_shapes) {
  Result<std::shared_ptr<ov::Model>> model = parse(request);
  if (!model) return model;
  if (auto checked = check_inputs(**model, request); !checked) return tl::unexpected(std::move(checked.error()));
  if (fixed_shapes) {
    if (auto reshaped = reshape(**model, request); !reshaped) return tl::unexpected(std::move(reshaped.error()));
  }
  return model;
}

std::string output_name(const ov::Output<const ov::Node>& output) {
  // The ONNX reader names the node behind an output "NAME/sink_port_0".
  const std::string& node = output.get_node()->get_friendly_name();
  const std::string name = node.substr(0, node.rfind("/sink_port_"));
  return output.get_names().contains(name) ? name : output.get_any_name();
}

}  // namespace podium::openvino
