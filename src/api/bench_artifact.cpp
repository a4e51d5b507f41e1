#include "api/bench_artifact.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "api/bench_run.h"
#include "api/run_settings.h"
#include "artifact/opened.h"
#include "core/tensor_view.h"
#include "core/text.h"
#include "podium/report.h"
#include "runtime/engine_folder.h"

namespace podium::api {
namespace {

namespace fs = std::filesystem;

/// What the artefact settles, as its flag.
Result<void> check_nothing_is_settled_anew(const BenchRequest& request) {
  const std::pair<const char*, bool> given[] = {
      {"--backends", !request.backends.empty()},
      {"--precisions", !request.precisions.empty()},
      {"--batch", !request.batches.empty()},
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
struct Part {
  std::string path;  ///< of the measurement, within the artefact
  Results measured;
};

const std::string& evidence_of(const Manifest& manifest, const ArtifactVariant& variant) {
  return variant.evidence.empty() ? manifest.evidence : variant.evidence;
}

/// In the order of the variants.
std::vector<Part> parts_of(const artifact::Opened& opened) {
  std::vector<Part> parts;
  for (const ArtifactVariant& variant : opened.manifest.variants) {
    const std::string& path = evidence_of(opened.manifest, variant);
    if (std::any_of(parts.begin(), parts.end(), [&](const Part& part) { return part.path == path; })) continue;
    parts.push_back({path, read_results(opened.folder / path)});
  }
  return parts;
}

/// As flags.
std::string in_flags(const std::map<std::string, Shape>& shapes) {
  std::vector<std::string> flags;
  for (const auto& [input, shape] : shapes) flags.push_back(fmt::format("--shape {}={}", printable(input), to_string(shape)));
  return join(flags, " ");
}

std::string others_in_flags(const std::vector<Part>& parts, const Part* but) {
  std::vector<std::string> sets;
  for (const Part& part : parts) {
    if (&part != but) sets.push_back(in_flags(part.measured.settings.shapes));
  }
  return join(sets, ", or ");
}

/// The one that was measured at the shapes that are asked for; the first where none are.
Result<const Part*> part_at(const std::vector<Part>& parts, const std::map<std::string, Shape>& asked) {
  for (const Part& part : parts) {
    const auto& measured = part.measured.settings.shapes;
    const bool is_it = std::all_of(asked.begin(), asked.end(), [&](const auto& one) {
      const auto found = measured.find(one.first);
      return found != measured.end() && found->second == one.second;
    });
    if (is_it) return &part;
  }
  const std::string sets = others_in_flags(parts, nullptr);
  return fail(ErrorCode::wrong_use, fmt::format("the artefact was not measured at {}", in_flags(asked)),
              sets.empty() ? "leave --shape out, or give the original model instead of the artefact" : "give " + sets);
}

/// The artefact's cells and the baselines of their batch sizes, as they were measured.
Result<std::vector<const Cell*>> cells_of(const Manifest& manifest, const Part& part) {
  const Results& evidence = part.measured;
  std::vector<const Cell*> cells;
  for (const ArtifactVariant& variant : manifest.variants) {
    if (evidence_of(manifest, variant) != part.path) continue;
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
  const std::vector<Part> parts = parts_of(*opened);
  const auto part = part_at(parts, request.shapes);
  if (!part) return tl::unexpected(part.error());
  const auto cells = cells_of(manifest, **part);
  if (!cells) return tl::unexpected(cells.error());
  BenchRequest again = request_of((*part)->measured, *cells);
  if (request.device != BenchRequest{}.device && request.device != again.device)
    return fail(ErrorCode::wrong_use, fmt::format("--device: the artefact '{}' was measured on {}", printable(request.model), again.device),
                "leave --device out, or give the original model instead of the artefact");
  static_cast<MeasuringMethod&>(again) = request;
  again.rebuilds = 0;  // the artefact's file is what is measured
  MadeFiles files;
  std::vector<runtime::EngineFolder> brought;  // held while the engines load from them
  for (const ArtifactVariant& variant : manifest.variants) {
    if (evidence_of(manifest, variant) != (*part)->path) continue;
    const ArtifactFile& file = manifest.files.at(variant.model);
    brought.push_back(runtime::EngineFolder::open(*opened, variant));
    files[variant.cell] = {opened->folder / variant.model, file.sha256, file.bytes, brought.back().path()};
  }
  if (files.size() < manifest.variants.size()) {
    observer.on_message(fmt::format("{} variants for other shapes are not measured here; {} measures them",
                                    manifest.variants.size() - files.size(), others_in_flags(parts, *part)));
  }
  return BenchRun(again, observer, cancel, {}, std::move(files)).run();
}

}  // namespace podium::api
