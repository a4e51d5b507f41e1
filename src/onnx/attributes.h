#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "onnx-ml.pb.h"

namespace podium::onnx {

/// An attribute of a node; null where it has none of that name.
[[nodiscard]] const ::onnx::AttributeProto* find_attribute(const ::onnx::NodeProto& node, std::string_view name) noexcept;
[[nodiscard]] std::int64_t integer_attribute(const ::onnx::NodeProto& node, std::string_view name, std::int64_t otherwise);
/// Empty where it is not there.
[[nodiscard]] std::vector<std::int64_t> integers_attribute(const ::onnx::NodeProto& node, std::string_view name);
[[nodiscard]] std::string text_attribute(const ::onnx::NodeProto& node, std::string_view name);
[[nodiscard]] float float_attribute(const ::onnx::NodeProto& node, std::string_view name, float otherwise);
/// These add the attribute, or give it another value.
void set_integer_attribute(::onnx::NodeProto& node, std::string_view name, std::int64_t value);
void set_integers_attribute(::onnx::NodeProto& node, std::string_view name, const std::vector<std::int64_t>& values);
void set_float_attribute(::onnx::NodeProto& node, std::string_view name, float value);
void set_floats_attribute(::onnx::NodeProto& node, std::string_view name, const std::vector<float>& values);
void set_text_attribute(::onnx::NodeProto& node, std::string_view name, const std::string& value);
void remove_attribute(::onnx::NodeProto& node, std::string_view name);
/// "" and "ai.onnx": the operators of ONNX itself.
[[nodiscard]] bool is_standard(const ::onnx::NodeProto& node) noexcept;
/// The numbers of a small int32 or int64 tensor that is stored in the model itself.
[[nodiscard]] std::optional<std::vector<std::int64_t>> small_integers(const ::onnx::TensorProto& tensor);

}  // namespace podium::onnx
