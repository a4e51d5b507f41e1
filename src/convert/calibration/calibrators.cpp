#include "convert/calibration/calibrators.h"

#include <algorithm>
#include <utility>

#include "convert/calibration/range_finders.h"

namespace podium::convert {
namespace {

Range as_wanted(float low, float high, bool symmetric) {
  if (!symmetric) return {low, high};
  const float largest = std::max(-low, high);
  return {-largest, largest};
}

std::int64_t widen(Extent& extent, std::span<const float> values) {
  return for_finite_blocks(values, [&extent](std::span<const float>, const Extent& block) {
    extent.low = std::min(extent.low, block.low);
    extent.high = std::max(extent.high, block.high);
  });
}

struct Finder {
  CalibrationMethod method;
  HistogramCalibrator::FindRange find;
};
constexpr Finder finders[] = {
    {CalibrationMethod::percentile, percentile_range},
    {CalibrationMethod::entropy, entropy_range},
    {CalibrationMethod::mse, mse_range},
};

}  // namespace

std::int64_t MinMaxCalibrator::observe(std::span<const float> values) {
  return widen(extent_, values);
}

Range MinMaxCalibrator::range() const {
  return as_wanted(extent_.low, extent_.high, symmetric_);
}

std::int64_t MovingAverageCalibrator::observe(std::span<const float> values) {
  Extent batch;
  const std::int64_t left_out = widen(batch, values);
  if (left_out == static_cast<std::int64_t>(values.size())) return left_out;
  const double weight = std::exchange(is_first_, false) ? 1.0 : weight_;
  low_ += weight * (static_cast<double>(batch.low) - low_);
  high_ += weight * (static_cast<double>(batch.high) - high_);
  return left_out;
}

Range MovingAverageCalibrator::range() const {
  return as_wanted(static_cast<float>(low_), static_cast<float>(high_), symmetric_);
}

std::int64_t HistogramCalibrator::observe(std::span<const float> values) {
  return for_finite_blocks(values, [this](std::span<const float> block, const Extent& extent) { histogram_.add(block, extent); });
}

std::unique_ptr<Calibrator> make_calibrator(const CalibrationSettings& settings) {
  if (settings.method == CalibrationMethod::min_max) return std::make_unique<MinMaxCalibrator>(settings.symmetric);
  if (settings.method == CalibrationMethod::moving_average) {
    return std::make_unique<MovingAverageCalibrator>(settings.moving_average, settings.symmetric);
  }
  const auto* const finder =
      std::find_if(std::begin(finders), std::end(finders), [&](const Finder& it) { return it.method == settings.method; });
  return std::make_unique<HistogramCalibrator>(finder->find, settings);
}

}  // namespace podium::convert
