#include "api/compared_runs.h"

#include <fmt/format.h>

#include "core/text.h"

namespace podium::api {
namespace {

/// "12 of 40 blocks (30 %)".
std::string share_of_blocks(std::int64_t count, std::int64_t all) {
  return fmt::format("{} of {} blocks ({:.0f} %)", count, all, 100.0 * static_cast<double>(count) / static_cast<double>(all));
}

}  // namespace

/// A run's first block was timed at a nanosecond that no other run shares.
std::string mark_of(const Results& run) {
  for (const Cell& cell : run.cells) {
    if (!cell.blocks.empty()) return fmt::format("{} {} {}", run.started, cell.id, cell.blocks.front().start_ns);
  }
  return run.started;
}

Result<void> check_no_twins(const std::vector<MarkedFile>& runs) {
  for (std::size_t i = 1; i < runs.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (runs[i].mark != runs[j].mark) continue;
      return fail(ErrorCode::wrong_use, fmt::format("'{}' and '{}' hold the same run", printable(runs[j].file), printable(runs[i].file)),
                  "give each run once");
    }
  }
  return {};
}

RunLoad load_of(const Results& run) {
  std::vector<const Cell*> cells;
  for (const Cell& cell : run.cells) cells.push_back(&cell);
  return load_of(cells);
}

RunLoad load_of(const std::vector<const Cell*>& cells) {
  RunLoad load;
  for (const Cell* cell : cells) {
    for (const Block& block : cell->blocks) {
      ++load.blocks;
      if (!block.set_aside && block.evidence.empty()) continue;
      ++(block.set_aside ? load.set_aside : load.scored_under_load);
      if (load.evidence.empty()) load.evidence = block.evidence;
    }
  }
  return load;
}

std::string told_load(const std::string& file, const RunLoad& load) {
  const std::string first = load.evidence.empty() ? "" : fmt::format(" (of the first: {})", printable(load.evidence));
  std::vector<std::string> parts;
  if (load.scored_under_load > 0) {
    parts.push_back(
        fmt::format("{} were measured under load{} and scored all the same, since too few others were left, so a change may be that of the "
                    "load; measure it again on a quiet machine",
                    share_of_blocks(load.scored_under_load, load.blocks), first));
  }
  if (load.set_aside > 0) {
    parts.push_back(fmt::format("{} were set aside on evidence of a disturbance{} and are not compared",
                                share_of_blocks(load.set_aside, load.blocks), parts.empty() ? first : ""));
  }
  return parts.empty() ? "" : fmt::format("{}: {}", printable(file), join(parts, "; "));
}

}  // namespace podium::api
