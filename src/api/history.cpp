#include "podium/history.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/compared_runs.h"
#include "api/history_lines.h"
#include "api/run_differences.h"
#include "core/result.h"
#include "core/text.h"
#include "measure/comparison.h"

namespace podium {
namespace {

using api::RunFacts;

/// Notes are read from the first to the last: more would push the others out of sight.
constexpr std::size_t most_loads_told = 5;

std::vector<RunFacts> read_runs(const std::vector<std::filesystem::path>& files) {
  std::vector<RunFacts> runs;
  std::vector<api::MarkedFile> marks;
  for (const std::filesystem::path& file : files) {
    runs.push_back(api::facts_of(file.string(), read_run(file)));
    marks.push_back({runs.back().file, runs.back().mark});
  }
  value_or_throw(api::check_no_twins(marks));
  // Of equal times, and of files that are older than this key, the order is that in which they were given.
  std::stable_sort(runs.begin(), runs.end(),
                   [](const RunFacts& one, const RunFacts& other) { return one.results.started < other.results.started; });
  return runs;
}

/// Sorts runs into setups, and remembers what was let differ within one.
class Setups {
 public:
  Setups(const std::vector<RunFacts>& runs, const CompareOptions& options) : runs_(runs), options_(options) {}

  std::int64_t setup_of(std::size_t run) {
    for (std::size_t i = 0; i < first_runs_.size(); ++i) {
      const std::vector<api::Hindrance> found = api::hindrances(runs_[first_runs_[i]].results, runs_[run].results);
      if (!api::check_allowed(found, options_)) continue;
      for (const api::Hindrance& hindrance : found) api::add_new(joined_, {hindrance.difference});
      return static_cast<std::int64_t>(i);
    }
    first_runs_.push_back(run);
    return static_cast<std::int64_t>(first_runs_.size()) - 1;
  }

  [[nodiscard]] std::vector<HistorySetup> told() const {
    std::vector<HistorySetup> setups;
    for (const std::size_t run : first_runs_) {
      HistorySetup setup{api::machine_name(runs_[run].results.environment), printable(runs_[run].results.model.name), {}};
      for (const api::Hindrance& hindrance : api::hindrances(runs_[first_runs_.front()].results, runs_[run].results))
        setup.against_first.push_back(hindrance.difference);
      setups.push_back(std::move(setup));
    }
    return setups;
  }
  [[nodiscard]] const std::vector<Difference>& joined() const noexcept { return joined_; }

 private:
  const std::vector<RunFacts>& runs_;
  const CompareOptions& options_;
  std::vector<std::size_t> first_runs_;
  std::vector<Difference> joined_;
};

/// Runs that were not left alone, those first whose disturbed blocks count.
std::vector<std::string> loads_told(const std::vector<RunFacts>& runs) {
  std::vector<std::string> scored;
  std::vector<std::string> left_out;
  for (const RunFacts& run : runs) {
    std::string told = api::told_load(run.file, run.load);
    if (!told.empty()) (run.load.scored_under_load > 0 ? scored : left_out).push_back(std::move(told));
  }
  scored.insert(scored.end(), left_out.begin(), left_out.end());
  if (scored.size() <= most_loads_told) return scored;
  const std::size_t more = scored.size() - most_loads_told;
  scored.resize(most_loads_told);
  scored.push_back(fmt::format("{} more run{} disturbed; --json tells of each", more, more == 1 ? " was" : "s were"));
  return scored;
}

bool is_regression(const HistoryLine& line, double share) {
  const bool stepped = !line.changes.empty() && line.changes.back().ratio.value > 1.0 + share;
  const bool drifted = line.drift && line.drift->value > 1.0 + share;
  return stepped || drifted || line.breaks_now || line.missing_now;
}

std::vector<std::string> notes_of(const History& history, const Setups& setups, const std::vector<RunFacts>& runs) {
  std::vector<std::string> notes;
  for (const Difference& difference : setups.joined()) {
    notes.push_back(fmt::format("lines join runs that differ in {}: {} and {}; a change may be that of the {}", printable(difference.what),
                                printable(difference.before), printable(difference.after), printable(difference.what)));
  }
  if (history.setups.size() > 1)
    notes.emplace_back("runs that differ in machine, timing boundary or model are in lines of their own; --allow-different joins them");
  const bool any_short = std::any_of(history.lines.begin(), history.lines.end(),
                                     [](const HistoryLine& line) { return line.course == CellCourse::too_few_runs; });
  if (any_short) {
    notes.push_back(
        fmt::format("a level lasts three runs, so a change can be told from {} runs of a cell on; two sides are compared by "
                    "podium compare A1,A2 B1,B2",
                    fewest_runs_of_history));
  }
  const bool any_unfinished = std::any_of(runs.begin(), runs.end(), [](const RunFacts& run) { return run.is_unfinished; });
  if (any_unfinished) notes.emplace_back("a run was not finished: its cells count by what had been measured of them");
  for (std::string& told : loads_told(runs)) notes.push_back(std::move(told));
  return notes;
}

}  // namespace

History read_history(const std::vector<std::filesystem::path>& files, const CompareOptions& options) {
  if (files.size() < 2) throw Exception({ErrorCode::wrong_use, "a history wants two runs at least", "give more results files"});
  const std::vector<RunFacts> runs = read_runs(files);
  History history;
  Setups setups(runs, options);
  for (std::size_t i = 0; i < runs.size(); ++i)
    history.runs.push_back({runs[i].file, runs[i].results.started, setups.setup_of(i), runs[i].load});
  history.setups = setups.told();
  history.lines = api::lines_of(runs, history.runs);
  history.notes = notes_of(history, setups, runs);
  return history;
}

std::vector<const HistoryLine*> regressions(const History& history, double share) {
  std::vector<const HistoryLine*> found;
  for (const HistoryLine& line : history.lines) {
    if (is_regression(line, share)) found.push_back(&line);
  }
  return found;
}

std::vector<const HistoryLine*> undecided(const History& history, double share) {
  const double asked = std::max(share, measure::equivalence_margin);
  std::vector<const HistoryLine*> found;
  if (history.runs.empty()) return found;
  const auto newest = static_cast<std::int64_t>(history.runs.size()) - 1;
  for (const HistoryLine& line : history.lines) {
    const bool is_in_newest = !line.points.empty() && line.points.back().run == newest && line.points.back().ms;
    if (is_in_newest && !is_regression(line, share) && !(line.hidden <= asked)) found.push_back(&line);
  }
  return found;
}

}  // namespace podium
