#include "onnx/tensor_types.h"

namespace podium::onnx {

namespace {

constexpr std::optional<DataType> none = std::nullopt;

constexpr ElementType element_types[] = {
    {1, "float32", 32, DataType::float32},
    {2, "uint8", 8, DataType::uint8},
    {3, "int8", 8, DataType::int8},
    {4, "uint16", 16, DataType::uint16},
    {5, "int16", 16, DataType::int16},
    {6, "int32", 32, DataType::int32},
    {7, "int64", 64, DataType::int64},
    {8, "string", 0, none},
    {9, "bool", 8, DataType::boolean},
    {10, "float16", 16, DataType::float16},
    {11, "float64", 64, DataType::float64},
    {12, "uint32", 32, DataType::uint32},
    {13, "uint64", 64, DataType::uint64},
    {14, "complex64", 64, none},
    {15, "complex128", 128, none},
    {16, "bfloat16", 16, DataType::bfloat16},
    {17, "float8e4m3fn", 8, none},
    {18, "float8e4m3fnuz", 8, none},
    {19, "float8e5m2", 8, none},
    {20, "float8e5m2fnuz", 8, none},
    {21, "uint4", 4, none},
    {22, "int4", 4, none},
    {23, "float4e2m1", 4, none},
    {24, "float8e8m0", 8, none},
    {25, "uint2", 2, none},
    {26, "int2", 2, none},
    {27, "float6e2m3", 0, none},
    {28, "float6e3m2", 0, none},
};

}  // namespace

std::optional<ElementType> element_type(int number) noexcept {
  for (const ElementType& type : element_types) {
    if (type.number == number) return type;
  }
  return std::nullopt;
}

int element_number(DataType type) noexcept {
  for (const ElementType& element : element_types) {
    if (element.data_type == type) return element.number;
  }
  return 0;
}

std::optional<std::int64_t> stored_bytes(const ElementType& type, std::int64_t count) noexcept {
  std::int64_t bits = 0;
  if (type.bits == 0 || count < 0 || __builtin_mul_overflow(count, std::int64_t{type.bits}, &bits)) return std::nullopt;
  return bits / 8 + (bits % 8 != 0 ? 1 : 0);
}

}  // namespace podium::onnx
