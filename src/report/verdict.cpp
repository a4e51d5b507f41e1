#include "report/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/text.h"
#include "report/document.h"
#include "report/figures.h"
#include "report/launches.h"
#include "report/text_layout.h"

namespace podium::report {
namespace {

using Cells = std::vector<const Cell*>;

/// The fastest; of several that are tied, the one with the smallest median.
const Cell* winner_of(const Cells& cells) {
  const Cell* best = nullptr;
  for (const Cell* cell : cells) {
    if (cell->rank != 1 || !cell->latency_ms) continue;
    if (best == nullptr || cell->latency_ms->median < best->latency_ms->median) best = cell;
  }
  return best;
}

std::string speed_of(const Cell& winner, const Cell* baseline) {
  const std::string name = short_name(winner);
  if (winner.is_baseline) return fmt::format("{}, the baseline itself, is the fastest", name);
  if (baseline == nullptr || !winner.ratio_to_baseline) return fmt::format("{} is the fastest", name);
  const std::string speed = speed_against(*winner.ratio_to_baseline);
  return fmt::format("{} is {} {} {}", name, speed, speed == "as fast" ? "as" : "than", short_name(*baseline));
}

/// "top-1 drops by 0.3 points", "cosine is 0.9990 (-0.0010)".
std::string drop_of(const Accuracy& accuracy) {
  const bool is_share = accuracy.metric.starts_with("top-") || accuracy.metric == "agreement";
  if (!is_share || !accuracy.drop) return printable(accuracy_figure(accuracy));
  const double points = 100.0 * *accuracy.drop;
  const std::string change = points < 0.0 ? fmt::format("rises by {:.1f}", -points) : fmt::format("drops by {:.1f}", std::max(points, 0.0));
  return printable(fmt::format("{} {} points on {} samples", accuracy.metric, change, accuracy.n));
}

std::string answers_of(const Cell& winner) {
  if (winner.is_baseline) return {};
  if (winner.accuracy) return drop_of(*winner.accuracy);
  switch (winner.output_error.verdict) {
    case Verdict::agrees:
      return winner.output_error.sqnr_db ? fmt::format("its answers agree with the baseline's ({:.0f} dB)", *winner.output_error.sqnr_db)
                                         : "its answers are the baseline's";
    case Verdict::cannot_judge:
      return "whether its answers are right cannot be judged here";
    case Verdict::disagrees:
      return "its answers disagree with the baseline's";
    case Verdict::not_checked:
      break;
  }
  return "its answers were not checked";
}

/// Without the baseline where the sentence already says that the winner is as fast, and without what one launch cannot tell apart.
std::string ties_of(const Cell& winner, const Cells& cells) {
  const bool is_as_fast = winner.ratio_to_baseline && speed_against(*winner.ratio_to_baseline) == "as fast";
  const std::set<const Cell*> once = measured_once(cells);
  std::vector<std::string> names;
  for (const Cell* cell : cells) {
    if ((cell->is_baseline && is_as_fast) || once.contains(cell)) continue;
    if (std::find(winner.tied_with.begin(), winner.tied_with.end(), cell->id) != winner.tied_with.end()) names.push_back(short_name(*cell));
  }
  constexpr std::size_t most = 3;
  if (names.empty()) return {};
  if (names.size() <= most) return "tied with " + enumerated(names);
  const std::size_t left = names.size() - most;
  names.resize(most);
  return fmt::format("tied with {} and {} more", join(names, ", "), left);
}

std::string figures_of(const Cell& winner) {
  std::string text = fmt::format("{} ms for one call", four_digits(winner.latency_ms->median));
  const auto& ratio = winner.ratio_to_baseline;
  if (winner.is_baseline || !ratio || !ratio->ci95 || !(ratio->ci95->low > 0.0)) return text;
  return text + fmt::format("; 95 %: {:.2f}× to {:.2f}× as fast as the baseline", 1.0 / ratio->ci95->high, 1.0 / ratio->ci95->low);
}

BatchVerdict verdict_of(std::int64_t batch, const Cells& cells) {
  BatchVerdict verdict;
  verdict.batch = batch;
  const Cell* winner = winner_of(cells);
  if (winner == nullptr) {
    verdict.sentence = fmt::format("No ranking at batch {}: {}.", batch, why_no_ranking(cells));
    return verdict;
  }
  const auto baseline = std::find_if(cells.begin(), cells.end(), [](const Cell* cell) { return cell->is_baseline; });
  std::vector<std::string> parts{fmt::format("{} at batch {}", speed_of(*winner, baseline == cells.end() ? nullptr : *baseline), batch),
                                 answers_of(*winner), ties_of(*winner, cells)};
  std::erase(parts, "");
  verdict.sentence = join(parts, "; ") + ".";
  verdict.figures = figures_of(*winner);
  verdict.has_winner = true;
  verdict.is_doubtful = !winner->is_baseline && (winner->output_error.verdict != Verdict::agrees ||
                                                 (winner->accuracy && winner->accuracy->verdict == DropVerdict::undecided));
  return verdict;
}

}  // namespace

std::vector<BatchVerdict> verdicts_of(const Results& results) {
  std::map<std::int64_t, Cells> by_batch;
  for (const Cell& cell : results.cells) by_batch[cell.batch].push_back(&cell);
  std::vector<BatchVerdict> verdicts;
  for (const auto& [batch, cells] : by_batch) verdicts.push_back(verdict_of(batch, cells));
  return verdicts;
}

}  // namespace podium::report
