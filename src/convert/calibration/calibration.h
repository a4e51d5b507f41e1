#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "convert/activations.h"
#include "convert/progress.h"
#include "podium/convert.h"

namespace podium::convert {

/// The values that an activation is quantized over: low ≤ 0 ≤ high, since zero must be exact. Both are 0 where every number was zero, or
/// there was none.
struct Range {
  float low = 0.0F;
  float high = 0.0F;
};

/// Finds the range of one value from a stream of its numbers, in memory that does not grow with it. Deterministic.
class Calibrator {
 public:
  virtual ~Calibrator() = default;
  Calibrator() = default;
  Calibrator(const Calibrator&) = delete;
  Calibrator& operator=(const Calibrator&) = delete;

  /// One batch of the value's numbers. Infinities and NaN are left out; returns how many. calibrate() fails on them with the value's name.
  virtual std::int64_t observe(std::span<const float> values) = 0;
  /// The same however often it is asked; more numbers may follow.
  [[nodiscard]] virtual Range range() const = 0;
};

struct CalibrationSettings {
  CalibrationMethod method = CalibrationMethod::min_max;
  double percentile = 99.999;    ///< inside the range, in %: of |value| (symmetric), or half of the rest is cut off each tail
  double moving_average = 0.01;  ///< weight of a new batch; the first has all of it
  bool symmetric = false;        ///< the range is [-x, x]
  int levels = 256;              ///< 256; 128 where the range is reduced
};

/// `settings` are sensible: calibrate() checks them.
[[nodiscard]] std::unique_ptr<Calibrator> make_calibrator(const CalibrationSettings& settings);

/// The range of each of `values`, from one run of the model over all batches. Min-max and moving average have the engine reduce the values
/// inside its graph; where one may not be finite, they run once more with all numbers. Several values are observed at once, on all usable
/// CPUs; the result does not depend on it. An infinity or NaN is ErrorCode::bad_input, with the value's name.
[[nodiscard]] Result<std::map<std::string, Range>> calibrate(const ::onnx::ModelProto& model, std::span<const std::string> values,
                                                             const CalibrationSettings& settings, ActivationSource& source,
                                                             const Progress& progress);

}  // namespace podium::convert
