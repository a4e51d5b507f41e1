#pragma once

#include <string>

#include "podium/history.h"

namespace podium::report {

/// A cell's times through the runs in a few characters, "▂▂▁▂│▆▇▆": higher is slower, a bar stands where a level begins, "×" for a run in
/// which it broke. Of long histories the newest runs. Empty where nothing was measured.
[[nodiscard]] std::string course_drawing(const HistoryLine& line);

}  // namespace podium::report
