#include "search/cell_median.h"

#include "measure/statistics.h"
#include "measure/stopping.h"

namespace podium::search {
namespace {

std::optional<double> median_over(const std::vector<Block>& blocks) {
  const std::vector<double> values = measure::scored_milliseconds(blocks);
  return values.empty() ? std::nullopt : std::optional(measure::median(values));
}

}  // namespace

std::optional<double> median_of(const Cell& cell) {
  return median_over(cell.blocks);
}

std::vector<Block> all_scored(std::vector<Block> blocks) {
  for (Block& block : blocks) block.set_aside = false;
  return blocks;
}

std::optional<double> rough_median_of(const Cell& cell) {
  return median_over(all_scored(cell.blocks));
}

bool is_out_of_reach(const Cell& cell, double typical_ms, double fastest_ms) noexcept {
  return !cell.is_baseline && typical_ms > measure::out_of_reach * fastest_ms;
}

}  // namespace podium::search
