#include "report/charts/samples.h"

#include <algorithm>
#include <cmath>

namespace podium::report {
namespace {

/// By linear interpolation, as the measurement's own statistics have it.
double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2.0;
}

struct Sample {
  double ms = 0.0;
  bool is_outlier = false;
};

void add_block(std::vector<Sample>& all, const Block& block) {
  if (block.set_aside || block.samples_ns.empty()) return;
  const double calls = static_cast<double>(std::max<std::int64_t>(block.iterations_per_sample, 1));
  std::vector<double> ms;
  for (const std::int64_t ns : block.samples_ns) ms.push_back(static_cast<double>(ns) / calls / 1e6);
  const double middle = median_of(ms);
  std::vector<double> distances;
  for (const double value : ms) distances.push_back(std::abs(value - middle));
  constexpr double to_standard_deviation = 1.4826;  // of the median absolute deviation of normal samples
  const double reach = 3.0 * to_standard_deviation * median_of(std::move(distances));
  for (const double value : ms) all.push_back({value, reach > 0.0 && (value < middle - reach || value > middle + reach)});
}

/// Which of `count` to take so that `wanted` are taken, evenly spread.
bool is_taken(std::size_t index, std::size_t count, std::size_t wanted) {
  return wanted >= count || (index + 1) * wanted / count > index * wanted / count;
}

}  // namespace

DrawnSamples draw_samples(const std::vector<Block>& blocks, std::size_t limit) {
  std::vector<Sample> all;
  for (const Block& block : blocks) add_block(all, block);
  const auto outliers = static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](const Sample& s) { return s.is_outlier; }));
  const std::size_t kept_outliers = all.size() <= limit ? outliers : std::min(outliers, limit / 2);
  const std::size_t kept_others = limit - std::min(limit, kept_outliers);
  DrawnSamples drawn;
  drawn.of = all.size();
  std::size_t outlier = 0;
  std::size_t other = 0;
  for (const Sample& sample : all) {
    const bool taken =
        sample.is_outlier ? is_taken(outlier++, outliers, kept_outliers) : is_taken(other++, all.size() - outliers, kept_others);
    if (!taken) continue;
    if (sample.is_outlier) drawn.outliers.push_back(drawn.ms.size());
    drawn.ms.push_back(sample.ms);
  }
  return drawn;
}

}  // namespace podium::report
