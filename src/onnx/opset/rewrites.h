#pragma once

#include "onnx/opset/rules.h"

/// The rewrites of the tables in rules.cpp. "raise" goes to the version of the rule, "lower" to the one before it.
namespace podium::onnx {

/// Half a sentence on why an operator has no equal.
[[nodiscard]] tl::unexpected<Error> no_equal(std::string why);

Result<void> raise_softmax(OpsetScope& scope, ::onnx::NodeProto& node);
Result<void> lower_softmax(OpsetScope& scope, ::onnx::NodeProto& node);

Result<void> raise_upsample_10(OpsetScope& scope, ::onnx::NodeProto& node);
Result<void> raise_resize_11(OpsetScope& scope, ::onnx::NodeProto& node);
Result<void> raise_resize_13(OpsetScope& scope, ::onnx::NodeProto& node);
Result<void> lower_resize_13(OpsetScope& scope, ::onnx::NodeProto& node);
Result<void> lower_resize_18(OpsetScope& scope, ::onnx::NodeProto& node);

Result<void> raise_batch_norm_9(OpsetScope& scope, ::onnx::NodeProto& node);
Result<void> raise_batch_norm_14(OpsetScope& scope, ::onnx::NodeProto& node);
Result<void> raise_group_norm_21(OpsetScope& scope, ::onnx::NodeProto& node);
Result<void> lower_group_norm_21(OpsetScope& scope, ::onnx::NodeProto& node);
Result<void> lower_group_norm_18(OpsetScope& scope, ::onnx::NodeProto& node);
Result<void> lower_layer_norm(OpsetScope& scope, ::onnx::NodeProto& node);
Result<void> lower_rms_norm(OpsetScope& scope, ::onnx::NodeProto& node);

Result<void> raise_split_18(OpsetScope& scope, ::onnx::NodeProto& node);
Result<void> lower_split_18(OpsetScope& scope, ::onnx::NodeProto& node);
Result<void> lower_pad_18(OpsetScope& scope, ::onnx::NodeProto& node);
Result<void> lower_reshape_14(OpsetScope& scope, ::onnx::NodeProto& node);
Result<void> lower_shape_15(OpsetScope& scope, ::onnx::NodeProto& node);
Result<void> lower_reduction(OpsetScope& scope, ::onnx::NodeProto& node);
Result<void> lower_constant_12(OpsetScope& scope, ::onnx::NodeProto& node);

Result<void> lower_gelu(OpsetScope& scope, ::onnx::NodeProto& node);
Result<void> lower_mish(OpsetScope& scope, ::onnx::NodeProto& node);
Result<void> lower_hard_swish(OpsetScope& scope, ::onnx::NodeProto& node);
Result<void> lower_swish(OpsetScope& scope, ::onnx::NodeProto& node);
Result<void> lower_greater_or_equal(OpsetScope& scope, ::onnx::NodeProto& node);
Result<void> lower_less_or_equal(OpsetScope& scope, ::onnx::NodeProto& node);

}  // namespace podium::onnx
