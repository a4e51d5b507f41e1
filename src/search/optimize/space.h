#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "search/candidates.h"

namespace podium::search {

/// One option's value, as --set takes it.
struct OptionChange {
  std::string option;
  std::string value;
  friend bool operator==(const OptionChange&, const OptionChange&) = default;
};

/// In which turn a precision is tried where time is short: fp32 first, by which the others are judged and forecast, then what promises
/// most.
[[nodiscard]] int turn_of(Precision precision) noexcept;

/// What trying a change on one candidate taught.
struct Lesson {
  std::string backend;
  OptionChange change;
  double ratio = 1.0;  ///< figure with the change ÷ without it: under 1 is better
};
/// A change that brings less is not worth telling others of, and one that costs more need not be tried again.
inline constexpr double least_gain = 0.98;
inline constexpr double surely_worse = 1.05;

/// The candidate with other values for some options. `changes` are of the candidate's backend and known to be valid.
[[nodiscard]] Candidate with_changes(const Candidate& candidate, const std::vector<OptionChange>& changes);

/// One candidate for each value that its backend says is worth trying and that it does not have already. Options in `settled` (the user has
/// set them) are left alone. Of slow builds or of the others.
struct Trial {
  Candidate candidate;
  OptionChange change;
};
[[nodiscard]] std::vector<Trial> trials_of(const Candidate& candidate, const std::set<std::string>& settled, bool slow_builds);

/// What the lessons make of a candidate: all changes that helped its backend, else those that helped another backend in an option that this
/// one too says is worth trying; of values of one option the best. Nothing where they change nothing.
[[nodiscard]] std::optional<Candidate> taught(const Candidate& candidate, const std::vector<Lesson>& lessons,
                                              const std::set<std::string>& settled);

/// The latency that a candidate's precision promises on an engine of which only fp32 was measured: its fp32 latency times the best ratio
/// that another engine's candidates of both precisions showed. Nothing where no engine has both.
struct Measured {
  std::string backend;
  Precision precision = Precision::fp32;
  double latency_ms = 0.0;
};
[[nodiscard]] std::optional<double> forecast_ms(const Candidate& candidate, const std::vector<Measured>& measured);

}  // namespace podium::search
