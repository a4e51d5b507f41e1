#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include "podium/error.h"
#include "podium/types.h"

namespace podium {

/// The element type of a C++ type.
template <class Value>
struct ElementType;
template <>
struct ElementType<float> {
  static constexpr DataType value = DataType::float32;
};
template <>
struct ElementType<double> {
  static constexpr DataType value = DataType::float64;
};
template <>
struct ElementType<std::int8_t> {
  static constexpr DataType value = DataType::int8;
};
template <>
struct ElementType<std::int16_t> {
  static constexpr DataType value = DataType::int16;
};
template <>
struct ElementType<std::int32_t> {
  static constexpr DataType value = DataType::int32;
};
template <>
struct ElementType<std::int64_t> {
  static constexpr DataType value = DataType::int64;
};
template <>
struct ElementType<std::uint8_t> {
  static constexpr DataType value = DataType::uint8;
};
template <>
struct ElementType<std::uint16_t> {
  static constexpr DataType value = DataType::uint16;
};
template <>
struct ElementType<std::uint32_t> {
  static constexpr DataType value = DataType::uint32;
};
template <>
struct ElementType<std::uint64_t> {
  static constexpr DataType value = DataType::uint64;
};
template <>
struct ElementType<bool> {
  static constexpr DataType value = DataType::boolean;
};

/// Elements in row-major order: in memory that somebody else owns (view) or that this tensor shares with its copies (allocate).
/// Copying a tensor never copies elements.
class Tensor {
 public:
  /// Sees memory that must outlive every use. `device` says where it lies: "cpu", "cuda:0". Nothing is copied.
  [[nodiscard]] static Tensor view(std::string name, DataType type, Shape shape, const void* data, std::string device = "cpu");
  /// The same of a span; throws Exception(ErrorCode::wrong_use) where its length is not the shape's product.
  template <class Value>
  [[nodiscard]] static Tensor view(std::string name, std::span<Value> values, Shape shape) {
    return view_checked(std::move(name), ElementType<std::remove_const_t<Value>>::value, std::move(shape), values.data(), values.size());
  }
  /// The same of a vector or an array.
  template <class Values>
  requires requires(Values& values) { std::span(values); }
  [[nodiscard]] static Tensor view(std::string name, Values& values, Shape shape) {
    using Value = std::remove_cv_t<std::remove_pointer_t<decltype(std::data(values))>>;
    return view_checked(std::move(name), ElementType<Value>::value, std::move(shape), std::data(values), std::size(values));
  }
  /// New memory on the host, not initialized, aligned to 64 bytes.
  [[nodiscard]] static Tensor allocate(std::string name, DataType type, Shape shape);

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] DataType type() const noexcept { return type_; }
  [[nodiscard]] const Shape& shape() const noexcept { return shape_; }
  [[nodiscard]] const std::string& device() const noexcept { return device_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] const void* data() const noexcept { return data_; }
  /// To write to: memory of allocate(), or of a view that was taken of something writable.
  [[nodiscard]] void* mutable_data() noexcept { return const_cast<void*>(data_); }
  /// The elements; throws Exception(ErrorCode::wrong_use) where they are of another type or not on the host.
  template <class Value>
  [[nodiscard]] std::span<const Value> values() const {
    require_on_host(ElementType<Value>::value);
    return {static_cast<const Value*>(data_), bytes_ / sizeof(Value)};
  }

 private:
  [[nodiscard]] static Tensor view_checked(std::string name, DataType type, Shape shape, const void* data, std::size_t count);
  void require_on_host(DataType type) const;

  std::string name_;
  DataType type_ = DataType::float32;
  Shape shape_;
  const void* data_ = nullptr;
  std::string device_ = "cpu";
  std::size_t bytes_ = 0;
  std::shared_ptr<std::byte[]> owned_;
};

}  // namespace podium
