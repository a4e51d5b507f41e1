#include "report/json_reader.h"

#include <fmt/format.h>

#include <functional>
#include <utility>

#include "core/json.h"
#include "core/text.h"
#include "report/cell_fields.h"
#include "report/run_fields.h"

namespace podium::report {
namespace {

using nlohmann::json;

using Decoder = codec::Decoder<ResultsSchema>;

void decode_whole_cell(const json& object, Cell& cell) {
  Decoder::decode(object, cell);
  if (cell.id.empty()) throw codec::WrongValue{"id", "the cell's name"};
  Decoder::decode_key(object, "missing", cell.missing);
  Decoder::decode_key(object, "blocks", cell.blocks);
  Decoder::decode_key(object, "throughput_blocks", cell.throughput_blocks);
}

Result<void> guarded(const std::function<void()>& read) {
  const auto wrong = codec::decode_guarded(read);
  if (!wrong) return {};
  return fail(ErrorCode::bad_input, fmt::format("'{}' is not {}", printable(wrong->path), wrong->expected));
}

void decode_document(const json& document, Results& results) {
  Decoder::decode(document, results);
  const auto cells = document.find("cells");
  if (cells == document.end() || !cells->is_array()) throw codec::WrongValue{"cells", "a list"};
  for (const json& object : *cells) {
    try {
      decode_whole_cell(object, results.cells.emplace_back());
    } catch (codec::WrongValue& error) {
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
  return guarded([&] { Decoder::decode(object, results); });
}

Result<Cell> decode_cell(const json& object) {
  Cell cell;
  return guarded([&] { decode_whole_cell(object, cell); }).map([&] { return std::move(cell); });
}

Result<Block> decode_block(const json& object) {
  Block block;
  return guarded([&] { Decoder::decode(object, block); }).map([&] { return std::move(block); });
}

Result<ThroughputBlock> decode_throughput_block(const json& object) {
  ThroughputBlock block;
  return guarded([&] { Decoder::decode(object, block); }).map([&] { return std::move(block); });
}

}  // namespace podium::report
