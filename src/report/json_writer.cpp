#include "report/json_writer.h"

#include <cmath>
#include <functional>
#include <string_view>

#include "podium/report.h"
#include "report/fields.h"
#include "report/missing.h"

namespace podium {
namespace report {
namespace {

Json encode(bool value) {
  return value;
}
Json encode(int value) {
  return value;
}
Json encode(std::int64_t value) {
  return value;
}
/// JSON has no infinity; a figure that is none is null like any other that cannot be had.
Json encode(double value) {
  return std::isfinite(value) ? Json(value) : Json();
}
Json encode(const std::string& value) {
  return value;
}
Json encode(const OptionValue& value) {
  return std::visit([](const auto& held) { return Json(held); }, value);
}
Json encode(Precision value) {
  return to_string(value);
}
Json encode(DataType value) {
  return to_string(value);
}
Json encode(CellStatus value) {
  return to_string(value);
}
Json encode(Verdict value) {
  return to_string(value);
}
Json encode(DropVerdict value) {
  return to_string(value);
}
Json encode(const Interval& interval) {
  return Json::array({encode(interval.low), encode(interval.high)});
}
Json encode(const NotKnown&) {
  return nullptr;
}
/// A fixed axis is its size; a free one its name, or null where it has none.
Json encode(const Dimension& dimension) {
  if (!dimension.is_free()) return dimension.size;
  return dimension.name.empty() ? Json() : Json(dimension.name);
}

template <typename T>
Json encode(const NullWhenEmpty<T>& wrapped) {
  return wrapped.text.empty() ? Json() : Json(wrapped.text);
}

template <typename T>
Json encode(const TotalBytes<T>& wrapped) {
  return Json{{"total_bytes", wrapped.bytes}};
}

template <typename T>
Json encode(const std::optional<T>& value);
template <typename T>
Json encode(const std::vector<T>& values);
template <typename T>
Json encode(const std::map<std::string, T>& values);
template <typename T, typename = decltype(sizeof(Fields<T>))>
Json encode(const T& value);
Json encode(const OutputError& error);
Json encode(const BlockLoad& load);
Json encode(const GpuLoad& load);
Json encode(const Block& block);

class Writer {
 public:
  template <typename T>
  void operator()(const char* key, const T& field) {
    object_[key] = encode(field);
  }
  [[nodiscard]] Json take() { return std::move(object_); }

 private:
  Json object_ = Json::object();
};

template <typename T, typename>
Json encode(const T& value) {
  Writer writer;
  Fields<T>::visit(writer, value);
  return writer.take();
}

/// Figures of a comparison that was never made are not 0.
Json encode(const OutputError& error) {
  Writer writer;
  Fields<OutputError>::visit(writer, error);
  Json object = writer.take();
  if (error.verdict != Verdict::not_checked) return object;
  for (const char* figure : {"sqnr_db", "max_abs", "mean_abs", "cosine"}) object[figure] = nullptr;
  return object;
}

/// A block stands there thousands of times: what the machine does not tell is left out, not null.
template <typename T>
Json encode_without_nulls(const T& value) {
  Writer writer;
  Fields<T>::visit(writer, value);
  const Json all = writer.take();
  Json object = Json::object();
  for (const auto& [key, field] : all.items()) {
    if (!field.is_null()) object[key] = field;
  }
  return object;
}
Json encode(const BlockLoad& load) {
  return encode_without_nulls(load);
}
Json encode(const GpuLoad& load) {
  return encode_without_nulls(load);
}
Json encode(const Block& block) {
  return encode_without_nulls(block);
}

template <typename T>
Json encode(const std::optional<T>& value) {
  return value ? encode(*value) : Json();
}

template <typename T>
Json encode(const std::vector<T>& values) {
  Json array = Json::array();
  for (const T& value : values) array.push_back(encode(value));
  return array;
}

template <typename T>
Json encode(const std::map<std::string, T>& values) {
  Json object = Json::object();
  for (const auto& [key, value] : values) object[key] = encode(value);
  return object;
}

/// Adds "missing": why each null of `object` is null.
Json explained(Json object, const std::function<std::string(const std::string& key)>& reason) {
  Json reasons = Json::object();
  for (const std::string& key : null_figures(object)) reasons[key] = reason(key);
  object["missing"] = std::move(reasons);
  return object;
}

}  // namespace

Json encode_block(const Block& block) {
  return encode(block);
}

Json encode_cell(const Cell& cell) {
  return explained(encode(cell), [&cell](const std::string& key) { return reason_for_missing(cell, key); });
}

Json encode_head(const Results& results) {
  Json head = encode(results);
  head["environment"] = explained(std::move(head["environment"]), reason_for_missing_fact);
  head["model"] = explained(std::move(head["model"]), reason_for_missing_fact);
  return head;
}

}  // namespace report

std::string to_json(const Results& results) {
  report::Json document = report::Json::object();
  document["schema"] = report::schema;
  document.update(report::encode_head(results));
  document["cells"] = report::Json::array();
  for (const Cell& cell : results.cells) {
    report::Json object = report::encode_cell(cell);
    report::Json blocks = report::Json::array();
    for (const Block& block : cell.blocks) blocks.push_back(report::encode_block(block));
    object["blocks"] = std::move(blocks);
    document["cells"].push_back(std::move(object));
  }
  return report::pretty(document);
}

}  // namespace podium
