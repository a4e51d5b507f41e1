#include "backends/onnxruntime/signature.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "backends/onnxruntime/element_types.h"
#include "core/text.h"

namespace podium::onnxruntime {
namespace {

std::vector<Dimension> read_dimensions(const Ort::ConstTensorTypeAndShapeInfo& info) {
  const std::vector<std::int64_t> sizes = info.GetShape();
  std::vector<const char*> names(sizes.size(), "");
  info.GetSymbolicDimensions(names.data(), names.size());
  std::vector<Dimension> dimensions;
  for (std::size_t i = 0; i < sizes.size(); ++i) dimensions.push_back({sizes[i], names[i]});
  return dimensions;
}

Result<TensorSpec> read_tensor(std::string name, const Ort::TypeInfo& type) {
  const std::optional<DataType> element =
      type.GetONNXType() == ONNX_TYPE_TENSOR ? to_data_type(type.GetTensorTypeAndShapeInfo().GetElementType()) : std::nullopt;
  if (!element) {
    return fail(ErrorCode::unsupported,
                fmt::format("'{}' is no tensor of numbers (a string, sequence or map): Podium cannot hand it over", printable(name)));
  }
  return TensorSpec{std::move(name), *element, read_dimensions(type.GetTensorTypeAndShapeInfo())};
}

}  // namespace

Result<Signature> read_signature(const Ort::Session& session) {
  const Ort::AllocatorWithDefaultOptions allocator;
  Signature signature;
  for (std::size_t i = 0; i < session.GetInputCount(); ++i) {
    Result<TensorSpec> spec = read_tensor(session.GetInputNameAllocated(i, allocator).get(), session.GetInputTypeInfo(i));
    if (!spec) return tl::unexpected(std::move(spec.error()));
    signature.inputs.push_back(std::move(*spec));
  }
  for (std::size_t i = 0; i < session.GetOutputCount(); ++i) {
    Result<TensorSpec> spec = read_tensor(session.GetOutputNameAllocated(i, allocator).get(), session.GetOutputTypeInfo(i));
    if (!spec) return tl::unexpected(std::move(spec.error()));
    signature.outputs.push_back(std::move(*spec));
  }
  return signature;
}

std::map<std::string, std::int64_t> free_axis_sizes(const std::vector<TensorSpec>& declared, const std::vector<backend::InputSpec>& given) {
  std::map<std::string, std::int64_t> sizes;
  std::map<std::string, bool> contradicted;
  for (const TensorSpec& spec : declared) {
    const auto input = std::find_if(given.begin(), given.end(), [&](const backend::InputSpec& it) { return it.name == spec.name; });
    if (input == given.end()) continue;
    for (std::size_t i = 0; i < spec.dimensions.size() && i < input->shape.size(); ++i) {
      const Dimension& axis = spec.dimensions[i];
      if (!axis.is_free() || axis.name.empty()) continue;
      const auto [known, added] = sizes.emplace(axis.name, input->shape[i]);
      if (!added && known->second != input->shape[i]) contradicted[axis.name] = true;
    }
  }
  for (const auto& [name, _] : contradicted) sizes.erase(name);
  return sizes;
}

}  // namespace podium::onnxruntime
