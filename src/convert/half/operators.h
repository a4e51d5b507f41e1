#pragma once

#include <cstdint>
#include <string_view>

#include "onnx-ml.pb.h"
#include "podium/types.h"

namespace podium::convert::half {

/// What becomes of an operator in a model of half precision.
enum class Role : std::uint8_t {
  arithmetic,  ///< a product or a convolution: what half precision pays for
  plain,       ///< computes or moves values as well in 16 bits as in 32
  exact,       ///< plain; but a chain of these that ends in whole numbers computes sizes and indices, which 16 bits cannot hold
  compare,     ///< gives booleans; reads its inputs as they are
  reader,      ///< takes a float of any width and gives none that depends on it: Shape, Cast
  branch,      ///< If: its graphs are converted for themselves
  wide,        ///< stays float32
};

/// The type of an input or output in an operator's signature.
enum class Slot : char {
  half = 'T',     ///< all of these have one type, that may be 16 bits wide
  free = 'U',     ///< may be 16 bits wide, whatever the others are
  single = 'f',   ///< float32, or kept so
  integer = 'i',  ///< int64
  boolean = 'b',
  other = '.',  ///< told by attributes, or no float
};

struct Operator {
  std::string_view type;
  std::int64_t float16_since = 0;  ///< the operator set in which its inputs may first be float16; 0: none
  std::int64_t bfloat16_since = 0;
  std::string_view signature;  ///< a Slot for each input, '>', a Slot for each output; '*' repeats the Slot before it
  Role role = Role::plain;
  std::string_view why = {};  ///< Role::wide: a sentence's end, "it …"

  [[nodiscard]] std::int64_t since(DataType type_wanted) const noexcept {
    return type_wanted == DataType::float16 ? float16_since : bfloat16_since;
  }
  [[nodiscard]] Slot input(int index) const noexcept;
  [[nodiscard]] Slot output(int index) const noexcept;
};

/// Null for operators of other domains and for those that the table lacks, which stay float32.
[[nodiscard]] const Operator* find_operator(const ::onnx::NodeProto& node) noexcept;

}  // namespace podium::convert::half
