#include <cmath>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "all_then_throw.h"
#include "allow_different.h"
#include "commands.h"
#include "errors.h"
#include "output_files.h"
#include "parse.h"
#include "podium/compare.h"
#include "podium/history.h"
#include "podium/names.h"
#include "terminal.h"

namespace cli {
namespace {

/// Flags as typed.
struct CompareFlags {
  std::string before, after;
  std::vector<std::string> more;
  std::string fail_above, json, markdown, html, allow_different;
  bool quiet = false, allow_missing = false, allow_undecided = false;
};

constexpr const char* description = "Say what became faster or slower from one run to another, or over many, with significance.";

constexpr const char* examples =
    "BEFORE and AFTER: files that 'podium bench --json' wrote, or several of each with commas between them: then what differs from run\n"
    "to run is in the intervals too. BEFORE may be the FILE.journal of a run that was not finished.\n\n"
    "A cell is faster or slower where the 95 % interval of its ratio, corrected for the number of cells (Holm), lies outside ±1 %;\n"
    "else it is tied. Throughput is compared too where both sides have it (podium bench --mode both).\n\n"
    "--fail-above 3% fails where a cell is slower so, and its ratio is over 1.03, or its throughput less by 3 %. Where noise is so large\n"
    "that a change of that size would not have been seen, the cell is undecided, and the exit status 4: a gate that cannot see is no\n"
    "pass. More launches or runs on both sides tell; --allow-undecided lets it pass. With --fail-above or without, a cell that was\n"
    "measured before and fails after, or is not there, is exit status 1: a benchmark that vanished is no pass. So is one whose throughput\n"
    "is not there any more. --allow-missing lets one that is not there pass, where less was asked for on purpose. Runs in which other\n"
    "programs disturbed blocks are named.\n\n"
    "Three files or more, BEFORE AFTER MORE..., are a history: one line for each cell through time, in the order in which the runs were\n"
    "started, with the runs marked from which on it was faster or slower. A change needs three runs on both sides; one run that stands\n"
    "alone is none. Runs of different machines, timing boundaries or models are kept in lines of their own, unless --allow-different\n"
    "joins them. --fail-above then fails where a cell's newest level is slower than the one before by more, or drifts so; a cell that the\n"
    "run before the newest has and the newest has not is missing, and one is undecided in which so large a step, come with the last\n"
    "three runs, would not have been seen.\n\n"
    "Examples:\n"
    "  podium compare before.json after.json\n"
    "  podium compare nightly/*.json --html history.html\n"
    "  podium compare main1.json,main2.json,main3.json new1.json,new2.json,new3.json --fail-above 3%\n"
    "  podium compare before.json after.json --markdown change.md --json change.json\n"
    "  podium compare laptop.json server.json --allow-different machine\n\n"
    "Exit status: 0 done; 1 over --fail-above, or a cell that ran before does not run or is missing now; 2 wrong use; 4 undecided: noise\n"
    "would hide a change of --fail-above.";

/// "A1,A2"; a file whose name holds a comma is taken as it stands.
std::vector<std::string> files_of(const std::string& name, const std::string& typed) {
  std::error_code none;
  return std::filesystem::exists(typed, none) ? std::vector{typed} : parse_names(name, typed);
}

std::vector<podium::ComparedRun> read_side(const std::string& name, const std::vector<std::string>& files, bool may_be_journal) {
  std::vector<podium::ComparedRun> runs;
  for (const std::string& file : files) {
    if (!may_be_journal && podium::is_journal(file)) {
      throw podium::Exception({podium::ErrorCode::wrong_use,
                               fmt::format("{} {}: is the journal of a run that was not finished", name, podium::printable(file)),
                               "run podium bench to its end and give its --json file; only BEFORE may be a journal"});
    }
    runs.push_back({file, podium::read_run(file)});
  }
  return runs;
}

/// Without the flag nothing is too slow; what does not run any more is told all the same.
double share_of(const CompareFlags& flags) {
  constexpr double most = 1000.0;
  return flags.fail_above.empty() ? std::numeric_limits<double>::infinity() : parse_percent("--fail-above", flags.fail_above, 0.0, most);
}

double ratio_of(const podium::CellComparison& cell) {
  return cell.ratio ? cell.ratio->value : 1.0;
}

double ratio_of(const podium::HistoryLine& line) {
  if (line.drift) return line.drift->value;
  return line.changes.empty() ? 1.0 : line.changes.back().ratio.value;
}

/// In per cent, where it is the throughput of a cell and not its time that is too slow.
std::optional<double> lost_throughput(const podium::CellComparison& cell, double share) {
  if (podium::is_slower_by(cell, share) || !cell.throughput || !podium::is_slower_by(*cell.throughput, share)) return std::nullopt;
  return 100.0 * (1.0 - cell.throughput->ratio.value);
}
/// Histories are of times.
std::optional<double> lost_throughput(const podium::HistoryLine& /*line*/, double /*share*/) {
  return std::nullopt;
}

/// Nothing else is wrong with the cell than that a figure of it is missing.
bool is_only_missing(const podium::CellComparison& cell, double share) {
  const bool is_wrong_too = cell.breaks_now || podium::is_slower_by(cell, share);
  return cell.missing_now || (cell.throughput_missing_now && !is_wrong_too);
}
bool is_only_missing(const podium::HistoryLine& line, double /*share*/) {
  return line.missing_now;
}

template <typename Line>
std::string what_is_wrong(const Line& line, const CompareFlags& flags) {
  if (line.breaks_now) return "does not run any more";
  if (line.missing_now) return "was measured before and is not there now (--allow-missing lets it pass)";
  if (is_only_missing(line, share_of(flags))) return "has no throughput now, though it had one before (--allow-missing lets it pass)";
  const std::string limit = podium::printable(flags.fail_above);
  if (const auto lost = lost_throughput(line, share_of(flags)))
    return fmt::format("has a throughput that is {:.1f} % less, over --fail-above {}", *lost, limit);
  return fmt::format("is {:.1f} % slower, over --fail-above {}", 100.0 * (ratio_of(line) - 1.0), limit);
}

/// "2 launches before, 2 after": what the noise is known from.
std::string told_units(const podium::UndecidedFigure& figure) {
  const podium::CellComparison& cell = *figure.cell;
  const auto& throughput = cell.throughput;
  const auto basis = figure.is_throughput ? throughput->basis : cell.basis.value_or(podium::ComparisonBasis::rounds);
  return fmt::format("{} {} before, {} after", figure.is_throughput ? throughput->units_before : cell.units_before, to_string(basis),
                     figure.is_throughput ? throughput->units_after : cell.units_after);
}

std::string told_hidden(double share) {
  constexpr double much = 10.0;
  if (!std::isfinite(share)) return "any change";
  return share > much ? fmt::format("a change of over {:.0f} %", 100.0 * much) : fmt::format("a change of {:.1f} %", 100.0 * share);
}

std::string why_undecided(const podium::UndecidedFigure& figure, const CompareFlags& flags) {
  return fmt::format(
      "{}is undecided: its noise ({}) would hide {}, and --fail-above asks for {}; measure more launches or runs on both "
      "sides, or let it pass with --allow-undecided",
      figure.is_throughput ? "(throughput) " : "", told_units(figure), told_hidden(figure.hidden), podium::printable(flags.fail_above));
}

int report_undecided(const podium::Comparison& found, const CompareFlags& flags) {
  if (flags.fail_above.empty()) return exit_done;
  const std::vector<podium::UndecidedFigure> all = podium::undecided(found, share_of(flags));
  for (const podium::UndecidedFigure& figure : all) {
    if (flags.quiet) break;
    fmt::print(stderr, "podium: {} {}\n", podium::printable(figure.cell->cell.id), why_undecided(figure, flags));
  }
  return all.empty() || flags.allow_undecided ? exit_done : exit_undecided;
}

std::string why_undecided(const podium::HistoryLine& line, const CompareFlags& flags) {
  const std::string limit = podium::printable(flags.fail_above);
  if (line.course == podium::CellCourse::too_few_runs)
    return fmt::format(
        "is undecided: a change can be told from {} runs on, and --fail-above {} asks for one; give more runs, or let it pass "
        "with --allow-undecided",
        podium::fewest_runs_of_history, limit);
  return fmt::format(
      "is undecided: the noise from run to run would hide {} in the last three, and --fail-above asks for {}; measure more "
      "launches in each run, or let it pass with --allow-undecided",
      told_hidden(line.hidden), limit);
}

int report_undecided(const podium::History& found, const CompareFlags& flags) {
  if (flags.fail_above.empty()) return exit_done;
  const std::vector<const podium::HistoryLine*> all = podium::undecided(found, share_of(flags));
  for (const podium::HistoryLine* line : all) {
    if (flags.quiet) break;
    fmt::print(stderr, "podium: {} {}\n", podium::printable(line->cell.id), why_undecided(*line, flags));
  }
  return all.empty() || flags.allow_undecided ? exit_done : exit_undecided;
}

template <typename Found>
int report_regressions(const Found& found, const CompareFlags& flags) {
  const double share = share_of(flags);
  auto regressions = podium::regressions(found, share);
  if (flags.allow_missing) std::erase_if(regressions, [share](const auto* line) { return is_only_missing(*line, share); });
  for (const auto* line : regressions) {
    if (flags.quiet) break;
    fmt::print(stderr, "podium: {} {}\n", podium::printable(line->cell.id), what_is_wrong(*line, flags));
  }
  const int undecided = report_undecided(found, flags);
  return regressions.empty() ? undecided : exit_cell_failed;
}

template <typename Found>
int report(const Found& found, const CompareFlags& flags) {
  AllThenThrow outputs;
  if (!flags.json.empty()) outputs.attempt([&] { podium::write_file(flags.json, podium::to_json(found)); });
  if (!flags.markdown.empty()) outputs.attempt([&] { podium::write_file(flags.markdown, podium::to_markdown(found)); });
  if (!flags.html.empty()) outputs.attempt([&] { podium::write_file(flags.html, podium::to_html(found)); });
  if (!flags.quiet) outputs.attempt([&] { print_out(podium::to_table(found, style_of(stdout))); });
  outputs.rethrow();
  return report_regressions(found, flags);
}

void check_outputs(const CompareFlags& flags, const std::vector<std::string>& files) {
  for (const std::string& file : files)
    check_output_files(file, {{"--json", flags.json}, {"--markdown", flags.markdown}, {"--html", flags.html}},
                       "is one of the runs to compare");
}

int run_history(const CompareFlags& flags, std::vector<std::string> files, const podium::CompareOptions& options) {
  for (const std::string& typed : flags.more) {
    const std::vector<std::string> more = files_of("MORE", typed);
    files.insert(files.end(), more.begin(), more.end());
  }
  check_outputs(flags, files);
  return report(podium::read_history(std::vector<std::filesystem::path>(files.begin(), files.end()), options), flags);
}

int run(const CompareFlags& flags) {
  (void)share_of(flags);  // a limit that is none is told before any file is read
  if (flags.allow_undecided && flags.fail_above.empty()) {
    throw podium::Exception(
        {podium::ErrorCode::wrong_use, "--allow-undecided: nothing is undecided without a limit", "add --fail-above 3%"});
  }
  const podium::CompareOptions options = parse_allow_different(flags.allow_different);
  std::vector<std::string> files = files_of("BEFORE", flags.before);
  const std::vector<std::string> after = files_of("AFTER", flags.after);
  const std::vector<std::string> before = files;
  files.insert(files.end(), after.begin(), after.end());
  if (!flags.more.empty()) return run_history(flags, std::move(files), options);
  check_outputs(flags, files);
  return report(podium::compare(read_side("BEFORE", before, true), read_side("AFTER", after, false), options), flags);
}

}  // namespace

void add_compare_command(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("compare", description);
  command->footer(examples);
  command->fallthrough();  // for --no-colour, which belongs to no command
  const auto flags = std::make_shared<CompareFlags>();
  command->add_option("BEFORE", flags->before, "one run's results file, or several with commas")->required();
  command->add_option("AFTER", flags->after, "likewise")->required();
  command->add_option("MORE", flags->more, "more runs: then all are one history")->type_name("TEXT ...");
  command->add_option("--fail-above", flags->fail_above, "exit with 1 where a cell is significantly slower by more than this")
      ->type_name("3%");
  command->add_flag("--allow-undecided", flags->allow_undecided, "pass though noise would have hidden a change of --fail-above");
  command->add_flag("--allow-missing", flags->allow_missing, "pass though a cell or throughput measured before is not there after");
  command->add_option("--json", flags->json, "write what was found (schema podium.comparison/1, podium.history/1)")->type_name("FILE");
  command->add_option("--markdown", flags->markdown, "write the table for a pull request or a page")->type_name("FILE");
  command->add_option("--html", flags->html, "write a page with charts, filters and a table; it opens without network")->type_name("FILE");
  command->add_option("--allow-different", flags->allow_different, "compare though these differ: machine, boundary, model")
      ->type_name("WHAT,...");
  command->add_flag("-q,--quiet", flags->quiet, "print nothing; the exit status tells");
  command->callback([command, flags, &status] {
    refuse_empty_values(*command);
    status = run(*flags);
  });
}

}  // namespace cli
