#include "backends/onnxruntime/element_types.h"

#include <algorithm>
#include <array>

namespace podium::onnxruntime {
namespace {

struct Row {
  DataType ours;
  ONNXTensorElementDataType theirs;
  std::string_view onnx_name;
};

constexpr std::array<Row, 13> table{{
    {DataType::float32, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, "float"},
    {DataType::float64, ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE, "double"},
    {DataType::float16, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16, "float16"},
    {DataType::bfloat16, ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16, "bfloat16"},
    {DataType::int8, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8, "int8"},
    {DataType::int16, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16, "int16"},
    {DataType::int32, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32, "int32"},
    {DataType::int64, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64, "int64"},
    {DataType::uint8, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8, "uint8"},
    {DataType::uint16, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16, "uint16"},
    {DataType::uint32, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32, "uint32"},
    {DataType::uint64, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64, "uint64"},
    {DataType::boolean, ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL, "bool"},
}};

}  // namespace

std::optional<DataType> to_data_type(ONNXTensorElementDataType type) noexcept {
  const auto row = std::find_if(table.begin(), table.end(), [&](const Row& candidate) { return candidate.theirs == type; });
  return row == table.end() ? std::nullopt : std::optional(row->ours);
}

ONNXTensorElementDataType to_onnx_type(DataType type) noexcept {
  const auto row = std::find_if(table.begin(), table.end(), [&](const Row& candidate) { return candidate.ours == type; });
  return row == table.end() ? ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED : row->theirs;
}

std::string_view podium_name(std::string_view onnx_name) noexcept {
  const auto row = std::find_if(table.begin(), table.end(), [&](const Row& candidate) { return candidate.onnx_name == onnx_name; });
  return row == table.end() ? onnx_name : to_string(row->ours);
}

}  // namespace podium::onnxruntime
