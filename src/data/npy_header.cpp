#include "data/npy_header.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>

#include "core/name_table.h"
#include "core/text.h"

namespace podium::data {

namespace {

constexpr std::pair<DataType, std::string_view> descriptions[] = {
    {DataType::float32, "<f4"}, {DataType::float64, "<f8"}, {DataType::float16, "<f2"}, {DataType::int8, "|i1"},
    {DataType::int16, "<i2"},   {DataType::int32, "<i4"},   {DataType::int64, "<i8"},   {DataType::uint8, "|u1"},
    {DataType::uint16, "<u2"},  {DataType::uint32, "<u4"},  {DataType::uint64, "<u8"},  {DataType::boolean, "|b1"},
};

tl::unexpected<Error> refuse(std::string reason, std::string remedy = "save the array again with numpy.save or numpy.savez") {
  return fail(ErrorCode::bad_input, std::move(reason), std::move(remedy));
}

/// Takes tokens off the front of the header's text.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool take(std::string_view token) {
    skip_space();
    if (!text_.starts_with(token)) return false;
    text_.remove_prefix(token.size());
    return true;
  }
  std::optional<std::string_view> quoted() {
    skip_space();
    const char quote = text_.empty() ? '\0' : text_.front();
    if (quote != '\'' && quote != '"') return std::nullopt;
    const std::size_t end = text_.find(quote, 1);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view content = text_.substr(1, end - 1);
    text_.remove_prefix(end + 1);
    return content;
  }
  std::optional<std::int64_t> number() {
    skip_space();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    if (error != std::errc()) return std::nullopt;
    text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
    take("L");  // Python 2 wrote long integers so
    return value;
  }

 private:
  void skip_space() {
    const std::size_t first = text_.find_first_not_of(" \t\n\r");
    text_.remove_prefix(first == std::string_view::npos ? text_.size() : first);
  }
  std::string_view text_;
};

std::optional<bool> read_flag(Reader& reader) {
  if (reader.take("True")) return true;
  if (reader.take("False")) return false;
  return std::nullopt;
}

std::optional<Shape> read_shape(Reader& reader) {
  constexpr std::size_t most_axes = 64;  // NumPy's own limit
  if (!reader.take("(")) return std::nullopt;
  Shape shape;
  while (!reader.take(")")) {
    const std::optional<std::int64_t> size = reader.number();
    if (!size || *size < 0 || shape.size() == most_axes) return std::nullopt;
    shape.push_back(*size);
    if (reader.take(",")) continue;
    if (!reader.take(")")) return std::nullopt;
    break;
  }
  return shape;
}

Result<DataType> type_of(std::string_view description) {
  if (const std::optional<DataType> type = value_in(descriptions, description)) return *type;
  const std::string shown = printable(description.substr(0, 20));
  if (description.starts_with('>'))
    return refuse(fmt::format("it is big-endian ('{}')", shown), "save array.astype(array.dtype.newbyteorder('<'))");
  if (description.ends_with('O')) return refuse("it holds Python objects", "save an array of numbers: array.astype('float32')");
  return refuse(fmt::format("its elements are '{}', which are no plain numbers", shown),
                "save an array of numbers: array.astype('float32')");
}

struct Fields {
  std::optional<std::string_view> description;
  std::optional<bool> fortran_order;
  std::optional<Shape> shape;
};

/// False where the dictionary cannot be read, or holds other keys.
bool read_fields(Reader& reader, Fields& fields) {
  if (!reader.take("{")) return false;
  while (!reader.take("}")) {
    const std::optional<std::string_view> key = reader.quoted();
    if (!key || !reader.take(":")) return false;
    if (*key == "descr") {
      fields.description = reader.quoted();
      if (!fields.description) return false;
    } else if (*key == "fortran_order") {
      fields.fortran_order = read_flag(reader);
      if (!fields.fortran_order) return false;
    } else if (*key == "shape") {
      fields.shape = read_shape(reader);
      if (!fields.shape) return false;
    } else {
      return false;
    }
    if (reader.take(",")) continue;
    return reader.take("}");
  }
  return true;
}

}  // namespace

Result<NpyHeader> parse_npy_header(std::string_view text) {
  Reader reader(text);
  Fields fields;
  const bool is_record = text.find("'descr': [") != std::string_view::npos;
  if (is_record) return refuse("it holds records", "save each field as an array of its own");
  if (!read_fields(reader, fields) || !fields.description || !fields.fortran_order || !fields.shape) return refuse("its header is damaged");
  const Result<DataType> type = type_of(*fields.description);
  if (!type) return tl::unexpected(type.error());
  if (*fields.fortran_order) return refuse("it is in Fortran order", "save numpy.ascontiguousarray(array)");
  return NpyHeader{*type, std::move(*fields.shape)};
}

}  // namespace podium::data
