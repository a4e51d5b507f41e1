#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <span>
#include <vector>

#include "measure/comparison.h"
#include "measure/schedule.h"
#include "measure/stopping.h"
#include "podium/results.h"

namespace podium::measure {

/// A machine that is made up: it drifts, launches and blocks of a cell stray by 1 %, samples hang together and have a long tail.
struct MachineModel {
  double launch_deviation = 0.01;
  double block_deviation = 0.01;
  double sample_deviation = 0.01;
  double autocorrelation = 0.6;  ///< of neighbouring samples
  double tail = 0.02;            ///< mean of the exponential part of a sample, whose median is taken out again by every cell alike
  double slope = 0.0002;         ///< drift for each block of time
  double swing = 0.05;           ///< of the slow wave on top of it
  double period = 90.0;          ///< of that wave, in blocks of time
  double restless = 1.0;         ///< how many times as much the launches of the first cell stray as those of the others
};

class SimulatedMachine {
 public:
  SimulatedMachine(MachineModel model, std::uint64_t seed)
      : model_(model), generator_(seed), phase_(uniform_(generator_) * 2.0 * std::numbers::pi) {}

  [[nodiscard]] double launch_effect() { return model_.launch_deviation * normal_(generator_); }

  /// The next block of time, given to a cell.
  [[nodiscard]] Block block(double milliseconds, double launch_effect, std::int64_t launch, std::int64_t round) {
    constexpr int samples = 5;
    Block block;
    block.launch = launch;
    block.round = round;
    const double level = std::log(milliseconds * 1e6) + launch_effect + drift() + model_.block_deviation * normal_(generator_);
    const double fresh = std::sqrt(1.0 - model_.autocorrelation * model_.autocorrelation);
    double noise = normal_(generator_);
    for (int i = 0; i < samples; ++i) {
      const double tail = -model_.tail * std::log1p(-uniform_(generator_));
      block.samples_ns.push_back(std::llround(std::exp(level + model_.sample_deviation * noise + tail)));
      noise = model_.autocorrelation * noise + fresh * normal_(generator_);
    }
    return block;
  }

 private:
  double drift() {
    const double now = static_cast<double>(time_++);
    return model_.slope * now + model_.swing * std::sin(2.0 * std::numbers::pi * now / model_.period + phase_);
  }

  MachineModel model_;
  std::mt19937_64 generator_;
  std::normal_distribution<double> normal_;
  std::uniform_real_distribution<double> uniform_;
  double phase_;
  std::int64_t time_ = 0;
};

using Cells = std::vector<std::vector<Block>>;

inline Comparison compare(const Cells& cells) {
  return {{cells.begin(), cells.end()}, {}};
}

/// Measures cells of these true times in interleaved launches and lets the stopping rule say which of them go on. Those that are in doubt
/// at the end go on to so many launches.
inline Cells measure_interleaved(const std::vector<double>& milliseconds, const MachineModel& model, std::int64_t most_launches,
                                 std::uint64_t seed, std::int64_t launches_in_doubt = 0) {
  constexpr std::int64_t rounds = 8;
  SimulatedMachine machine(model, seed);
  RoundOrder order(seed);
  Cells cells(milliseconds.size());
  std::vector<bool> live(cells.size(), true);
  std::int64_t launch = 0;
  const auto measure_launch = [&] {
    std::vector<std::size_t> running;
    std::vector<double> effects(cells.size());
    for (std::size_t cell = 0; cell < cells.size(); ++cell) {
      if (live[cell]) running.push_back(cell);
      effects[cell] = machine.launch_effect() * (cell == 0 ? model.restless : 1.0);
    }
    for (std::int64_t round = 0; round < rounds && !running.empty(); ++round) {
      for (const std::size_t cell : order.next(running))
        cells[cell].push_back(machine.block(milliseconds[cell], effects[cell], launch, round));
    }
    return !running.empty();
  };
  for (const StoppingRule rule; launch < most_launches && measure_launch(); ++launch) {
    const std::vector<StopDecision> decisions = decide(live, compare(cells), rule);
    for (std::size_t cell = 0; cell < cells.size(); ++cell) live[cell] = live[cell] && decisions[cell].goes_on;
  }
  live = in_doubt(std::vector<bool>(cells.size(), true), compare(cells));
  while (launch < launches_in_doubt && measure_launch()) ++launch;
  return cells;
}

/// One cell after another, as most benchmarks do: all launches of the first, then all of the second. Launch and round are numbered alike,
/// so that the same analysis pairs what was not measured together.
inline Cells measure_in_sequence(const std::vector<double>& milliseconds, const MachineModel& model, std::int64_t launches,
                                 std::uint64_t seed, std::int64_t rounds = 8) {
  SimulatedMachine machine(model, seed);
  Cells cells(milliseconds.size());
  for (std::size_t cell = 0; cell < cells.size(); ++cell) {
    for (std::int64_t launch = 0; launch < launches; ++launch) {
      const double effect = machine.launch_effect();
      for (std::int64_t round = 0; round < rounds; ++round) cells[cell].push_back(machine.block(milliseconds[cell], effect, launch, round));
    }
  }
  return cells;
}

/// Whether any of these equal cells is said to be faster than another.
inline bool has_winner(const Comparison& comparison, std::size_t cells) {
  for (std::size_t a = 0; a < cells; ++a) {
    for (std::size_t b = a + 1; b < cells; ++b) {
      if (comparison.relation(a, b) != Relation::tied) return true;
    }
  }
  return false;
}

}  // namespace podium::measure
