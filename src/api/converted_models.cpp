#include "api/converted_models.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/target_profile.h"
#include "backends/api/profile_json.h"
#include "core/files.h"
#include "core/json.h"
#include "core/text.h"
#include "data/sample_stream.h"
#include "import/made_file.h"
#include "onnx/whole_model.h"
#include "podium/version.h"

namespace podium::api {
namespace {

constexpr const char* model_file = "model.onnx";
constexpr const char* report_file = "conversion.json";

/// What was done to the model, for whoever looks into the cache.
std::string report_text(const ConversionReport& report) {
  return dump_json({{"to", to_string(report.to)},
                    {"nodes", report.nodes},
                    {"converted", report.converted},
                    {"left_wide", report.left_wide},
                    {"notes", report.notes}},
                   2);
}

bool is_among(const std::vector<Precision>& precisions, Precision wanted) noexcept {
  return std::find(precisions.begin(), precisions.end(), wanted) != precisions.end();
}

}  // namespace

bool needs_conversion(const search::Candidate& candidate) noexcept {
  const bool is_wide = candidate.precision == Precision::fp32 || candidate.precision == Precision::tf32;
  const backend::Descriptor& descriptor = candidate.backend.descriptor;
  return descriptor.model_format == "onnx" && !is_wide && is_among(descriptor.precisions, candidate.precision) &&
         !is_among(descriptor.narrows_by_itself, candidate.precision);
}

bool needs_calibration(const search::Candidate& candidate) noexcept {
  const backend::Descriptor& descriptor = candidate.backend.descriptor;
  return candidate.precision == Precision::int8_static && is_among(descriptor.precisions, candidate.precision) &&
         !is_among(descriptor.narrows_by_itself, candidate.precision);
}

bool ConvertedModels::needs_activations(Precision precision) const noexcept {
  return precision == Precision::int8_static || (precision != Precision::int8_dynamic && basis_.calibration.real);
}

Result<void> ConvertedModels::find_engine(const CancelToken& cancel) {
  if (engine_) return {};
  auto engine = CalibrationEngine::find(cancel);
  if (!engine) return tl::unexpected(engine.error());
  engine_.emplace(std::move(*engine));
  return {};
}

Result<std::vector<std::string>> ConvertedModels::key_of(const Wanted& wanted) {
  const convert::ConvertSettings& settings = wanted.settings;
  std::vector<std::string> parts{fmt::format("converter {}", convert::converter_version), std::string(version()), wanted.wide.sha256,
                                 std::string(to_string(settings.to)), backend::profile_to_json(settings.profile).dump()};
  if (!needs_activations(settings.to)) return parts;
  if (auto found = find_engine(wanted.cancel); !found) return tl::unexpected(found.error());
  parts.insert(parts.end(), {basis_.calibration_sha256, fmt::format("batch {}", basis_.engine.batch), engine_->name(),
                             std::string(to_string(settings.calibration.method)), fmt::format("{}", settings.calibration.percentile)});
  return parts;
}

Result<void> ConvertedModels::make(const Wanted& wanted, const std::filesystem::path& folder) {
  auto model = onnx::read_whole(wanted.wide.path);
  if (!model) return tl::unexpected(model.error());
  std::unique_ptr<convert::ActivationSource> source;
  if (needs_activations(wanted.settings.to)) {
    auto opened = engine_->source(data::stream_of(basis_.calibration.samples), basis_.inputs, basis_.engine, wanted.cancel);
    if (!opened) return tl::unexpected(opened.error());
    source = std::move(*opened);
  }
  convert::Progress progress;
  progress.cancel = &wanted.cancel;
  progress.on_step = wanted.on_step;
  const auto report = convert::convert(**model, wanted.settings, source.get(), progress);
  if (!report) return tl::unexpected(report.error());
  const auto written = onnx::write_model(**model, folder / model_file);
  if (!written) return tl::unexpected(written.error());
  return write_file_atomically(folder / report_file, report_text(*report));
}

Result<import::Variant> ConvertedModels::variant(const import::Variant& wide, const search::Candidate& candidate, const CancelToken& cancel,
                                                 const OnStep& on_step) {
  convert::ConvertSettings settings;
  settings.to = candidate.precision;
  settings.profile = profile_of(candidate.backend.descriptor);
  settings.calibration.method = basis_.method;
  settings.calibration.percentile = basis_.percentile;
  settings.correct_biases = basis_.calibration.real;  // the mean error on random inputs is not that on real ones
  const Wanted wanted{wide, std::move(settings), cancel, on_step};
  const auto key = key_of(wanted);
  if (!key) return tl::unexpected(key.error());
  const std::string name = join(*key, "\n");
  if (const auto failure = failures_.find(name); failure != failures_.end()) return tl::unexpected(failure->second);
  auto made = import::make_or_find(
      cache_, {"converted", *key, model_file, [&](const std::filesystem::path& folder) { return make(wanted, folder); }}, cancel);
  if (!made && made.error().code != ErrorCode::cancelled) failures_.emplace(name, made.error());
  return made;
}

}  // namespace podium::api
