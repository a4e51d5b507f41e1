#include "onnx/tensor_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "onnx/shown_name.h"
#include "onnx/tensor_types.h"

namespace podium::onnx {

namespace {

using ::onnx::TensorProto;

tl::unexpected<Error> damaged(const TensorProto& tensor, const std::string& how) {
  return fail(ErrorCode::bad_input, fmt::format("the model's tensor '{}' {}", shown_name(tensor.name()), how),
              "export or download the model again");
}

/// Elements in whichever of the typed fields is filled; a complex number takes two.
std::int64_t typed_entries(const TensorProto& tensor) {
  return std::max({tensor.float_data_size(), tensor.int32_data_size(), tensor.int64_data_size(), tensor.double_data_size(),
                   tensor.uint64_data_size(), tensor.string_data_size()});
}

/// Entries of a typed field that `count` elements take.
std::int64_t entries_needed(const ElementType& type, std::int64_t count) {
  const bool is_complex = type.number == TensorProto::COMPLEX64 || type.number == TensorProto::COMPLEX128;
  if (is_complex) return 2 * count;
  const bool several_in_a_byte = type.bits > 0 && type.bits < 8;
  return several_in_a_byte ? stored_bytes(type, count).value_or(count) : count;
}

}  // namespace

std::optional<std::int64_t> element_count(const TensorProto& tensor) noexcept {
  std::int64_t count = 1;
  for (const std::int64_t size : tensor.dims()) {
    if (size < 0 || __builtin_mul_overflow(count, size, &count)) return std::nullopt;
  }
  return count;
}

Result<void> check_tensor(const TensorProto& tensor, ExternalData& external) {
  const std::optional<ElementType> type = element_type(tensor.data_type());
  if (!type) return damaged(tensor, fmt::format("has a type that ONNX does not know: number {}", tensor.data_type()));
  const std::optional<std::int64_t> count = element_count(tensor);
  if (!count) return damaged(tensor, "has dimensions that are negative or too large");
  const std::optional<std::int64_t> bytes = stored_bytes(*type, *count);
  if (type->bits > 0 && !bytes) return damaged(tensor, "has dimensions that are too large");

  if (tensor.data_location() == TensorProto::EXTERNAL) return external.check(tensor, bytes.value_or(-1));
  if (tensor.has_raw_data()) {
    const auto stored = static_cast<std::int64_t>(tensor.raw_data().size());
    if (bytes && stored != *bytes) return damaged(tensor, fmt::format("holds {} bytes where its shape needs {}", stored, *bytes));
    return {};
  }
  if (type->bits == 0 && type->number != TensorProto::STRING) return {};
  const std::int64_t needed = entries_needed(*type, *count);
  if (typed_entries(tensor) != needed)
    return damaged(tensor, fmt::format("holds {} values where its shape needs {}", typed_entries(tensor), needed));
  return {};
}

}  // namespace podium::onnx
