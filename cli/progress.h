#pragma once

#include <chrono>
#include <string>

#include "podium/bench.h"

namespace cli {

enum class Verbosity { quiet, normal, verbose };

/// Shows on standard error what runs now, what is left and when it will end: one live line on a terminal, else a plain line for each
/// change.
class ProgressDisplay : public podium::BenchObserver {
 public:
  explicit ProgressDisplay(Verbosity verbosity);
  ~ProgressDisplay() override;
  void on_progress(const podium::Progress& progress) override;
  void on_message(const std::string& message) override;
  void on_cell(const podium::Cell& cell) override;
  /// Clears the live line; called before anything else is printed.
  void clear();

 private:
  void draw(const podium::Progress& progress);
  void print_change(const podium::Progress& progress);
  void print_line(const std::string& line);

  Verbosity verbosity_;
  bool live_;
  bool drawn_ = false;
  std::string last_shown_;
  std::chrono::steady_clock::time_point last_draw_{};
};

}  // namespace cli
