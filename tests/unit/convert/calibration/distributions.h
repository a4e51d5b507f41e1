#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <random>
#include <span>
#include <vector>

#include "convert/calibration/calibration.h"

namespace podium::convert::test {

using Values = std::vector<float>;

/// `count` numbers that `draw` makes of a generator with a fixed seed.
template <typename Draw>
Values drawn(std::size_t count, Draw&& draw) {
  std::mt19937 random(1);
  Values values(count);
  for (float& value : values) value = static_cast<float>(draw(random));
  return values;
}

inline Values normal(std::size_t count, double deviation = 1.0) {
  std::normal_distribution<double> distribution(0.0, deviation);
  return drawn(count, [&](auto& random) { return distribution(random); });
}

/// What a ReLU leaves of normal numbers.
inline Values rectified(std::size_t count) {
  Values values = normal(count);
  for (float& value : values) value = std::max(value, 0.0F);
  return values;
}

/// Density exp(-|x|) / 2.
inline Values laplace(std::size_t count) {
  std::exponential_distribution<double> magnitude(1.0);
  return drawn(count, [&](auto& random) { return (random() % 2 == 0 ? 1.0 : -1.0) * magnitude(random); });
}

inline Values uniform(std::size_t count, double low, double high) {
  std::uniform_real_distribution<double> distribution(low, high);
  return drawn(count, [&](auto& random) { return distribution(random); });
}

inline Range range_of(const CalibrationSettings& settings, std::span<const Values> batches) {
  const std::unique_ptr<Calibrator> calibrator = make_calibrator(settings);
  for (const Values& batch : batches) calibrator->observe(batch);
  return calibrator->range();
}

inline Range range_of(const CalibrationSettings& settings, const Values& values) {
  return range_of(settings, std::span(&values, 1));
}

inline CalibrationSettings by(CalibrationMethod method, bool symmetric = false, int levels = 256) {
  CalibrationSettings settings;
  settings.method = method;
  settings.symmetric = symmetric;
  settings.levels = levels;
  return settings;
}

}  // namespace podium::convert::test
