#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "onnx-ml.pb.h"

namespace podium::onnx {

[[nodiscard]] std::map<std::string, std::int64_t> count_operators(const ::onnx::GraphProto& graph);
[[nodiscard]] std::map<std::string, std::int64_t> count_weight_bytes(const ::onnx::GraphProto& graph);
/// Elements of stored tensors that are weights: neither indices (int64), nor texts, nor single numbers.
[[nodiscard]] std::int64_t count_parameters(const ::onnx::GraphProto& graph);

}  // namespace podium::onnx
