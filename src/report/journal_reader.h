#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "podium/results.h"

namespace podium::report {

/// A program that was using the CPUs.
struct SeenProcess {
  std::int64_t pid = 0;
  std::string name;
  double cpus = 0.0;  ///< 1: one whole CPU
};

/// All that were seen at once, while a block of a batch size was disturbed.
struct SeenScan {
  std::int64_t batch = 0;
  std::vector<SeenProcess> processes;
};

/// What a run has told its journal, for the one that takes it up.
struct EarlierRun {
  Results results;
  std::map<std::int64_t, double> seconds_of_blocks;  ///< by a block's start_ns: when it began, interruptions left out
  std::vector<SeenScan> seen;
  bool has_ended = false;  ///< by itself: nothing was left to measure
};

/// What a journal's text holds, up to what is torn or damaged.
struct JournalReading {
  EarlierRun run;
  std::size_t good_bytes = 0;  ///< up to the end of the last whole line
  int line = 0;                ///< where `error` stands
  std::optional<Error> error;  ///< damaged before its last line
};
[[nodiscard]] JournalReading read_journal_lines(std::string_view content);
[[nodiscard]] Error error_in_journal(const std::filesystem::path& journal, const JournalReading& reading);

/// Reads a journal back; a torn last line is left out. A cell that was begun anew, or is under another key, loses the blocks it had before.
[[nodiscard]] Result<Results> read_journal(const std::filesystem::path& journal);

}  // namespace podium::report
