#pragma once

#include <chrono>

#include "podium/bench.h"

namespace podium::api {

/// Several runs, one behind the other, for whom they are one: each tells the time since its own beginning, this the time since the first's.
class OneClock final : public BenchObserver {
 public:
  explicit OneClock(BenchObserver& observer) : observer_(observer) {}

  void on_progress(const Progress& progress) override {
    Progress told = progress;
    told.elapsed = std::chrono::steady_clock::now() - start_;
    observer_.on_progress(told);
  }
  void on_standing(const Standing& standing) override { observer_.on_standing(standing); }
  void on_message(const std::string& message) override { observer_.on_message(message); }
  void on_cell(const Cell& cell) override { observer_.on_cell(cell); }

 private:
  BenchObserver& observer_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace podium::api
