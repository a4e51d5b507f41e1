#include "search/optimize/field.h"

#include <algorithm>

#include <fmt/format.h>

#include "measure/rounds.h"
#include "measure/statistics.h"
#include "search/optimize/goal.h"

namespace podium::search {
namespace {

constexpr const char* only_in_python = "it exists only in Python, and an artefact runs without (--allow-python lets it win)";

/// At which stage a cell ended that did not end well.
std::string stage_of(const Cell& cell) {
  if (cell.status == CellStatus::unsupported) return "refused";
  if (cell.status != CellStatus::rejected) return "broken";
  const std::string failure_class = cell.failure ? cell.failure->failure_class : std::string();
  if (failure_class == "accuracy") return "bound";
  return failure_class == "wrong_output" ? "answers" : "audit";
}

bool is_measured(const Cell& cell) {
  return cell.status == CellStatus::ok && !cell.blocks.empty();
}

}  // namespace

Field::Field(std::vector<LiveCell>& cells, const SearchPolicy& policy, std::vector<SearchStep>& log, const BatchSearchRequest& request,
             const SearchHooks& hooks)
    : cells_(cells), states_(cells.size(), State::waiting), policy_(policy), log_(log), request_(request), hooks_(hooks) {
  for (std::size_t place = 0; place < cells_.size(); ++place) sort_out(place);
}

std::optional<std::size_t> Field::baseline() const {
  for (std::size_t place = 0; place < cells_.size(); ++place) {
    if (cells_[place].cell.is_baseline) return place;
  }
  return std::nullopt;
}

bool Field::is_python(std::size_t place) const {
  return cells_[place].candidate.backend.launch == backend::Launch::python && !policy_.allow_python;
}

Places Field::in(State state) const {
  Places places;
  for (std::size_t place = 0; place < states_.size(); ++place) {
    if (states_[place] == state) places.push_back(place);
  }
  return places;
}

void Field::leave(std::size_t place, const std::string& stage, const std::string& reason) {
  states_[place] = State::left;
  log_.push_back({cells_[place].cell.id, cells_[place].cell.batch, stage, reason});
}

void Field::beat(std::size_t place, const std::string& stage, const std::string& reason) {
  leave(place, stage, reason);
  states_[place] = State::beaten;
}

Places Field::add(const std::vector<Candidate>& candidates) {
  Places places;
  for (LiveCell& made : hooks_.make_cells(candidates)) {
    const bool is_known = std::any_of(cells_.begin(), cells_.end(), [&](const LiveCell& cell) { return cell.cell.id == made.cell.id; });
    if (is_known) continue;
    cells_.push_back(std::move(made));
    states_.push_back(State::waiting);
    sort_out(cells_.size() - 1);
    if (!is_out(cells_.size() - 1)) places.push_back(cells_.size() - 1);
  }
  return places;
}

/// Gives a cell the place that its figures so far ask for.
void Field::sort_out(std::size_t place) {
  const Cell& cell = cells_[place].cell;
  if (is_out(place) || cell.status == CellStatus::partial) return;
  if (!is_measured(cell)) return leave(place, stage_of(cell), cell.reason);
  if (is_python(place)) return leave(place, "python", only_in_python);
  if (const auto objected = bound_objection(policy_.bound, cell)) return leave(place, "bound", *objected);
  if (const auto objected = limit_objection(policy_.goals, cell, false)) return leave(place, "limits", *objected);
  states_[place] = State::contending;
}

std::optional<std::size_t> Field::next_baseline() const {
  for (const std::size_t place : request_.baseline_order) {
    if (cells_[place].is_open()) return place;
  }
  return std::nullopt;
}

/// Who takes part: those that want a launch more, the baseline, and the leader that all are compared with.
Places Field::field_of(const Places& who, const Round& round, const Places& beside) const {
  Places field;
  for (const std::size_t place : who) {
    const bool is_short =
        round.launches == 0 || measure::count_launches(cells_[place].cell.blocks).all < round.launches || cells_[place].is_open();
    if (is_short && !is_out(place)) field.push_back(place);
  }
  if (field.empty()) return field;
  Places besides = beside;
  for (const auto& needed : {baseline() ? baseline() : next_baseline(), leader()}) {
    if (needed) besides.push_back(*needed);
  }
  for (const std::size_t place : besides) {
    if (std::find(field.begin(), field.end(), place) == field.end()) field.push_back(place);
  }
  return field;
}

Result<void> Field::measure(const Places& who, Round round, const Places& beside) {
  const Places field = field_of(who, round, beside);
  if (field.empty() || hooks_.is_cancelled()) return {};
  std::vector<LiveCell> cells;
  for (const std::size_t place : field) {
    LiveCell& cell = cells_[place];
    // Answers of a reference are wanted whole, however often it ran before.
    if (cell.cell.is_baseline) cell.prepared = false;
    if (cell.cell.status == CellStatus::ok) cell.cell.status = CellStatus::partial;
    cell.cell.stop_reason.clear();
    cells.push_back(std::move(cell));
  }
  for (const std::size_t place : request_.baseline_order) {
    const auto found = std::find(field.begin(), field.end(), place);
    if (found != field.end()) round.baseline_order.push_back(static_cast<std::size_t>(found - field.begin()));
  }
  auto measured = hooks_.measure(cells, round);
  for (std::size_t i = 0; i < field.size(); ++i) cells_[field[i]] = std::move(cells[i]);
  if (!measured) return measured;
  for (const std::size_t place : field) {
    Cell& cell = cells_[place].cell;
    if (is_measured(cell)) cell.latency_ms = measure::summarize(cell.blocks);
    const bool was_left_out = cell.status == CellStatus::partial && cell.blocks.empty() && !hooks_.is_cancelled();
    if (was_left_out)
      leave(place, "budget", fmt::format("{}: the budget leaves no time to try it; give more with --budget", round.stage));
    else
      sort_out(place);
  }
  return {};
}

Standings Field::standings_of(const Places& places) const {
  std::vector<const Cell*> cells;
  for (const std::size_t place : places) cells.push_back(&cells_[place].cell);
  const auto known = baseline();
  return standings(policy_.goals.best, cells, known ? &cells_[*known].cell : nullptr);
}

std::optional<std::size_t> Field::leader() const {
  const Places places = contenders();
  const auto first = standings_of(places).leader;
  return first ? std::optional(places[*first]) : std::nullopt;
}

void Field::thin_out(const std::string& stage, std::int64_t launches) {
  if (hooks_.is_cancelled()) return;
  const Places places = contenders();
  const Standings now = standings_of(places);
  for (const Leaving& leaving : who_leaves(now, halving_rule(launches, now.is_stand_in)))
    beat(places[leaving.index], stage, leaving.reason);
}

bool Field::call_back(std::size_t most, const std::string& reason) {
  Places places = in(State::beaten);
  const Standings now = standings_of(places);
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (now.of[i].times_the_best) order.emplace_back(*now.of[i].times_the_best, places[i]);
  }
  std::sort(order.begin(), order.end());
  if (order.size() > most) order.resize(most);
  for (const auto& [times, place] : order) {
    log_.push_back({cells_[place].cell.id, cells_[place].cell.batch, "called back", reason});
    states_[place] = State::contending;
  }
  return !order.empty();
}

void Field::drop_unopened() {
  std::vector<LiveCell> opened;
  for (LiveCell& cell : cells_) {
    const bool was_never_opened = cell.is_open() && cell.cell.blocks.empty() && cell.cell.variant_sha256.empty();
    if (!was_never_opened || hooks_.is_cancelled()) opened.push_back(std::move(cell));
  }
  cells_ = std::move(opened);
  states_.clear();
}

}  // namespace podium::search
