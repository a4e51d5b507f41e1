#pragma once

#include <chrono>
#include <set>
#include <string>

#include "live_lines.h"
#include "podium/bench.h"
#include "standings.h"

namespace cli {

enum class Verbosity { quiet, normal, verbose };

/// Shows on standard error how the cells stand, what runs now, and when it will end: a live table on a terminal, else a plain line for each
/// change.
class ProgressDisplay : public podium::BenchObserver {
 public:
  explicit ProgressDisplay(Verbosity verbosity);
  ~ProgressDisplay() override;
  void on_progress(const podium::Progress& progress) override;
  void on_standing(const podium::Standing& standing) override;
  void on_message(const std::string& message) override;
  void on_cell(const podium::Cell& cell) override;
  /// Clears the live lines; called before anything else is printed.
  void clear();

 private:
  void draw(const podium::Progress& progress);
  [[nodiscard]] std::string status_line(const podium::Progress& progress, std::size_t width) const;
  void print_change(const podium::Progress& progress);
  void print_line(const std::string& line);

  Verbosity verbosity_;
  bool live_;
  LiveLines lines_;
  Standings standings_;
  std::string last_shown_;
  std::set<std::string> told_;  ///< steps that a log has
  std::chrono::steady_clock::time_point last_draw_{};
};

}  // namespace cli
