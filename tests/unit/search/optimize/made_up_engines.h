#pragma once

#include "search/optimize/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

#include "search/optimize/choice.h"
#include "search/optimize/goal.h"
#include "search/ranking.h"

namespace podium::search {

inline backend::Registered engine(const std::string& name, std::vector<Precision> precisions) {
  backend::Registered entry;
  entry.launch = backend::Launch::module;
  entry.descriptor.name = name;
  entry.descriptor.engine = name;
  entry.descriptor.precisions = std::move(precisions);
  entry.descriptor.options = {{"layout", OptionType::flag, OptionValue{false}, {}, 0, 0, "an option"},
                              {"threads", OptionType::flag, OptionValue{false}, {}, 0, 0, "another"}};
  entry.descriptor.worth_trying = {{"layout", {"on"}, false}, {"threads", {"on"}, false}};
  return entry;
}

/// Engines whose times are known, and a search among them: what each candidate takes is a function of it, and nothing is measured.
class MadeUpEngines : public ::testing::Test {
 protected:
  void add(const backend::Registered& entry, Precision precision) {
    const auto options = *backend::resolve_options(entry.descriptor, {});
    candidates_.push_back({entry, precision, options, {}, 1});
  }

  std::vector<LiveCell> make_cells(const std::vector<Candidate>& candidates) const {
    std::vector<LiveCell> cells;
    for (const Candidate& candidate : candidates) cells.push_back(new_cell(candidate, 1, "cpu"));
    return cells;
  }

  /// One launch of all, at their true times; 1 % of noise that is the same every time.
  Result<void> measure(std::vector<LiveCell>& cells, const Round& round) {
    rounds_.push_back(round.stage);
    seconds_a_cell_[round.stage] = round.seconds_a_cell;
    const bool has_baseline = std::any_of(cells.begin(), cells.end(), [](const LiveCell& cell) { return cell.cell.is_baseline; });
    if (!has_baseline) cells[round.baseline_order.front()].cell.is_baseline = true;
    const std::int64_t launches = round.launches == 0 ? 3 : 1;
    for (std::int64_t launch = 0; launch < launches; ++launch, ++launch_) {
      for (LiveCell& cell : cells) {
        const bool is_new = cell.cell.blocks.empty() && !cell.cell.is_baseline;
        if (is_new && round.until_s > 0.0 && may_open_ == 0) continue;
        if (is_new) --may_open_;
        cell.cell.variant_sha256 = "made up";
        opened_.push_back(cell.cell.id);
        open(cell);
        clock_s_ += takes_time() ? round.seconds_a_cell / static_cast<double>(launches) : 0.0;
        for (std::int64_t number = 0; number < 4; ++number) {
          Block block;
          block.launch = launch_;
          block.round = 4 * launch_ + number;
          const double stray = 1.0 + 0.002 * static_cast<double>((number * 7 + static_cast<std::int64_t>(cell.cell.id.size())) % 5 - 2);
          block.samples_ns.assign(5, static_cast<std::int64_t>(1e6 * milliseconds_(cell.candidate) * stray));
          block.set_aside = disturbed_ == cell.candidate.backend.descriptor.name;
          cell.cell.blocks.push_back(block);
        }
      }
    }
    for (LiveCell& cell : cells) {
      if (cell.cell.blocks.empty()) continue;
      cell.cell.status = CellStatus::ok;
      cell.cell.build_s = build_s_;
      cell.cell.output_error.verdict = Verdict::agrees;
      cell.cell.output_error.sqnr_db = is_lossy(cell.cell.precision) ? 20.0 : 100.0;
      if (!round.with_throughput) continue;
      cell.cell.throughput = Throughput{inputs_per_s_(cell.candidate), std::nullopt, 1, {}};
      cell.cell.throughput_per_s = cell.cell.throughput->per_s;
    }
    return {};
  }

  /// Only where the test says what opening takes does the clock go on.
  bool takes_time() const { return !opening_s_.empty(); }

  void open(LiveCell& cell) {
    const auto takes = opening_s_.find(cell.cell.backend);
    if (takes == opening_s_.end()) return;
    cell.opening_s = takes->second;
    ++cell.openings;
    clock_s_ += takes->second;
  }

  Choice search(SearchPolicy policy, double until_s = 0.0, std::vector<std::size_t> baseline_order = {0}) {
    CandidateSearch rounds(std::move(policy));
    std::vector<LiveCell> cells = make_cells(candidates_);
    SearchHooks hooks;
    hooks.make_cells = [this](const std::vector<Candidate>& candidates) { return make_cells(candidates); };
    hooks.measure = [this](std::vector<LiveCell>& live, const Round& round) { return measure(live, round); };
    hooks.elapsed_s = [this] { return clock_s_; };
    hooks.kept_load_s = [this](const Candidate& candidate) { return kept_load_s_ ? kept_load_s_(candidate) : std::nullopt; };
    hooks.is_cancelled = [] { return false; };
    hooks.on_message = [](const std::string&) {};
    EXPECT_TRUE(rounds.run(cells, {std::move(baseline_order), until_s}, hooks));
    std::vector<Cell> measured;
    for (LiveCell& cell : cells) measured.push_back(std::move(cell.cell));
    std::vector<Cell*> pointers;
    for (Cell& cell : measured) pointers.push_back(&cell);
    rank_cells(pointers);
    log_ = rounds.log();
    return choose(measured, {rounds.policy(), {"python"}, rounds.finalists()});
  }

  std::string reason_of(const std::string& id) const {
    for (const SearchStep& step : log_) {
      if (step.candidate == id) return step.stage + ": " + step.reason;
    }
    return "stayed";
  }

  std::vector<Candidate> candidates_;
  std::function<double(const Candidate&)> milliseconds_;
  std::function<double(const Candidate&)> inputs_per_s_;
  std::vector<std::string> opened_;
  std::vector<std::string> rounds_;
  std::map<std::string, double> seconds_a_cell_;  ///< by round, as last asked for
  std::map<std::string, double> opening_s_;       ///< of each engine's cells, every time
  std::function<std::optional<double>(const Candidate&)> kept_load_s_;
  double clock_s_ = 0.0;
  std::vector<SearchStep> log_;
  std::int64_t launch_ = 0;
  std::optional<double> build_s_;
  std::string disturbed_;  ///< the engine whose blocks are all set aside
  int may_open_ = 1000;    ///< so many cells, where the round has an end
};

inline bool has(const Candidate& candidate, const std::string& option) {
  return candidate.unusual.contains(option);
}

}  // namespace podium::search
