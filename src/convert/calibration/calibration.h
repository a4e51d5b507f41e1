#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "convert/activations.h"
#include "convert/progress.h"
#include "podium/convert.h"

namespace podium::convert {

/// The values that an activation is quantized over.
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

  /// One batch of the value's numbers. Infinities and NaN are left out and counted by calibrate(), which fails on them with the value's name.
  virtual void observe(std::span<const float> values) = 0;
  [[nodiscard]] virtual Range range() const = 0;
};

struct CalibrationSettings {
  CalibrationMethod method = CalibrationMethod::min_max;
  double percentile = 99.999;      ///< of |value| (symmetric) or of both tails
  double moving_average = 0.01;    ///< weight of a new batch
  bool symmetric = false;          ///< the range is [-x, x]
  int levels = 256;                ///< 256; 128 where the range is reduced
};

[[nodiscard]] std::unique_ptr<Calibrator> make_calibrator(const CalibrationSettings& settings);

/// The range of each of `values`, from one run of the model over all batches.
[[nodiscard]] Result<std::map<std::string, Range>> calibrate(const ::onnx::ModelProto& model, std::span<const std::string> values,
                                                             const CalibrationSettings& settings, ActivationSource& source,
                                                             const Progress& progress);

}  // namespace podium::convert
