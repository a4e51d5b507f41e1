#pragma once

#include "convert/calibration/calibration.h"
#include "convert/calibration/histogram.h"

namespace podium::convert {

/// The least and the greatest number.
class MinMaxCalibrator final : public Calibrator {
 public:
  explicit MinMaxCalibrator(bool symmetric) : symmetric_(symmetric) {}
  std::int64_t observe(std::span<const float> values) override;
  [[nodiscard]] Range range() const override;

 private:
  bool symmetric_;
  Extent extent_;
};

/// The least and the greatest number of each batch, averaged over batches: the range moves from the old one to the new batch's by `weight`.
class MovingAverageCalibrator final : public Calibrator {
 public:
  MovingAverageCalibrator(double weight, bool symmetric) : weight_(weight), symmetric_(symmetric) {}
  std::int64_t observe(std::span<const float> values) override;
  [[nodiscard]] Range range() const override;

 private:
  double weight_;
  bool symmetric_;
  bool is_first_ = true;
  double low_ = 0.0;
  double high_ = 0.0;
};

/// Finds the range at the end, from a histogram of all numbers.
class HistogramCalibrator final : public Calibrator {
 public:
  using FindRange = Range (*)(const Histogram&, const CalibrationSettings&);
  HistogramCalibrator(FindRange find, const CalibrationSettings& settings) : find_(find), settings_(settings) {}
  std::int64_t observe(std::span<const float> values) override;
  [[nodiscard]] Range range() const override { return find_(histogram_, settings_); }

 private:
  FindRange find_;
  CalibrationSettings settings_;
  Histogram histogram_;
};

}  // namespace podium::convert
