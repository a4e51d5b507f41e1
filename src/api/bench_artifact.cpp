#include "api/bench_artifact.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "api/bench_run.h"
#include "api/run_settings.h"
#include "artifact/opened.h"
#include "core/text.h"
#include "podium/report.h"

namespace podium::api {
namespace {

namespace fs = std::filesystem;

/// What the artefact settles, as its flag.
Result<void> check_nothing_is_settled_anew(const BenchRequest& request) {
  const std::pair<const char*, bool> given[] = {
      {"--backends", !request.backends.empty()},
      {"--precisions", !request.precisions.empty()},
      {"--batch", !request.batches.empty()},
      {"--shape", !request.shapes.empty()},
      {"--set", !request.option_values.empty()},
      {"--threads", request.threads > 0},
      {"--data", !request.data.empty()},
      {"--calibrate", !request.calibration.empty()},
      {"--labels", !request.labels.empty()},
      {"--metric", !request.metric.empty()},
      {"--max-drop", request.max_drop.has_value()},
      {"--weights", !request.weights.empty()},
      {"--preprocess", !request.preprocess.empty()},
      {"--samples", request.samples > 0},
      {"--self-check", request.self_check > 0},
      {"--timing-boundary", request.timing_boundary.has_value()},
  };
  for (const auto& [flag, is_given] : given) {
    if (!is_given) continue;
    return fail(ErrorCode::wrong_use, fmt::format("{}: the artefact '{}' is measured as it was", flag, printable(request.model)),
                fmt::format("leave {} out, or give the original model instead of the artefact", flag));
  }
  return {};
}

/// Each set of shapes was measured in a run of its own, and one run is measured at a time.
bool is_of_the_first(const Manifest& manifest, const ArtifactVariant& variant) {
  return variant.evidence.empty() || variant.evidence == manifest.evidence;
}

/// The artefact's cells and the baselines of their batch sizes, as they were measured.
Result<std::vector<const Cell*>> cells_of(const Manifest& manifest, const Results& evidence) {
  std::vector<const Cell*> cells;
  for (const ArtifactVariant& variant : manifest.variants) {
    if (!is_of_the_first(manifest, variant)) continue;
    const auto own = std::find_if(evidence.cells.begin(), evidence.cells.end(), [&](const Cell& it) { return it.id == variant.cell; });
    if (own == evidence.cells.end())
      return fail(ErrorCode::bad_input, fmt::format("the artefact's evidence does not hold its cell '{}'", printable(variant.cell)),
                  "make the artefact again with podium pack");
    cells.push_back(&*own);
    const auto baseline = std::find_if(evidence.cells.begin(), evidence.cells.end(),
                                       [&](const Cell& it) { return it.is_baseline && it.batch == own->batch && it.id != own->id; });
    if (baseline != evidence.cells.end()) cells.push_back(&*baseline);
  }
  return cells;
}

}  // namespace

bool is_artifact(const std::string& model) {
  std::error_code error;
  const fs::path path = model;
  return fs::exists(path / "artifact.json", error) || (path.extension() == ".zip" && fs::is_regular_file(path, error));
}

Result<Results> bench_artifact(const BenchRequest& request, BenchObserver& observer, const CancelToken& cancel) {
  if (auto checked = check_nothing_is_settled_anew(request); !checked) return tl::unexpected(checked.error());
  const auto opened = artifact::open(request.model, true);
  if (!opened) return tl::unexpected(opened.error());
  const Manifest& manifest = opened->manifest;
  if (manifest.evidence.empty())
    return fail(ErrorCode::bad_input, "the artefact keeps no measurement, so nothing says what it is to be held against",
                "make the artefact again with podium pack");
  const Results evidence = read_results(opened->folder / manifest.evidence);
  const auto cells = cells_of(manifest, evidence);
  if (!cells) return tl::unexpected(cells.error());
  BenchRequest again = request_of(evidence, *cells);
  if (request.device != BenchRequest{}.device && request.device != again.device)
    return fail(ErrorCode::wrong_use, fmt::format("--device: the artefact '{}' was measured on {}", printable(request.model), again.device),
                "leave --device out, or give the original model instead of the artefact");
  static_cast<MeasuringMethod&>(again) = request;
  again.rebuilds = 0;  // the artefact's file is what is measured
  MadeFiles files;
  for (const ArtifactVariant& variant : manifest.variants) {
    if (!is_of_the_first(manifest, variant)) continue;
    const ArtifactFile& file = manifest.files.at(variant.model);
    files[variant.cell] = {opened->folder / variant.model, file.sha256, file.bytes};
  }
  if (files.size() < manifest.variants.size()) {
    observer.on_message(fmt::format("{} variants for other shapes are not measured here; podium verify measures them",
                                    manifest.variants.size() - files.size()));
  }
  return BenchRun(again, observer, cancel, {}, std::move(files)).run();
}

}  // namespace podium::api
