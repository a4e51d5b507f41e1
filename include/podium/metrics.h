#pragma once

#include <string>
#include <vector>

namespace podium {

/// A metric by which accuracy can be judged.
struct MetricName {
  std::string name;  ///< as --metric takes it; "command:" and "python:" want something behind them
  std::string help;  ///< one line
};
[[nodiscard]] std::vector<MetricName> metric_names();

}  // namespace podium
