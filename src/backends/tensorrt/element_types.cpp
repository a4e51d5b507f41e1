#include "backends/tensorrt/element_types.h"

#include <algorithm>

#include "backends/tensorrt/version.h"

namespace podium::tensorrt {

std::optional<DataType> to_data_type(nvinfer1::DataType type) noexcept {
  static constexpr auto table = version::types();
  const auto row = std::find_if(table.begin(), table.end(), [&](const version::TypeRow& it) { return it.theirs == type; });
  return row == table.end() ? std::nullopt : std::optional(row->ours);
}

bool is_narrowed(DataType declared, DataType in_engine) noexcept {
  return version::narrows_int64() && declared == DataType::int64 && in_engine == DataType::int32;
}

Shape to_shape(const nvinfer1::Dims& dims) {
  return {dims.d, dims.d + std::max(dims.nbDims, 0)};
}

nvinfer1::Dims to_dims(const Shape& shape) noexcept {
  nvinfer1::Dims dims{};
  dims.nbDims = static_cast<int>(std::min<std::size_t>(shape.size(), nvinfer1::Dims::MAX_DIMS));
  for (int axis = 0; axis < dims.nbDims; ++axis)
    dims.d[axis] = static_cast<std::remove_reference_t<decltype(dims.d[0])>>(shape[static_cast<std::size_t>(axis)]);
  return dims;
}

}  // namespace podium::tensorrt
