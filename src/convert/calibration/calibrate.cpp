#include <fmt/format.h>

#include <algorithm>

#include "convert/calibration/calibration.h"
#include "core/environment.h"
#include "core/parallel.h"
#include "core/text.h"

namespace podium::convert {
namespace {

Result<void> check(const CalibrationSettings& settings) {
  if (!(settings.percentile > 50.0 && settings.percentile <= 100.0)) {
    return fail(ErrorCode::wrong_use, fmt::format("a range cannot hold {} % of the values", settings.percentile),
                "Give a percentile above 50, up to 100.");
  }
  if (!(settings.moving_average > 0.0 && settings.moving_average <= 1.0)) {
    return fail(ErrorCode::wrong_use, fmt::format("a new batch cannot weigh {} in the moving average", settings.moving_average),
                "Give a weight above 0, up to 1.");
  }
  constexpr int fewest = 4;
  constexpr int most = 1 << 10;
  if (settings.levels >= fewest && settings.levels <= most) return {};
  return fail(ErrorCode::wrong_use, fmt::format("values cannot be quantized to {} levels; {} to {} can be", settings.levels, fewest, most));
}

/// The calibrators of some values, at work on all of them at once.
class Observers {
 public:
  Observers(std::span<const std::string> values, const CalibrationSettings& settings)
      : values_(values), threads_(static_cast<std::size_t>(usable_cpus())) {
    for (std::size_t i = 0; i < values.size(); ++i) calibrators_.push_back(make_calibrator(settings));
  }

  Result<void> observe(std::int64_t batch, std::span<const Activation> activations) {
    if (auto checked = check_names(activations); !checked) return checked;
    std::vector<std::int64_t> left_out(calibrators_.size());
    parallel_for(calibrators_.size(), threads_, [&](std::size_t i) { left_out[i] = calibrators_[i]->observe(activations[i].values); });
    const auto bad = std::find_if(left_out.begin(), left_out.end(), [](std::int64_t count) { return count > 0; });
    if (bad == left_out.end()) return {};
    const Activation& activation = activations[static_cast<std::size_t>(bad - left_out.begin())];
    return fail(ErrorCode::bad_input,
                fmt::format("'{}' holds {} infinities or values that are not numbers, of {}, in batch {} of the calibration data",
                            printable(activation.name), *bad, activation.values.size(), batch),
                "Look for damaged samples in the calibration data, or leave out the node that makes it.");
  }

  [[nodiscard]] std::map<std::string, Range> ranges() const {
    std::vector<Range> found(calibrators_.size());
    parallel_for(calibrators_.size(), threads_, [&](std::size_t i) { found[i] = calibrators_[i]->range(); });
    std::map<std::string, Range> ranges;
    for (std::size_t i = 0; i < found.size(); ++i) ranges[values_[i]] = found[i];
    return ranges;
  }

 private:
  [[nodiscard]] Result<void> check_names(std::span<const Activation> activations) const {
    const auto is_named = [](const Activation& activation, const std::string& name) { return activation.name == name; };
    if (std::equal(activations.begin(), activations.end(), values_.begin(), values_.end(), is_named)) return {};
    return fail(ErrorCode::failed, "the engine that runs the calibration data returned other values than it was asked for");
  }

  std::span<const std::string> values_;
  std::vector<std::unique_ptr<Calibrator>> calibrators_;
  std::size_t threads_;
};

tl::unexpected<Error> stopped() {
  return fail(ErrorCode::cancelled, "the calibration was stopped");
}

}  // namespace

Result<std::map<std::string, Range>> calibrate(const ::onnx::ModelProto& model, std::span<const std::string> values,
                                               const CalibrationSettings& settings, ActivationSource& source, const Progress& progress) {
  if (auto checked = check(settings); !checked) return tl::unexpected(checked.error());
  if (values.empty()) return std::map<std::string, Range>();
  const std::int64_t batches = source.batches();
  if (batches == 0) return fail(ErrorCode::bad_input, "there is no calibration data", "Give some with --calibrate.");
  const Result<::onnx::ModelProto> tapped = with_outputs(model, values);
  if (!tapped) return tl::unexpected(tapped.error());
  Observers observers(values, settings);
  progress.on_step("calibrate", 0, batches);
  const auto ran = source.run(*tapped, [&](std::int64_t batch, std::span<const Activation> activations) -> Result<void> {
    if (progress.is_cancelled()) return stopped();
    if (auto observed = observers.observe(batch, activations); !observed) return observed;
    progress.on_step("calibrate", batch + 1, batches);
    return {};
  });
  if (!ran) return tl::unexpected(ran.error());
  if (progress.is_cancelled()) return stopped();
  return observers.ranges();
}

}  // namespace podium::convert
