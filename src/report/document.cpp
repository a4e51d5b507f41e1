#include "report/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/text.h"
#include "report/figures.h"
#include "report/launches.h"
#include "report/text_layout.h"

namespace podium::report {
namespace {

using Cells = std::vector<const Cell*>;

/// With the number of requests in flight: "142 @2".
std::string throughput_of(const Cell& cell) {
  if (!cell.throughput) return absent_figure;
  return fmt::format("{} @{}", four_digits(cell.throughput->per_s), cell.throughput->requests);
}

std::string rank_of(const Cell& cell) {
  if (!cell.rank) return absent_figure;
  return std::to_string(*cell.rank) + (cell.tied_with.empty() ? "" : "=");
}

std::string ratio_of(const Cell& cell) {
  if (cell.is_baseline) return "baseline";
  return cell.ratio_to_baseline ? speed_against(*cell.ratio_to_baseline) : absent_figure;
}

std::string build_of(const Cell& cell) {
  if (cell.build_cached) return "cached";
  return cell.build_s ? duration(*cell.build_s) : absent_figure;
}

bool is_undecided(const Cell& cell) {
  return cell.accuracy && cell.accuracy->verdict == DropVerdict::undecided;
}

Row row_of(const Cell& cell, bool is_once) {
  const Latency& latency = *cell.latency_ms;
  Row row;
  row.cell = &cell;
  row.texts[rank] = rank_of(cell);
  row.texts[backend] = printable(cell.backend);
  row.texts[precision] = to_string(cell.precision);
  row.texts[median] = four_digits(latency.median);
  row.texts[interval] = latency.ci95 ? relative_half_width(latency.median, *latency.ci95) : absent_figure;
  row.texts[ratio] = ratio_of(cell);
  row.texts[answer] = cell.is_baseline ? "baseline" : answers(cell.output_error);
  row.texts[accuracy] = cell.accuracy ? printable(accuracy_figure(*cell.accuracy)) : absent_figure;
  row.texts[throughput] = throughput_of(cell);
  row.texts[p90] = four_digits(latency.p90);
  row.texts[memory] = cell.memory.peak_bytes ? human_bytes(static_cast<double>(*cell.memory.peak_bytes)) : absent_figure;
  row.texts[build] = build_of(cell);
  row.options = unusual_options(cell);
  row.is_fastest = cell.rank == 1 && !is_once;
  row.is_doubtful = cell.status != CellStatus::ok || !audit_findings(cell).empty() ||
                    (!cell.is_baseline && cell.output_error.verdict != Verdict::agrees) || is_undecided(cell);
  return row;
}

std::vector<std::string> names_of(const Cells& cells) {
  std::vector<std::string> names;
  names.reserve(cells.size());
  for (const Cell* cell : cells) names.push_back(short_name(*cell));
  return names;
}

std::string names_of(const Cells& cells, std::string_view separator) {
  return join(names_of(cells), separator);
}

/// Those that nothing is faster than; without such as were measured once and may be far slower, where others are left.
Cells fastest_of(const Cells& cells, const std::set<const Cell*>& once) {
  Cells first;
  std::copy_if(cells.begin(), cells.end(), std::back_inserter(first), [](const Cell* cell) { return cell->rank == 1; });
  Cells known;
  std::copy_if(first.begin(), first.end(), std::back_inserter(known), [&](const Cell* cell) { return !once.contains(cell); });
  return known.empty() ? first : known;
}

std::string headline_of(const Cells& cells, const std::set<const Cell*>& once) {
  const Cells first = fastest_of(cells, once);
  if (first.empty()) return "no ranking: " + why_no_ranking(cells);
  if (first.size() > 1) return fmt::format("fastest: {}, the difference is inside the noise", enumerated(names_of(first)));
  const Cell& winner = *first.front();
  const std::string name = short_name(winner);
  if (winner.is_baseline) return fmt::format("fastest: {}, the baseline itself", name);
  const auto baseline = std::find_if(cells.begin(), cells.end(), [](const Cell* cell) { return cell->is_baseline; });
  if (baseline == cells.end() || !winner.ratio_to_baseline) return "fastest: " + name;
  const std::string speed = speed_against(*winner.ratio_to_baseline);
  return fmt::format("fastest: {}, {} {} {}", name, speed, speed == "as fast" ? "as" : "than", short_name(**baseline));
}

/// Each pair of tied cells once, under the one that stands higher. One launch is not told apart from much: such cells stand in a line of
/// their own, since their distance need not be inside any noise.
std::vector<std::string> ties_among(const Cells& cells, const std::set<const Cell*>& once) {
  std::vector<std::string> notes;
  std::set<std::string> told;
  Cells told_once;
  for (const Cell* cell : cells) {
    told.insert(cell->id);
    if (once.contains(cell)) {
      if (!cell->tied_with.empty()) told_once.push_back(cell);
      continue;
    }
    Cells others;
    std::copy_if(cells.begin(), cells.end(), std::back_inserter(others), [&](const Cell* other) {
      const bool tied = std::find(cell->tied_with.begin(), cell->tied_with.end(), other->id) != cell->tied_with.end();
      return tied && !told.contains(other->id) && !once.contains(other);
    });
    if (!others.empty())
      notes.push_back(fmt::format("= {} is tied with {}: the difference is inside the noise", short_name(*cell), names_of(others, ", ")));
  }
  if (!told_once.empty())
    notes.push_back(
        fmt::format("= {}: measured in one launch, which does not tell apart what shares a rank", enumerated(names_of(told_once))));
  return notes;
}

/// Cells by what is to be said of them, each saying once.
std::vector<std::string> doubts_about(const Cells& cells) {
  std::vector<std::string> order;
  std::map<std::string, Cells> by_doubt;
  const auto note = [&](const Cell* cell, const std::string& doubt) {
    if (!by_doubt.contains(doubt)) order.push_back(doubt);
    by_doubt[doubt].push_back(cell);
  };
  for (const Cell* cell : cells) {
    if (cell->status == CellStatus::partial) note(cell, "partial, so it has no rank");
    if (cell->warm_up && !cell->warm_up->steady)
      note(cell, fmt::format("not steady: its times still showed a trend after {} of warming up", duration(cell->warm_up->seconds)));
    if (cell->throughput && cell->throughput->warm_up && !cell->throughput->warm_up->steady)
      note(cell, fmt::format("throughput not steady: its rate still showed a trend after {} of warming up",
                             duration(cell->throughput->warm_up->seconds)));
    if (is_undecided(*cell)) note(cell, printable(cell->accuracy->reason));
    for (const std::string& finding : audit_findings(*cell)) note(cell, printable(finding) + " (allowed)");
    if (cell->is_baseline || cell->output_error.verdict == Verdict::agrees) continue;
    const std::string reason = cell->output_error.reason.empty() ? "" : ": " + cell->output_error.reason;
    note(cell, printable(answers(cell->output_error) + reason));
  }
  std::vector<std::string> notes;
  for (const std::string& doubt : order) notes.push_back(fmt::format("? {}: {}", names_of(by_doubt[doubt], ", "), doubt));
  return notes;
}

/// What the baseline's answers are worth, by which the others' are to be read.
std::vector<std::string> baseline_accuracy(const Cells& cells) {
  for (const Cell* cell : cells) {
    if (cell->is_baseline && cell->accuracy) return {"- " + printable(accuracy_of_baseline(*cell->accuracy))};
  }
  return {};
}

/// Who was not measured for as long as the others, and why: those that ended alike in one line.
std::vector<std::string> ended_early(const Cells& cells) {
  using Ending = std::pair<std::int64_t, std::string>;
  const std::int64_t most = most_launches(cells);
  std::vector<Ending> order;
  std::map<Ending, Cells> by_ending;
  for (const Cell* cell : cells) {
    const Ending ending{count_launches(*cell).run, cell->stop_reason};
    if (ending.first == most || ending.second.empty()) continue;
    if (!by_ending.contains(ending)) order.push_back(ending);
    by_ending[ending].push_back(cell);
  }
  std::vector<std::string> notes;
  for (const Ending& ending : order) {
    notes.push_back(fmt::format("- {} ended after {} of {} launches: {}", names_of(by_ending[ending], ", "), ending.first, most,
                                printable(ending.second)));
  }
  return notes;
}

/// Launches that count for nothing, of whatever cells lost as many.
std::vector<std::string> launches_set_aside(const Cells& cells) {
  std::map<std::pair<std::int64_t, std::int64_t>, Cells> by_count;
  for (const Cell* cell : cells) {
    const LaunchCounts launches = count_launches(*cell);
    if (launches.scored < launches.run) by_count[{launches.scored, launches.run}].push_back(cell);
  }
  std::vector<std::string> notes;
  for (const auto& [count, those] : by_count) {
    const auto& [scored, run] = count;
    notes.push_back(fmt::format("- {}: {} of {} launches {} set aside whole, since something disturbed every block of {}",
                                names_of(those, ", "), run - scored, run, run - scored == 1 ? "was" : "were",
                                run - scored == 1 ? "it" : "them"));
  }
  return notes;
}

BatchTable table_of(std::int64_t batch, Cells cells) {
  // Ranked cells come first; between equals the smaller median does.
  std::stable_sort(cells.begin(), cells.end(), [](const Cell* a, const Cell* b) {
    if (a->rank.has_value() != b->rank.has_value()) return a->rank.has_value();
    if (a->rank && *a->rank != *b->rank) return *a->rank < *b->rank;
    return a->latency_ms->median < b->latency_ms->median;
  });
  BatchTable table;
  table.batch = batch;
  const std::set<const Cell*> once = measured_once(cells);
  table.headline = headline_of(cells, once);
  for (const Cell* cell : cells) table.rows.push_back(row_of(*cell, once.contains(cell)));
  table.notes = ties_among(cells, once);
  for (const auto& more : {baseline_accuracy(cells), ended_early(cells), launches_set_aside(cells), doubts_about(cells)})
    table.notes.insert(table.notes.end(), more.begin(), more.end());
  return table;
}

std::vector<BatchTable> tables_of(const Results& results) {
  std::map<std::int64_t, Cells> by_batch;
  for (const Cell& cell : results.cells) {
    if (has_a_row(cell)) by_batch[cell.batch].push_back(&cell);
  }
  std::vector<BatchTable> tables;
  for (auto& [batch, cells] : by_batch) tables.push_back(table_of(batch, std::move(cells)));
  return tables;
}

/// Cells of one backend: "BACKEND fp32, bf16 at batch 1, 8". Names stand together only where their batch sizes are the same.
std::string cells_and_batches(const Cells& cells) {
  using Batches = std::set<std::int64_t>;
  std::vector<std::pair<std::string, Batches>> batches_of_name;
  for (const Cell* cell : cells) {
    std::string name = short_name(*cell);
    // Every precision of a backend that is not there at all has the same reason; the backend's name stands once.
    if (cell != cells.front() && name != short_name(*cells.front())) name.erase(0, printable(cell->backend).size() + 1);
    auto known = std::find_if(batches_of_name.begin(), batches_of_name.end(), [&](const auto& entry) { return entry.first == name; });
    if (known == batches_of_name.end()) known = batches_of_name.insert(known, {name, {}});
    known->second.insert(cell->batch);
  }
  std::vector<std::pair<std::vector<std::string>, Batches>> groups;
  for (const auto& [name, batches] : batches_of_name) {
    auto group = std::find_if(groups.begin(), groups.end(), [&, &wanted = batches](const auto& entry) { return entry.second == wanted; });
    if (group == groups.end()) group = groups.insert(group, {{}, batches});
    group->first.push_back(name);
  }
  std::vector<std::string> texts;
  for (const auto& [names, batches] : groups) texts.push_back(fmt::format("{} at batch {}", join(names, ", "), fmt::join(batches, ", ")));
  return join(texts, "; ");
}

std::vector<Absence> absences_of(const Results& results) {
  using Key = std::array<std::string, 4>;
  std::vector<Key> order;
  std::map<Key, Cells> groups;
  for (const Cell& cell : results.cells) {
    if (has_a_row(cell)) continue;
    const Key key{cell.backend, std::string(to_string(cell.status)), cell.reason, cell.remedy};
    if (!groups.contains(key)) order.push_back(key);
    groups[key].push_back(&cell);
  }
  std::vector<Absence> absences;
  for (const Key& key : order) {
    std::string status = key[1];
    std::replace(status.begin(), status.end(), '_', ' ');
    absences.push_back({cells_and_batches(groups[key]), status, printable(key[2]), printable(key[3])});
  }
  return absences;
}

/// Were one pair in twenty told apart by chance, so many would show one at least in nine runs of ten: fewer prove little.
constexpr std::int64_t enough_pairs = 45;

/// At most one pair in twenty may be told apart by a method that says what it is: more is a machine, or a moment, not to be measured on.
std::vector<std::string> self_check_lines(const SelfCheck& check) {
  if (check.pairs == 0) return {"no pair of equal cells could be compared"};
  const double share = static_cast<double>(check.false_winners) / static_cast<double>(check.pairs);
  std::vector<std::string> lines{
      fmt::format("{} of {} pairs of equal cells were told apart ({:.0f} %; at most 5 % are expected); {} of {} intervals miss 1; equals "
                  "differed by up to {:.1f} %",
                  check.false_winners, check.pairs, 100.0 * share, check.intervals_off, check.pairs, 100.0 * check.largest_difference)};
  if (share > 0.05) {
    lines.emplace_back("too many: something disturbs this machine; close what else runs, or give each run more --launches");
  } else if (check.pairs < enough_pairs) {
    lines.push_back(fmt::format("no sign of a fault, but {} pairs prove little: --copies 10 gives 45 of each candidate", check.pairs));
  } else {
    lines.emplace_back("the method holds on this machine, now");
  }
  for (const std::string& pair : check.told_apart) lines.push_back(printable(pair));
  return lines;
}

std::string joined_facts(std::vector<std::string> facts) {
  std::erase(facts, "");
  return printable(join(facts, " · "));
}

std::string model_line(const ModelFacts& model) {
  return joined_facts({model.name, model.parameters ? large_count(*model.parameters) + " parameters" : "",
                       model.flops ? operations(*model.flops) + " an input" : "",
                       model.trained_weights ? "" : "untrained weights, from a seed"});
}

/// What the intervals cover: differences between launches are in them only where there were several.
std::string launches_in(const Results& results) {
  std::int64_t most = 0;
  for (const Cell& cell : results.cells) most = std::max(most, cell.launches);
  if (most == 0) return {};
  if (most == 1) return ", in one launch of each cell, so that differences between launches are not in the intervals";
  return fmt::format(", in up to {} launches of each cell", most);
}

std::string footer_of(const Results& results) {
  std::string footer = "Times are for one call of the whole batch";
  const auto measured =
      std::find_if(results.cells.begin(), results.cells.end(), [](const Cell& cell) { return cell.latency_ms.has_value(); });
  if (measured != results.cells.end()) footer += fmt::format(" (timing boundary: {})", measured->timing_boundary);
  footer += launches_in(results);
  footer += fmt::format("; measured for {}, prepared for {}.", duration(results.measured_s), duration(results.prepared_s));
  if (!results.data.empty()) footer += fmt::format(" Inputs: {}.", results.data);
  return printable(footer);
}

}  // namespace

std::string machine_line(const Environment& environment) {
  const std::string cores =
      environment.cores == 0 ? "" : fmt::format("{} {}", environment.cores, environment.cores == 1 ? "core" : "cores");
  const std::string memory = environment.memory_bytes == 0 ? "" : human_bytes(static_cast<double>(environment.memory_bytes));
  const std::string build = environment.build_type.empty() ? "" : fmt::format(" ({})", environment.build_type);
  return joined_facts({environment.cpu, environment.gpu, cores, memory, "podium " + environment.podium_version + build});
}

bool has_a_row(const Cell& cell) {
  return cell.latency_ms && (cell.status == CellStatus::ok || cell.status == CellStatus::partial);
}

std::vector<std::string> audit_findings(const Cell& cell) {
  std::vector<std::string> findings;
  if (cell.audit) findings = {cell.audit->other_precision, cell.audit->fallback_reason};
  std::erase(findings, "");
  return findings;
}

bool BatchTable::has_column(std::size_t column) const {
  constexpr std::array may_be_absent{accuracy, throughput, memory, build};
  if (std::find(may_be_absent.begin(), may_be_absent.end(), column) == may_be_absent.end()) return true;
  return std::any_of(rows.begin(), rows.end(), [column](const Row& row) { return row.texts[column] != absent_figure; });
}

std::string unusual_options(const Cell& cell) {
  constexpr std::size_t parts_before_options = 4;
  std::vector<std::string> parts = split(cell.id, '/');
  if (parts.size() <= parts_before_options) return {};
  parts.erase(parts.begin(), parts.begin() + parts_before_options);
  return printable(join(parts, ", "));
}

std::string short_name(const Cell& cell) {
  const std::string options = unusual_options(cell);
  return fmt::format("{} {}{}", printable(cell.backend), to_string(cell.precision), options.empty() ? "" : " (" + options + ")");
}

Document make_document(const Results& results) {
  Document document;
  document.model = model_line(results.model);
  document.machine = machine_line(results.environment);
  document.batches = tables_of(results);
  document.absences = absences_of(results);
  for (const std::string& warning : results.environment.warnings) document.warnings.push_back(printable(warning));
  if (results.self_check) document.self_check = self_check_lines(*results.self_check);
  document.footer = footer_of(results);
  return document;
}

std::string why_no_ranking(const std::vector<const Cell*>& cells) {
  const bool has_contender = std::any_of(cells.begin(), cells.end(), [](const Cell* cell) { return has_a_row(*cell); });
  return has_contender ? "the run was stopped before it was done" : "no cell was measured to its end";
}

}  // namespace podium::report
