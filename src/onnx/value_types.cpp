#include "onnx/value_types.h"

#include <fmt/format.h>

#include <set>
#include <string>

#include "onnx/shown_name.h"
#include "onnx/tensor_types.h"

namespace podium::onnx {

namespace {

using ::onnx::TypeProto;
using ::onnx::ValueInfoProto;

std::string_view kind_name(const TypeProto& type) {
  switch (type.value_case()) {
    case TypeProto::kTensorType:
      return "a tensor";
    case TypeProto::kSequenceType:
      return "a sequence";
    case TypeProto::kMapType:
      return "a map";
    case TypeProto::kOptionalType:
      return "an optional value";
    case TypeProto::kSparseTensorType:
      return "a sparse tensor";
    case TypeProto::kOpaqueType:
      return "an opaque value";
    case TypeProto::VALUE_NOT_SET:
      break;
  }
  return "a value without a type";
}

std::string described(std::string_view role, const ValueInfoProto& value) {
  return fmt::format("the model's {} '{}'", role, shown_name(value.name()));
}

Result<std::vector<Dimension>> read_dimensions(std::string_view role, const ValueInfoProto& value, const ElementType& element) {
  std::vector<Dimension> dimensions;
  std::int64_t bytes = element.bits / 8;
  for (const auto& declared : value.type().tensor_type().shape().dim()) {
    Dimension dimension;
    dimension.name = declared.dim_param();
    // Some exporters write -1 where the axis is free.
    if (declared.has_dim_value() && declared.dim_value() != -1) dimension.size = declared.dim_value();
    if (dimension.size < -1) {
      return fail(ErrorCode::bad_input, fmt::format("{} has an axis of size {}", described(role, value), dimension.size),
                  "export the model again");
    }
    if (!dimension.is_free() && __builtin_mul_overflow(bytes, dimension.size, &bytes)) {
      return fail(ErrorCode::bad_input, fmt::format("{} is larger than any memory", described(role, value)), "export the model again");
    }
    dimensions.push_back(std::move(dimension));
  }
  return dimensions;
}

Result<TensorSpec> read_value(std::string_view role, const ValueInfoProto& value) {
  if (value.name().empty())
    return fail(ErrorCode::bad_input, fmt::format("an {} of the model has no name", role), "export the model again");
  if (value.type().value_case() == TypeProto::VALUE_NOT_SET) {
    return fail(ErrorCode::bad_input, fmt::format("{} has no type", described(role, value)), "export the model again");
  }
  if (!value.type().has_tensor_type()) {
    return fail(ErrorCode::unsupported,
                fmt::format("{} is {}, and Podium knows tensors only", described(role, value), kind_name(value.type())),
                "export the model with plain tensors as inputs and outputs");
  }
  const int number = value.type().tensor_type().elem_type();
  const std::optional<ElementType> element = element_type(number);
  if (!element || !element->data_type) {
    return fail(ErrorCode::unsupported,
                fmt::format("{} holds elements of type {}, which Podium cannot feed to an engine", described(role, value),
                            element ? std::string(element->name) : fmt::format("number {}", number)),
                "move that part of the model out of it, so that inputs and outputs are numbers");
  }
  Result<std::vector<Dimension>> dimensions = read_dimensions(role, value, *element);
  if (!dimensions) return tl::unexpected(dimensions.error());
  return TensorSpec{value.name(), *element->data_type, std::move(*dimensions)};
}

}  // namespace

Result<std::vector<TensorSpec>> read_inputs(const ::onnx::GraphProto& graph) {
  std::set<std::string_view> initializers;
  for (const auto& tensor : graph.initializer()) initializers.insert(tensor.name());
  for (const auto& tensor : graph.sparse_initializer()) initializers.insert(tensor.values().name());
  std::set<std::string_view> seen;
  std::vector<TensorSpec> inputs;
  for (const ValueInfoProto& value : graph.input()) {
    if (initializers.contains(value.name())) continue;
    Result<TensorSpec> input = read_value("input", value);
    if (!input) return tl::unexpected(input.error());
    if (!value.type().tensor_type().has_shape()) {
      return fail(ErrorCode::unsupported, fmt::format("{} declares no shape", described("input", value)),
                  "export the model with the shapes of its inputs");
    }
    if (!seen.insert(value.name()).second) {
      return fail(ErrorCode::bad_input, fmt::format("{} is there twice", described("input", value)), "export the model again");
    }
    inputs.push_back(std::move(*input));
  }
  return inputs;
}

Result<std::vector<TensorSpec>> read_outputs(const ::onnx::GraphProto& graph) {
  std::vector<TensorSpec> outputs;
  std::optional<Error> left_out;
  for (const ValueInfoProto& value : graph.output()) {
    Result<TensorSpec> output = read_value("output", value);
    if (!output && output.error().code != ErrorCode::unsupported) return tl::unexpected(output.error());
    if (output) {
      outputs.push_back(std::move(*output));
    } else {
      left_out = output.error();
    }
  }
  if (outputs.empty() && left_out) return tl::unexpected(*left_out);
  if (outputs.empty()) return fail(ErrorCode::bad_input, "the model has no output", "export the model again");
  return outputs;
}

}  // namespace podium::onnx
