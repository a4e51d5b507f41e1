#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "accuracy/scores.h"
#include "podium/results.h"

namespace podium::accuracy {

/// What a run asks of every cell's answers.
struct Question {
  Metric metric;
  std::optional<double> max_drop;  ///< in units of the metric; a share for those that are shares
  std::optional<Labels> labels;
  std::uint64_t seed = 0;  ///< of the bootstrap
  RunCommand run_command;
  bool is_asked = false;  ///< by the user: answers that cannot be scored are then an error, else a figure that is missing
};

/// Judges answers against the baseline's by one metric. What the metric makes of the baseline is found once.
class Judge {
 public:
  /// `question` must outlive it. An error where the baseline's own answers cannot be scored.
  [[nodiscard]] static Result<Judge> make(const Question& question, std::vector<Row> baseline);

  /// The baseline's own figure.
  [[nodiscard]] Accuracy of_baseline() const;
  /// A cell's figure, its drop and whether that keeps to max_drop. `answers` has the baseline's shape.
  [[nodiscard]] Result<Accuracy> judge(Rows answers) const;

 private:
  Judge(const Question& question, std::vector<Row> baseline) : question_(&question), baseline_(std::move(baseline)) {}
  [[nodiscard]] Result<Scores> scores_of(Rows answers) const;
  [[nodiscard]] Accuracy figure_of(const Scores& scores) const;
  void compare(Accuracy& accuracy, const Scores& scores) const;
  void compare_hits(Accuracy& accuracy, const std::vector<bool>& hits) const;

  const Question* question_;
  std::vector<Row> baseline_;
  Scores baseline_scores_;
};

}  // namespace podium::accuracy
