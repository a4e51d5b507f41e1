#include "search/self_check.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "measure/comparison.h"

namespace podium::search {
namespace {

constexpr std::string_view copy_mark = "/copy=";

std::string name_without_copy(const std::string& id) {
  return id.substr(0, id.rfind(copy_mark));
}

bool has_several_launches(const Cell& cell) {
  return std::any_of(cell.blocks.begin(), cell.blocks.end(),
                     [&](const Block& block) { return block.launch != cell.blocks.front().launch; });
}

/// One launch of two cells that were out of reach tells nothing where the run had more: the ranking does not go by it either.
void judge_pair(const Cell& a, const Cell& b, bool launches_are_units, SelfCheck& check) {
  const measure::Comparison comparison({a.blocks, b.blocks}, {});
  const auto ratio = comparison.ratio(0, 1);
  if (!ratio || !ratio->ci95) return;
  if (launches_are_units && ratio->launches == 1) return;
  ++check.pairs;
  check.largest_difference = std::max(check.largest_difference, std::abs(ratio->value - 1.0));
  if (ratio->ci95->low > 1.0 || ratio->ci95->high < 1.0) ++check.intervals_off;
  if (comparison.relation(0, 1) == measure::Relation::tied) return;
  ++check.false_winners;
  check.told_apart.push_back(fmt::format("{} against {}: {:.1f} % {}", a.id, b.id, 100.0 * std::abs(ratio->value - 1.0),
                                         ratio->value < 1.0 ? "faster" : "slower"));
}

}  // namespace

SelfCheck check_copies(std::span<const Cell> cells, std::int64_t copies) {
  std::map<std::string, std::vector<const Cell*>> families;
  for (const Cell& cell : cells) {
    if (cell.status == CellStatus::ok) families[name_without_copy(cell.id)].push_back(&cell);
  }
  const bool launches_are_units = std::any_of(cells.begin(), cells.end(), has_several_launches);
  SelfCheck check;
  check.copies = copies;
  for (const auto& [name, family] : families) {
    for (std::size_t i = 0; i < family.size(); ++i) {
      for (std::size_t j = i + 1; j < family.size(); ++j) judge_pair(*family[i], *family[j], launches_are_units, check);
    }
  }
  return check;
}

}  // namespace podium::search
