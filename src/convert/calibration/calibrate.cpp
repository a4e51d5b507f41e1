#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "convert/calibration/calibration.h"
#include "convert/calibration/ends.h"
#include "core/environment.h"
#include "core/parallel.h"
#include "core/text.h"

namespace podium::convert {
namespace {

using Ranges = std::map<std::string, Range>;

Result<void> check(const CalibrationSettings& settings) {
  if (!(settings.percentile > 50.0 && settings.percentile <= 100.0)) {
    return fail(ErrorCode::wrong_use, fmt::format("a range cannot hold {} % of the values", settings.percentile),
                "give a percentile above 50, up to 100");
  }
  if (!(settings.moving_average > 0.0 && settings.moving_average <= 1.0)) {
    return fail(ErrorCode::wrong_use, fmt::format("a new batch cannot weigh {} in the moving average", settings.moving_average),
                "give a weight above 0, up to 1");
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
                "look for damaged samples in the calibration data, or leave out the node that makes it");
  }

  [[nodiscard]] Ranges ranges() const {
    std::vector<Range> found(calibrators_.size());
    parallel_for(calibrators_.size(), threads_, [&](std::size_t i) { found[i] = calibrators_[i]->range(); });
    Ranges ranges;
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

/// What calibrate() was asked for.
struct Calibration {
  const ::onnx::ModelProto& model;
  std::span<const std::string> values;
  const CalibrationSettings& settings;
  ActivationSource& source;
  const Progress& progress;

  [[nodiscard]] Result<void> run(const ::onnx::ModelProto& tapped, const OnActivations& observe) const {
    const std::int64_t batches = source.batches();
    progress.on_step("calibrating", 0, batches);
    auto ran = source.run(tapped, [&](std::int64_t batch, std::span<const Activation> activations) -> Result<void> {
      if (progress.is_cancelled()) return stopped();
      if (auto observed = observe(batch, activations); !observed) return observed;
      progress.on_step("calibrating", batch + 1, batches);
      return {};
    });
    return ran && progress.is_cancelled() ? stopped() : ran;
  }
};

Result<Ranges> from_numbers(const Calibration& asked) {
  const Result<::onnx::ModelProto> tapped = with_outputs(asked.model, asked.values);
  if (!tapped) return tl::unexpected(tapped.error());
  Observers observers(asked.values, asked.settings);
  const auto ran = asked.run(
      *tapped, [&](std::int64_t batch, std::span<const Activation> activations) { return observers.observe(batch, activations); });
  if (!ran) return tl::unexpected(ran.error());
  return observers.ranges();
}

/// Nothing where all numbers must be looked at: one may not be finite, or the engine cannot reduce what the model computes.
Result<std::optional<Ranges>> from_ends(const Calibration& asked) {
  const Result<::onnx::ModelProto> tapped = with_ends(asked.model, asked.values);
  if (!tapped) return tl::unexpected(tapped.error());
  Observers observers(asked.values, asked.settings);
  bool are_finite = true;
  const auto ran = asked.run(*tapped, [&](std::int64_t batch, std::span<const Activation> told) -> Result<void> {
    const Result<Ends> ends = ends_of(told, asked.values.size());
    if (!ends) return tl::unexpected(ends.error());
    are_finite = ends->are_finite;
    if (!are_finite) return fail(ErrorCode::bad_input, "a number of the calibration data is not finite");
    std::vector<Activation> activations;
    for (std::size_t i = 0; i < asked.values.size(); ++i) activations.push_back({asked.values[i], {2}, ends->of_values[i]});
    return observers.observe(batch, activations);
  });
  if (!are_finite || (!ran && ran.error().code == ErrorCode::unsupported)) return std::nullopt;
  if (!ran) return tl::unexpected(ran.error());
  return observers.ranges();
}

/// Whether a batch's least and greatest number are all that the method looks at.
bool needs_ends_only(CalibrationMethod method) {
  return method == CalibrationMethod::min_max || method == CalibrationMethod::moving_average;
}

}  // namespace

Result<Ranges> calibrate(const ::onnx::ModelProto& model, std::span<const std::string> values, const CalibrationSettings& settings,
                         ActivationSource& source, const Progress& progress) {
  if (auto checked = check(settings); !checked) return tl::unexpected(checked.error());
  if (values.empty()) return Ranges();
  if (source.batches() == 0) return fail(ErrorCode::bad_input, "there is no calibration data", "give some with --calibrate");
  const Calibration asked{model, values, settings, source, progress};
  if (!needs_ends_only(settings.method)) return from_numbers(asked);
  Result<std::optional<Ranges>> found = from_ends(asked);
  if (!found) return tl::unexpected(found.error());
  return *found ? std::move(**found) : from_numbers(asked);
}

}  // namespace podium::convert
