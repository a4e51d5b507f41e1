#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "core/result.h"
#include "onnx-ml.pb.h"
#include "podium/types.h"

namespace podium::convert::half {

/// What a 16-bit type can hold.
struct Limits {
  float largest = 0.0F;
  float smallest_normal = 0.0F;  ///< below it numbers lose digits, down to none
};
[[nodiscard]] Limits limits_of(DataType type) noexcept;

/// The sizes of a tensor's numbers, gathered in any number of pieces.
class Magnitudes {
 public:
  explicit Magnitudes(DataType type) : limits_(limits_of(type)) {}
  void observe(std::span<const float> values) noexcept;
  [[nodiscard]] float largest() const noexcept { return largest_; }  ///< of finite |x|
  [[nodiscard]] bool fits() const noexcept { return largest_ <= limits_.largest; }
  /// Whether each number beyond the range is one that stands for minus infinity, as attention masks have them: -1e9 and less.
  [[nodiscard]] bool is_mask() const noexcept { return !fits() && !has_large_number_; }
  /// Whether more than half of the sum of |x| is below the type's normal numbers. Counted by size: many small numbers beside large ones, as
  /// after a Softmax, do no harm.
  [[nodiscard]] bool is_mostly_subnormal() const noexcept { return sum_ > 0.0 && 2.0 * subnormal_sum_ > sum_; }
  /// Why the numbers cannot be held, the sentence's end behind a value's name; empty where they can.
  [[nodiscard]] std::string objection(DataType type) const;

 private:
  Limits limits_;
  float largest_ = 0.0F;
  double sum_ = 0.0;
  double subnormal_sum_ = 0.0;
  bool has_large_number_ = false;
};

/// A float32 tensor in 16 bits, under another name. Finite numbers beyond the range become its ends.
[[nodiscard]] Result<::onnx::TensorProto> narrowed(const ::onnx::TensorProto& tensor, const std::string& name, DataType type);

}  // namespace podium::convert::half
