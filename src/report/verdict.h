#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "podium/results.h"

namespace podium::report {

/// What a batch size came to, in one sentence that needs nothing around it.
struct BatchVerdict {
  std::int64_t batch = 1;
  std::string sentence;  ///< "openvino bf16 is 2.31× faster than torch-eager fp32 at batch 1; top-1 drops by 0.0 points; tied with …."
  std::string figures;   ///< "23.71 ms for one call; 95 %: 2.29× to 2.33× as fast"
  bool has_winner = false;
  bool is_doubtful = false;  ///< its answers could not be judged, or it is not known whether its drop keeps to --max-drop
};

/// One for each batch size of the run, in their order.
[[nodiscard]] std::vector<BatchVerdict> verdicts_of(const Results& results);

}  // namespace podium::report
