#include "backends/openvino/element_types.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace podium::openvino {
namespace {

struct Row {
  DataType ours;
  ov::element::Type_t theirs;
  std::string_view name;
};

constexpr std::array<Row, 13> table{{
    {DataType::float32, ov::element::Type_t::f32, "f32"},
    {DataType::float64, ov::element::Type_t::f64, "f64"},
    {DataType::float16, ov::element::Type_t::f16, "f16"},
    {DataType::bfloat16, ov::element::Type_t::bf16, "bf16"},
    {DataType::int8, ov::element::Type_t::i8, "i8"},
    {DataType::int16, ov::element::Type_t::i16, "i16"},
    {DataType::int32, ov::element::Type_t::i32, "i32"},
    {DataType::int64, ov::element::Type_t::i64, "i64"},
    {DataType::uint8, ov::element::Type_t::u8, "u8"},
    {DataType::uint16, ov::element::Type_t::u16, "u16"},
    {DataType::uint32, ov::element::Type_t::u32, "u32"},
    {DataType::uint64, ov::element::Type_t::u64, "u64"},
    {DataType::boolean, ov::element::Type_t::boolean, "boolean"},
}};

}  // namespace

std::optional<DataType> to_data_type(const ov::element::Type& type) noexcept {
  const auto* const row = std::find_if(table.begin(), table.end(), [&](const Row& it) { return type == it.theirs; });
  return row == table.end() ? std::nullopt : std::optional(row->ours);
}

ov::element::Type to_element_type(DataType type) noexcept {
  const auto* const row = std::find_if(table.begin(), table.end(), [&](const Row& it) { return it.ours == type; });
  return row == table.end() ? ov::element::Type() : ov::element::Type(row->theirs);
}

std::string podium_name(const std::string& openvino_name) {
  const auto* const row = std::find_if(table.begin(), table.end(), [&](const Row& it) { return it.name == openvino_name; });
  return row == table.end() ? openvino_name : std::string(to_string(row->ours));
}

}  // namespace podium::openvino
