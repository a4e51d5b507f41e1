#include "report/journal_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/files.h"
#include "core/json.h"
#include "core/text.h"
#include "report/json_reader.h"
#include "report/results_schema.h"

namespace podium::report {
namespace {

Cell& cell_named(Results& results, const std::string& id) {
  const auto found = std::find_if(results.cells.begin(), results.cells.end(), [&id](const Cell& cell) { return cell.id == id; });
  if (found != results.cells.end()) return *found;
  results.cells.emplace_back().id = id;
  return results.cells.back();
}

/// The last state written of a cell counts; its blocks came on lines of their own. What was measured under another key (an older engine,
/// say) is not this cell's.
Result<void> take_cell(const nlohmann::json& line, EarlierRun& run) {
  Result<Cell> cell = decode_cell(line.value("cell", nlohmann::json()));
  if (!cell) return tl::unexpected(cell.error());
  Cell& known = cell_named(run.results, cell->id);
  const bool is_another = !known.key.empty() && !cell->key.empty() && known.key != cell->key;
  const auto anew = line.find("begins_anew");
  const bool begins_anew = anew != line.end() && anew->is_boolean() && anew->get<bool>();
  if (!is_another && !begins_anew) {
    cell->blocks = std::move(known.blocks);
    cell->throughput_blocks = std::move(known.throughput_blocks);
  }
  known = std::move(*cell);
  return {};
}

template <typename B>
Result<void> take_block_of(const nlohmann::json& line, EarlierRun& run, Result<B> (*decode)(const nlohmann::json&),
                           std::vector<B> Cell::*blocks) {
  const auto id = line.find("cell");
  if (id == line.end() || !id->is_string()) return fail(ErrorCode::bad_input, "a block names no cell");
  Result<B> block = decode(line.value("block", nlohmann::json()));
  if (!block) return tl::unexpected(block.error());
  if (const auto at = line.find("at_s"); at != line.end() && at->is_number()) run.seconds_of_blocks[block->start_ns] = at->get<double>();
  (cell_named(run.results, id->get<std::string>()).*blocks).push_back(std::move(*block));
  return {};
}

Result<void> take_block(const nlohmann::json& line, EarlierRun& run) {
  return take_block_of(line, run, decode_block, &Cell::blocks);
}

Result<void> take_throughput_block(const nlohmann::json& line, EarlierRun& run) {
  return take_block_of(line, run, decode_throughput_block, &Cell::throughput_blocks);
}

Result<void> take_head(const nlohmann::json& line, EarlierRun& run) {
  if (line.value("schema", "") != schema) return fail(ErrorCode::bad_input, fmt::format("its \"schema\" is not \"{}\"", schema));
  return decode_head(line.value("run", nlohmann::json()), run.results);
}

Result<SeenProcess> seen_process(const nlohmann::json& process) {
  const auto is_number = [&](const char* key) { return process.contains(key) && process.at(key).is_number(); };
  if (!process.is_object() || !is_number("pid") || !is_number("cpus") || !process.contains("name") || !process.at("name").is_string())
    return fail(ErrorCode::bad_input, "a program that was seen lacks its number, name or CPUs");
  return SeenProcess{process.at("pid").get<std::int64_t>(), process.at("name").get<std::string>(), process.at("cpus").get<double>()};
}

Result<void> take_seen(const nlohmann::json& line, EarlierRun& run) {
  const auto batch = line.find("batch");
  const auto processes = line.find("processes");
  if (batch == line.end() || !batch->is_number() || processes == line.end() || !processes->is_array())
    return fail(ErrorCode::bad_input, "programs that were seen lack their batch size");
  SeenScan scan{batch->get<std::int64_t>(), {}};
  for (const nlohmann::json& process : *processes) {
    Result<SeenProcess> seen = seen_process(process);
    if (!seen) return tl::unexpected(seen.error());
    scan.processes.push_back(std::move(*seen));
  }
  run.seen.push_back(std::move(scan));
  return {};
}

Result<void> take_end(const nlohmann::json& /*line*/, EarlierRun& run) {
  run.has_ended = true;
  return {};
}

Result<void> take_line(std::string_view text, EarlierRun& run) {
  const Result<nlohmann::json> line = parse_json(text, "the line");
  if (!line) return tl::unexpected(line.error());
  if (!line->is_object()) return fail(ErrorCode::bad_input, "the line is no JSON object");
  const auto kind = line->find("kind");
  using Take = Result<void> (*)(const nlohmann::json&, EarlierRun&);
  static constexpr std::pair<std::string_view, Take> kinds[] = {{"head", take_head},   {"cell", take_cell},
                                                                {"block", take_block}, {"throughput_block", take_throughput_block},
                                                                {"seen", take_seen},   {"end", take_end}};
  for (const auto& [name, take] : kinds) {
    if (kind == line->end() || *kind != name) continue;
    run.has_ended = false;  // what was taken up again has not, until it says so
    return take(*line, run);
  }
  return fail(ErrorCode::bad_input, "its \"kind\" is none of head, cell, block, throughput_block, seen and end");
}

}  // namespace

JournalReading read_journal_lines(std::string_view content) {
  JournalReading reading;
  std::string_view rest = content;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) break;  // torn: the run ended while it was written
    ++reading.line;
    const Result<void> taken = take_line(rest.substr(0, end), reading.run);
    rest.remove_prefix(end + 1);
    // After a power cut the last line may hold rubbish in place of what was never written.
    if (!taken && rest.empty() && reading.line > 1) break;
    if (!taken) {
      reading.error = taken.error();
      break;
    }
    reading.good_bytes = content.size() - rest.size();
  }
  return reading;
}

Error error_in_journal(const std::filesystem::path& journal, const JournalReading& reading) {
  return {ErrorCode::bad_input, fmt::format("'{}', line {}: {}", printable(journal.string()), reading.line, reading.error->message),
          "give a journal that podium wrote beside a --json file"};
}

Result<Results> read_journal(const std::filesystem::path& journal) {
  const Result<std::string> content = read_text_file(journal);
  if (!content) return tl::unexpected(content.error());
  JournalReading reading = read_journal_lines(*content);
  if (reading.error) return tl::unexpected(error_in_journal(journal, reading));
  return std::move(reading.run.results);
}

}  // namespace podium::report
