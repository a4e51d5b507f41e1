#pragma once

#include "convert/calibration/calibration.h"
#include "convert/calibration/histogram.h"

namespace podium::convert {

/// Cuts off the share of numbers, zeros counted too, that `percentile` leaves: of the magnitudes where the range is symmetric, else half of
/// it on either side. Within a bin, numbers are taken to lie evenly.
[[nodiscard]] Range percentile_range(const Histogram& histogram, const CalibrationSettings& settings);

/// The range whose quantized distribution tells most about the real one: least Kullback-Leibler divergence (Szymon Migacz, "8-bit Inference
/// with TensorRT", GTC 2017). What lies outside counts at the range's ends in the real distribution, and not in the quantized one. Unlike
/// there, zeros do not count (they are exact in any range, and half of all numbers behind a ReLU), a range that is not symmetric has two
/// ends of its own, and what the divergence owes to the number of samples alone is taken off (Miller and Madow's first-order term), so that
/// few samples do not ask for a narrow range.
[[nodiscard]] Range entropy_range(const Histogram& histogram, const CalibrationSettings& settings);

/// The range of least mean square error of quantizing and clipping, for numbers spread evenly within each bin.
[[nodiscard]] Range mse_range(const Histogram& histogram, const CalibrationSettings& settings);

}  // namespace podium::convert
