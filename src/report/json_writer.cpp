#include "report/json_writer.h"

#include <functional>
#include <utility>
#include <vector>

#include "podium/report.h"
#include "report/cell_fields.h"
#include "report/missing.h"
#include "report/run_fields.h"

namespace podium {
namespace report {
namespace {

using Encoder = codec::Encoder<ResultsSchema>;

/// Figures of a comparison that was never made are not 0.
void forget_unchecked(Json& error) {
  if (error["verdict"] != to_string(Verdict::not_checked)) return;
  for (const char* figure : {"sqnr_db", "max_abs", "mean_abs", "cosine"}) error[figure] = nullptr;
}

template <typename B>
Json encode_blocks(const std::vector<B>& blocks) {
  Json list = Json::array();
  for (const B& block : blocks) list.push_back(encode_block(block));
  return list;
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
  return Encoder::encode(block);
}

Json encode_block(const ThroughputBlock& block) {
  return Encoder::encode(block);
}

Json encode_cell(const Cell& cell) {
  Json object = Encoder::encode(cell);
  forget_unchecked(object["output_error"]);
  object = explained(std::move(object), [&cell](const std::string& key) { return reason_for_missing(cell, key); });
  // A block leaves out what is null, so the cell says why for all of them.
  for (const auto& [key, reason] : cell.missing) {
    if (key.starts_with("blocks.")) object["missing"][key] = reason;
  }
  return object;
}

Json encode_head(const Results& results) {
  Json head = Encoder::encode(results);
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
    object["blocks"] = report::encode_blocks(cell.blocks);
    object["throughput_blocks"] = report::encode_blocks(cell.throughput_blocks);
    document["cells"].push_back(std::move(object));
  }
  return report::pretty(document);
}

}  // namespace podium
