#include "api/pack_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "core/text.h"

namespace podium::api {
namespace {

bool is_measured(const Cell& cell) {
  return cell.status == CellStatus::ok && cell.latency_ms && cell.latency_ms->median > 0.0;
}

bool is_module(const std::string& backend, const std::vector<backend::Registered>& registry) {
  return std::any_of(registry.begin(), registry.end(), [&](const backend::Registered& entry) {
    return entry.descriptor.name == backend && entry.launch == backend::Launch::module;
  });
}

/// A lossy cell of which nobody knows whether it is right wins only where somebody names it.
bool is_trusted(const Cell& cell) {
  return cell.is_baseline || cell.precision == Precision::fp32 || cell.output_error.verdict == Verdict::agrees;
}

std::string in_words(const Cell& cell) {
  std::string text = fmt::format("{:.4g} ms at batch {}", cell.latency_ms->median, cell.batch);
  if (cell.ratio_to_baseline && !cell.is_baseline) text += fmt::format(", {:.3g} of the baseline's time", cell.ratio_to_baseline->value);
  return text;
}

std::string in_words(const std::vector<const Cell*>& cells) {
  std::vector<std::string> each;
  for (const Cell* cell : cells) each.push_back(in_words(*cell));
  return join(each, "; ");
}

std::vector<std::string> measured_ids(const Results& measured) {
  std::vector<std::string> ids;
  for (const Cell& cell : measured.cells) {
    if (is_measured(cell)) ids.push_back(cell.id);
  }
  return ids;
}

tl::unexpected<Error> refuse(const std::string& id, const std::string& why, const Results& measured) {
  const std::vector<std::string> ids = measured_ids(measured);
  return fail(ErrorCode::wrong_use, fmt::format("--cell: '{}' {}", printable(id), why),
              ids.empty() ? "give a results file in which a cell was measured" : "choose from " + join(ids, ", "));
}

Result<PackChoice> named_cells(const Results& measured, const std::vector<std::string>& ids,
                               const std::vector<backend::Registered>& registry, bool multi_engine) {
  PackChoice choice;
  std::set<std::int64_t> batches;
  for (const std::string& id : ids) {
    const auto found = std::find_if(measured.cells.begin(), measured.cells.end(), [&](const Cell& cell) { return cell.id == id; });
    if (found == measured.cells.end()) return refuse(id, "is not in the results" + did_you_mean(id, measured_ids(measured)), measured);
    if (!is_measured(*found)) return refuse(id, fmt::format("has no time: it is {}", to_string(found->status)), measured);
    if (!is_module(found->backend, registry)) return refuse(id, "exists in Python only, and an artefact runs without Python", measured);
    if (!batches.insert(found->batch).second) return refuse(id, fmt::format("is the second for batch {}", found->batch), measured);
    if (!multi_engine && !choice.cells.empty() && choice.cells.front()->backend != found->backend)
      return refuse(id,
                    fmt::format("is not of {}, as '{}' is: an artefact holds one engine, unless --multi-engine",
                                choice.cells.front()->backend, printable(choice.cells.front()->id)),
                    measured);
    choice.cells.push_back(&*found);
  }
  choice.because = "it was named: " + in_words(choice.cells);
  return choice;
}

using ByBatch = std::map<std::int64_t, const Cell*>;

void keep_faster(ByBatch& cells, const Cell& cell) {
  const Cell*& known = cells[cell.batch];
  if (known == nullptr || cell.latency_ms->median < known->latency_ms->median) known = &cell;
}

/// How much slower than the fastest of each batch size, as a sum of logarithms; nothing where one was not run.
std::optional<double> loss(const ByBatch& cells, const ByBatch& fastest) {
  double sum = 0.0;
  for (const auto& [batch, best] : fastest) {
    const auto own = cells.find(batch);
    if (own == cells.end()) return std::nullopt;
    sum += std::log(own->second->latency_ms->median / best->latency_ms->median);
  }
  return sum;
}

/// A batch size that was stopped before it was done: the cells that were measured to the end are as a rule those that were beaten early.
std::optional<std::int64_t> unfinished_batch(const Results& measured) {
  std::map<std::int64_t, bool> any_partial;
  std::set<std::int64_t> ranked;
  for (const Cell& cell : measured.cells) {
    any_partial[cell.batch] |= cell.status == CellStatus::partial;
    if (cell.rank) ranked.insert(cell.batch);
  }
  for (const auto& [batch, is_partial] : any_partial) {
    if (is_partial && !ranked.contains(batch)) return batch;
  }
  return std::nullopt;
}

/// The engine that loses least on all batch sizes together; none where no engine ran all of them.
const ByBatch* of_one_engine(const std::map<std::string, ByBatch>& by_backend, const ByBatch& fastest) {
  const ByBatch* best = nullptr;
  double least = 0.0;
  for (const auto& [backend, cells] : by_backend) {
    const std::optional<double> own = loss(cells, fastest);
    if (!own || (best != nullptr && *own >= least)) continue;
    best = &cells;
    least = *own;
  }
  return best;
}

Result<PackChoice> fastest_cells(const Results& measured, const std::vector<backend::Registered>& registry, bool multi_engine) {
  if (const auto unfinished = unfinished_batch(measured)) {
    return fail(ErrorCode::wrong_use,
                fmt::format("batch {} was stopped before it was done, so that nobody knows its fastest cell", *unfinished),
                "give the command that measured it once more with --resume, or name cells of one engine with --cell");
  }
  std::map<std::string, ByBatch> by_backend;
  ByBatch fastest;
  ByBatch fastest_of_all;
  for (const Cell& cell : measured.cells) {
    if (!is_measured(cell)) continue;
    keep_faster(fastest_of_all, cell);
    if (!is_module(cell.backend, registry) || !is_trusted(cell)) continue;
    keep_faster(by_backend[cell.backend], cell);
    keep_faster(fastest, cell);
  }
  const ByBatch* best = multi_engine ? &fastest : of_one_engine(by_backend, fastest);
  if (best == nullptr || best->empty()) {
    return fail(ErrorCode::wrong_use, "no engine that an artefact can hold ran every batch size with answers that agree",
                "name cells of one engine with --cell");
  }
  PackChoice choice;
  for (const auto& [batch, cell] : *best) {
    choice.cells.push_back(cell);
    const Cell* other = fastest_of_all.at(batch);
    if (other->latency_ms->median >= cell->latency_ms->median) continue;
    const char* why = !is_module(other->backend, registry) ? "it exists in Python only"
                      : !is_trusted(*other)                ? "its answers could not be judged"
                                                           : "it is of another engine";
    choice.notes.push_back(
        fmt::format("{} was faster at batch {} ({:.4g} ms) and was not taken: {}", other->id, batch, other->latency_ms->median, why));
  }
  choice.because = fmt::format("of {} measured cells the fastest that {}: {}", measured_ids(measured).size(),
                               multi_engine ? "an artefact can hold" : "one engine runs", in_words(choice.cells));
  return choice;
}

}  // namespace

Result<PackChoice> choose_cells(const Results& measured, const std::vector<std::string>& ids,
                                const std::vector<backend::Registered>& registry, bool multi_engine) {
  Result<PackChoice> choice =
      ids.empty() ? fastest_cells(measured, registry, multi_engine) : named_cells(measured, ids, registry, multi_engine);
  if (!choice) return choice;
  std::sort(choice->cells.begin(), choice->cells.end(), [](const Cell* a, const Cell* b) { return a->batch < b->batch; });
  if (!measured.model.trained_weights) choice->notes.emplace_back("the weights came from a seed, so that answers say nothing of accuracy");
  for (const Cell* cell : choice->cells) {
    if (!cell->accuracy) choice->notes.push_back(fmt::format("{}: task accuracy: not measured", cell->id));
    const OutputError& error = cell->output_error;
    if (!cell->is_baseline && error.verdict != Verdict::agrees)
      choice->notes.push_back(fmt::format("{}: that its answers agree with the baseline's was not shown: {}", cell->id, error.reason));
  }
  return choice;
}

}  // namespace podium::api
