#include "report/json_reader.h"

#include <fmt/format.h>

#include <limits>
#include <type_traits>

#include "core/json.h"
#include "core/text.h"
#include "report/fields.h"

namespace podium::report {
namespace {

using nlohmann::json;

/// Where in the file a value of the wrong kind stands. Thrown inside this file only: every reader below would have to pass it on otherwise.
struct WrongValue {
  std::string path;
  std::string expected;
};

[[noreturn]] void wrong(std::string expected) {
  throw WrongValue{"", std::move(expected)};
}

void decode(const json& value, bool& out) {
  if (!value.is_boolean()) wrong("true or false");
  out = value.get<bool>();
}

void decode(const json& value, std::int64_t& out) {
  const bool too_large = value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  if (!value.is_number_integer() || too_large) wrong("a whole number");
  out = value.get<std::int64_t>();
}

void decode(const json& value, int& out) {
  std::int64_t wide = 0;
  decode(value, wide);
  if (wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max()) wrong("a small whole number");
  out = static_cast<int>(wide);
}

/// null stands for a figure that was not finite, or never taken.
void decode(const json& value, double& out) {
  if (value.is_null()) return;
  if (!value.is_number()) wrong("a number or null");
  out = value.get<double>();
}

void decode(const json& value, std::string& out) {
  if (!value.is_string()) wrong("text");
  out = value.get<std::string>();
}

void decode(const json& value, OptionValue& out) {
  const Result<OptionValue> option = option_from_json(value);
  if (!option) wrong("true, false, a whole number or text");
  out = *option;
}

template <typename Enum>
void decode_name(const json& value, Enum& out, std::optional<Enum> (*parse)(std::string_view) noexcept, const char* expected) {
  const std::optional<Enum> parsed = value.is_string() ? parse(value.get_ref<const std::string&>()) : std::nullopt;
  if (!parsed) wrong(expected);
  out = *parsed;
}
void decode(const json& value, Precision& out) {
  decode_name(value, out, parse_precision, "a precision");
}
void decode(const json& value, DataType& out) {
  decode_name(value, out, parse_data_type, "an element type");
}
void decode(const json& value, CellStatus& out) {
  decode_name(value, out, parse_cell_status, "a status");
}
void decode(const json& value, Verdict& out) {
  decode_name(value, out, parse_verdict, "a verdict");
}
void decode(const json& value, DropVerdict& out) {
  decode_name(value, out, parse_drop_verdict, "a verdict on a drop");
}

void decode(const json& value, Interval& out) {
  if (!value.is_array() || value.size() != 2) wrong("[low, high]");
  decode(value[0], out.low);
  decode(value[1], out.high);
}

void decode(const json& value, Dimension& out) {
  if (value.is_number_integer()) return decode(value, out.size);
  if (!value.is_null()) decode(value, out.name);
}

void decode(const json&, const NotKnown&) {}

template <typename T>
void decode(const json& value, const NullWhenEmpty<T>& out) {
  if (!value.is_null()) decode(value, out.text);
}

template <typename T>
void decode(const json& value, const TotalBytes<T>& out) {
  if (!value.is_object() || !value.contains("total_bytes")) wrong("an object with total_bytes");
  decode(value["total_bytes"], out.bytes);
}

template <typename T>
void decode(const json& value, std::optional<T>& out);
template <typename T>
void decode(const json& value, std::vector<T>& out);
template <typename T>
void decode(const json& value, std::map<std::string, T>& out);
template <typename T, typename = decltype(sizeof(Fields<T>))>
void decode(const json& value, T& out);

/// Decodes, and puts `step` before the path of whatever is wrong below.
template <typename T>
void decode_at(const json& value, T& out, const std::string& step) {
  try {
    decode(value, out);
  } catch (WrongValue& error) {
    error.path = error.path.empty() || error.path.front() == '[' ? step + error.path : step + "." + error.path;
    throw;
  }
}

class Reader {
 public:
  explicit Reader(const json& object) : object_(object) {
    if (!object.is_object()) wrong("an object");
  }
  template <typename T>
  void operator()(const char* key, T&& field) {
    if (const auto found = object_.find(key); found != object_.end()) decode_at(*found, field, key);
  }

 private:
  const json& object_;
};

template <typename T, typename>
void decode(const json& value, T& out) {
  Reader reader(value);
  Fields<T>::visit(reader, out);
}

template <typename T>
void decode(const json& value, std::optional<T>& out) {
  if (value.is_null()) return out.reset();
  decode(value, out.emplace());
}

template <typename T>
void decode(const json& value, std::vector<T>& out) {
  if (!value.is_array()) wrong("an array");
  out.clear();
  out.reserve(value.size());
  for (const json& item : value) decode_at(item, out.emplace_back(), fmt::format("[{}]", out.size()));
}

template <typename T>
void decode(const json& value, std::map<std::string, T>& out) {
  if (!value.is_object()) wrong("an object");
  out.clear();
  for (const auto& [key, item] : value.items()) decode_at(item, out[key], key);
}

void decode_whole_cell(const json& object, Cell& cell) {
  decode(object, cell);
  if (cell.id.empty()) throw WrongValue{"id", "the cell's name"};
  Reader reader(object);
  reader("missing", cell.missing);
  reader("blocks", cell.blocks);
}

/// Runs `read`, and turns a value of the wrong kind into an error that says where it stands.
template <typename Read>
Result<void> guarded(const Read& read) {
  try {
    read();
    return {};
  } catch (const WrongValue& error) {
    return fail(ErrorCode::bad_input, fmt::format("'{}' is not {}", printable(error.path), error.expected));
  }
}

void decode_document(const json& document, Results& results) {
  decode(document, results);
  const auto cells = document.find("cells");
  if (cells == document.end() || !cells->is_array()) throw WrongValue{"cells", "an array"};
  for (const json& object : *cells) {
    try {
      decode_whole_cell(object, results.cells.emplace_back());
    } catch (WrongValue& error) {
      error.path = fmt::format("cells[{}].{}", results.cells.size() - 1, error.path);
      throw;
    }
  }
}

}  // namespace

Result<Results> parse_results(std::string_view text, const std::string& what) {
  const std::string remedy = "give a file that podium wrote with --json";
  const Result<json> document = parse_json(text, what);
  if (!document) return fail(document.error().code, document.error().message, remedy);
  const auto found = document->is_object() ? document->find("schema") : document->end();
  if (found == document->end() || *found != schema) {
    return fail(ErrorCode::bad_input, fmt::format("{} is not a results file: its \"schema\" is not \"{}\"", what, schema), remedy);
  }
  Results results;
  if (const Result<void> read = guarded([&] { decode_document(*document, results); }); !read) {
    return fail(ErrorCode::bad_input, fmt::format("{}: {}", what, read.error().message), remedy);
  }
  return results;
}

Result<void> decode_head(const json& object, Results& results) {
  return guarded([&] { decode(object, results); });
}

Result<Cell> decode_cell(const json& object) {
  Cell cell;
  return guarded([&] { decode_whole_cell(object, cell); }).map([&] { return std::move(cell); });
}

Result<Block> decode_block(const json& object) {
  Block block;
  return guarded([&] { decode(object, block); }).map([&] { return std::move(block); });
}

}  // namespace podium::report
