#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/result.h"
#include "podium/results.h"
#include "report/journal_reader.h"

namespace podium::report {

/// Of a command that has both flags.
inline constexpr const char* remedy_for_interrupted = "--resume goes on with it, --overwrite begins anew; or give --json another file";

/// An error where a run into `results_file` would overwrite the journal of one that was interrupted, or what is no journal at all. One that
/// another run is writing just now is none of either.
[[nodiscard]] Result<void> check_not_interrupted(const std::filesystem::path& results_file,
                                                 const std::string& remedy = remedy_for_interrupted);

enum class Overwrite { what_has_ended, everything };

/// Keeps a run on disk while it goes on: every block is appended to `FILE.journal` and synced; FILE is rebuilt from what is known by
/// temporary file, sync and rename.
class Journal {
 public:
  [[nodiscard]] static Result<Journal> create(const std::filesystem::path& results_file, Overwrite overwrite = Overwrite::what_has_ended);
  /// Takes up the journal of an earlier run where it ended: reads what it holds, cuts a torn last line off and goes on behind it.
  /// Where there is none, makes one, and `earlier` stays empty.
  [[nodiscard]] static Result<Journal> resume(const std::filesystem::path& results_file, std::optional<EarlierRun>& earlier);
  Journal(Journal&&) noexcept;
  Journal& operator=(Journal&&) noexcept;
  ~Journal();

  /// The head of the run: environment, model, command.
  [[nodiscard]] Result<void> append_head(const Results& results);
  /// A cell's state without its blocks; the last one written counts.
  [[nodiscard]] Result<void> append_cell(const Cell& cell);
  /// The same of a cell that begins anew: the blocks that it has so far are not its own any more.
  [[nodiscard]] Result<void> append_anew(const Cell& cell);
  /// `at_s`: seconds of the run, interruptions left out, at which it began.
  [[nodiscard]] Result<void> append_block(const std::string& cell_id, const Block& block, double at_s);
  [[nodiscard]] Result<void> append_block(const std::string& cell_id, const ThroughputBlock& block, double at_s);
  [[nodiscard]] Result<void> append_seen(const SeenScan& scan);
  /// Nothing is left to measure: the run was not interrupted.
  [[nodiscard]] Result<void> append_end();
  /// Rebuilds the results file.
  [[nodiscard]] Result<void> write_results(const Results& results);

 private:
  struct State;
  [[nodiscard]] static Result<std::unique_ptr<State>> open(const std::filesystem::path& results_file);
  explicit Journal(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace podium::report
