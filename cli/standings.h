#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "podium/bench.h"
#include "podium/report.h"

namespace cli {

/// The cells of the batch size under way, the fastest so far first.
class Standings {
 public:
  /// A cell of another batch size begins a new table.
  void take(const podium::Standing& standing);
  /// What broke stands no longer.
  void remove(const std::string& cell);

  [[nodiscard]] bool is_empty() const noexcept { return rows_.empty(); }
  [[nodiscard]] std::int64_t batch() const noexcept { return batch_; }
  /// "ENGINE/fp32/b1/cpu 8.12 ms ±0.4 %"; empty where nothing was measured.
  [[nodiscard]] std::string best_in_words() const;
  /// A heading and the fastest cells, in at most so many lines; the cell that is measured just now among them, and marked.
  [[nodiscard]] std::vector<std::string> table(const podium::TableStyle& style, std::size_t most_lines, const std::string& running) const;

 private:
  [[nodiscard]] std::vector<const podium::Standing*> shown(std::size_t most, const std::string& running) const;

  std::int64_t batch_ = 0;
  std::vector<podium::Standing> rows_;
};

/// With the likeness of signs that a terminal without UTF-8 lacks.
[[nodiscard]] std::string in_ascii(std::string text);

}  // namespace cli
