#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "core/result.h"
#include "podium/results.h"

namespace podium::report {

/// Keeps a run on disk while it goes on: every block is appended to `FILE.journal` and synced; FILE is rebuilt from what is known by
/// temporary file, sync and rename.
class Journal {
 public:
  [[nodiscard]] static Result<Journal> create(const std::filesystem::path& results_file);
  /// Takes up the journal of an earlier run where it ended: reads what it holds, cuts a torn last line off and goes on behind it.
  /// Where there is none, makes one, and `earlier` stays empty.
  [[nodiscard]] static Result<Journal> resume(const std::filesystem::path& results_file, std::optional<Results>& earlier);
  Journal(Journal&&) noexcept;
  Journal& operator=(Journal&&) noexcept;
  ~Journal();

  /// The head of the run: environment, model, command.
  [[nodiscard]] Result<void> append_head(const Results& results);
  /// A cell's state without its blocks; the last one written counts.
  [[nodiscard]] Result<void> append_cell(const Cell& cell);
  [[nodiscard]] Result<void> append_block(const std::string& cell_id, const Block& block);
  [[nodiscard]] Result<void> append_block(const std::string& cell_id, const ThroughputBlock& block);
  /// Rebuilds the results file.
  [[nodiscard]] Result<void> write_results(const Results& results);

 private:
  struct State;
  [[nodiscard]] static Result<std::unique_ptr<State>> open(const std::filesystem::path& results_file);
  explicit Journal(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Reads a journal back; a torn last line is left out. A cell that was begun anew under another key loses the blocks it had before.
[[nodiscard]] Result<Results> read_journal(const std::filesystem::path& journal);

}  // namespace podium::report
