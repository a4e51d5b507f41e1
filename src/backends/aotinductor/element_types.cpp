#include "backends/aotinductor/element_types.h"

#include <algorithm>
#include <array>

namespace podium::aotinductor {
namespace {

struct Row {
  DataType ours;
  c10::ScalarType theirs;
  std::string_view kernel_name;
};

constexpr std::array<Row, 13> table{{
    {DataType::float32, c10::ScalarType::Float, "float"},
    {DataType::float64, c10::ScalarType::Double, "double"},
    {DataType::float16, c10::ScalarType::Half, "half"},
    {DataType::bfloat16, c10::ScalarType::BFloat16, "bfloat16"},
    {DataType::int8, c10::ScalarType::Char, "int8_t"},
    {DataType::int16, c10::ScalarType::Short, "int16_t"},
    {DataType::int32, c10::ScalarType::Int, "int32_t"},
    {DataType::int64, c10::ScalarType::Long, "int64_t"},
    {DataType::uint8, c10::ScalarType::Byte, "uint8_t"},
    {DataType::uint16, c10::ScalarType::UInt16, "uint16_t"},
    {DataType::uint32, c10::ScalarType::UInt32, "uint32_t"},
    {DataType::uint64, c10::ScalarType::UInt64, "uint64_t"},
    {DataType::boolean, c10::ScalarType::Bool, "bool"},
}};

}  // namespace

std::optional<DataType> to_data_type(c10::ScalarType type) noexcept {
  const auto* const row = std::find_if(table.begin(), table.end(), [&](const Row& it) { return it.theirs == type; });
  return row == table.end() ? std::nullopt : std::optional(row->ours);
}

c10::ScalarType to_scalar_type(DataType type) noexcept {
  const auto* const row = std::find_if(table.begin(), table.end(), [&](const Row& it) { return it.ours == type; });
  return row == table.end() ? c10::ScalarType::Undefined : row->theirs;
}

std::string podium_name(std::string_view torch_name) {
  const auto* const row = std::find_if(table.begin(), table.end(), [&](const Row& it) { return it.kernel_name == torch_name; });
  return row == table.end() ? std::string(torch_name) : std::string(to_string(row->ours));
}

}  // namespace podium::aotinductor
