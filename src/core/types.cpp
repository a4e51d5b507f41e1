#include "podium/types.h"

#include "core/name_table.h"

namespace podium {

namespace {

constexpr std::pair<DataType, std::string_view> data_types[] = {
    {DataType::float32, "float32"}, {DataType::float64, "float64"}, {DataType::float16, "float16"}, {DataType::bfloat16, "bfloat16"},
    {DataType::int8, "int8"},       {DataType::int16, "int16"},     {DataType::int32, "int32"},     {DataType::int64, "int64"},
    {DataType::uint8, "uint8"},     {DataType::uint16, "uint16"},   {DataType::uint32, "uint32"},   {DataType::uint64, "uint64"},
    {DataType::boolean, "bool"},
};

constexpr std::pair<Precision, std::string_view> precisions[] = {
    {Precision::fp32, "fp32"},
    {Precision::tf32, "tf32"},
    {Precision::bf16, "bf16"},
    {Precision::fp16, "fp16"},
    {Precision::int8_dynamic, "int8-dynamic"},
    {Precision::int8_static, "int8-static"},
};

constexpr std::pair<TimingBoundary, std::string_view> timing_boundaries[] = {
    {TimingBoundary::host, "host"},
    {TimingBoundary::device, "device"},
};

}  // namespace

std::string_view to_string(DataType type) noexcept {
  return name_in(data_types, type);
}

std::optional<DataType> parse_data_type(std::string_view name) noexcept {
  return value_in(data_types, name);
}

std::size_t size_of(DataType type) noexcept {
  switch (type) {
    case DataType::int8:
    case DataType::uint8:
    case DataType::boolean:
      return 1;
    case DataType::float16:
    case DataType::bfloat16:
    case DataType::int16:
    case DataType::uint16:
      return 2;
    case DataType::float32:
    case DataType::int32:
    case DataType::uint32:
      return 4;
    case DataType::float64:
    case DataType::int64:
    case DataType::uint64:
      return 8;
  }
  return 0;
}

std::string_view to_string(TimingBoundary boundary) noexcept {
  return name_in(timing_boundaries, boundary);
}

std::optional<TimingBoundary> parse_timing_boundary(std::string_view name) noexcept {
  return value_in(timing_boundaries, name);
}

std::string_view to_string(Precision precision) noexcept {
  return name_in(precisions, precision);
}

std::optional<Precision> parse_precision(std::string_view name) noexcept {
  return value_in(precisions, name);
}

const std::vector<Precision>& all_precisions() {
  static const std::vector<Precision> all = [] {
    std::vector<Precision> values;
    for (const auto& [precision, name] : precisions) values.push_back(precision);
    return values;
  }();
  return all;
}

}  // namespace podium
