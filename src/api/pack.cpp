#include "podium/pack.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <set>

#include "api/bench_run.h"
#include "api/pack_choice.h"
#include "api/packaged_photos.h"
#include "api/run_settings.h"
#include "api/tokenizer_files.h"
#include "api/workers.h"
#include "artifact/write.h"
#include "core/files.h"
#include "core/result.h"
#include "core/text.h"
#include "onnx/model.h"
#include "podium/report.h"
#include "podium/version.h"
#include "runtime/engine_folder.h"

namespace podium {
namespace {

namespace fs = std::filesystem;

const Cell* baseline_of(const Results& measured, std::int64_t batch) {
  const auto found =
      std::find_if(measured.cells.begin(), measured.cells.end(), [&](const Cell& it) { return it.is_baseline && it.batch == batch; });
  return found == measured.cells.end() ? nullptr : &*found;
}

/// The chosen cells and their baselines: what an fp32 cell is judged by must be there for the run that makes them.
std::vector<const Cell*> with_baselines(const Results& measured, const std::vector<const Cell*>& chosen) {
  std::vector<const Cell*> cells = chosen;
  for (const Cell* cell : chosen) {
    const Cell* baseline = baseline_of(measured, cell->batch);
    if (baseline != nullptr && std::find(cells.begin(), cells.end(), baseline) == cells.end()) cells.push_back(baseline);
  }
  return cells;
}

/// The measurement of those cells alone, every sample kept.
std::string evidence_of(const Results& measured, const std::vector<const Cell*>& cells) {
  Results kept = measured;
  std::erase_if(kept.cells, [&](const Cell& cell) {
    return std::none_of(cells.begin(), cells.end(), [&](const Cell* it) { return it->id == cell.id; });
  });
  return to_json(kept);
}

std::vector<TensorSpec> as_specs(const std::vector<backend::InputSpec>& inputs) {
  std::vector<TensorSpec> specs;
  for (const backend::InputSpec& input : inputs) {
    TensorSpec& spec = specs.emplace_back(TensorSpec{input.name, input.type, {}});
    for (const std::int64_t size : input.shape) spec.dimensions.push_back({size, {}});
  }
  return specs;
}

/// Outputs as the engine gives them; free axes from what the model declares of an output of that name.
std::vector<TensorSpec> outputs_of(const ModelFacts& model, const RecordedCall& call) {
  std::vector<TensorSpec> specs;
  for (const RecordedTensor& output : call.outputs) {
    TensorSpec& spec = specs.emplace_back(TensorSpec{output.name, output.type, {}});
    const auto declared =
        std::find_if(model.outputs.begin(), model.outputs.end(), [&](const TensorSpec& it) { return it.name == output.name; });
    const bool is_known = declared != model.outputs.end() && declared->dimensions.size() == output.shape.size();
    for (std::size_t axis = 0; axis < output.shape.size(); ++axis)
      spec.dimensions.push_back(is_known ? declared->dimensions[axis] : Dimension{output.shape[axis], {}});
  }
  return specs;
}

std::string preprocessing_of(const RunSettings& settings, const ModelFacts& model) {
  if (settings.preprocess.empty()) return model.preprocess;
  return value_or_throw(read_text_file(settings.preprocess));
}

/// Puts the model's file, and the files of weights beside it, into the contents; returns its path within the artefact. Cells that share a
/// file share it there too.
std::string add_model(artifact::Contents& contents, const api::MadeCell& made) {
  for (const auto& [path, from] : contents.copied) {
    if (from == made.model) return path;
  }
  const std::set<std::string> taken = [&] {
    std::set<std::string> folders;
    for (const auto& [path, from] : contents.copied) {
      if (path.starts_with("models/")) folders.insert(path.substr(0, path.rfind('/')));
    }
    return folders;
  }();
  const std::string folder = fmt::format("models/{}", taken.size());
  const std::string path = fmt::format("{}/model{}", folder, made.model.extension().string());
  contents.copied[path] = made.model;
  if (made.is_compiled) return path;
  const onnx::Model model = value_or_throw(onnx::Model::read(made.model));
  for (const std::string& name : model.data_files()) contents.copied[fmt::format("{}/{}", folder, name)] = made.model.parent_path() / name;
  return path;
}

/// What the engine compiled for the cell, so that the artefact loads where that can be used.
void add_compiled(artifact::Contents& contents, const api::MadeCell& made) {
  for (const fs::path& file : made.compiled)
    contents.copied[fmt::format("{}/{}", runtime::compiled_folder, file.filename().string())] = file;
}

ArtifactVariant variant_of(const Results& measured, const Cell& cell, const api::MadeCell& made) {
  ArtifactVariant variant;
  variant.cell = cell.id;
  variant.backend = cell.backend;
  variant.engine = made.descriptor.engine;
  const auto version = measured.environment.versions.find(cell.backend);
  variant.engine_version = version == measured.environment.versions.end() ? made.engine_version : version->second;
  variant.precision = cell.precision;
  variant.options = made.options;
  variant.device = cell.device;
  variant.threads = made.threads;
  variant.fixed_shape = made.is_compiled;
  variant.inputs = as_specs(made.inputs);
  variant.median_ms = cell.latency_ms->median;
  variant.median_ci95 = cell.latency_ms->ci95;
  if (const Cell* baseline = baseline_of(measured, cell.batch)) variant.baseline = baseline->id;
  variant.ratio_to_baseline = cell.ratio_to_baseline;
  variant.output_error = cell.output_error;
  variant.accuracy = cell.accuracy;
  variant.calls = made.calls;
  return variant;
}

/// Cells of one measurement, made.
struct Part {
  const Results& measured;
  api::PackChoice choice;
  ModelFacts model;
  std::vector<api::MadeCell> made;
};

Manifest manifest_of(const Part& first) {
  Manifest manifest;
  manifest.podium_version = version();
  manifest.created = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  manifest.model = first.measured.model.name;
  manifest.model_sha256 = first.measured.model.sha256;
  manifest.trained_weights = first.measured.model.trained_weights;
  manifest.inputs = first.model.inputs;
  manifest.outputs = outputs_of(first.model, first.made.front().calls.front());
  manifest.preprocess = preprocessing_of(first.measured.settings, first.model);
  manifest.chosen_because = first.choice.because;
  manifest.environment = first.measured.environment;
  return manifest;
}

std::vector<std::string> notes_of(const Part& part) {
  std::vector<std::string> notes = part.choice.notes;
  if (api::is_packaged(part.measured.settings.data))
    notes.push_back("answers were judged by " + part.measured.data + ", not by data of yours");
  for (std::size_t i = 0; i < part.made.size(); ++i) {
    const api::MadeCell& made = part.made[i];
    if (!made.is_the_measured_file)
      notes.push_back(part.choice.cells[i]->id + ": its file was made anew and came out differently than the one that was measured");
    const std::string& gpu = part.measured.environment.gpu;
    if (!made.compiled.empty())
      notes.push_back(fmt::format("what {} compiled is for {} and {} {}; elsewhere it compiles the model anew when it is loaded",
                                  made.descriptor.engine, gpu.empty() ? "the GPU that it was measured on" : gpu, made.descriptor.engine,
                                  made.engine_version));
  }
  return notes;
}

/// "evidence/results.json", and "evidence/2/results.json" of the second set of shapes.
std::string in_folder_of_part(const std::string& folder, std::size_t part, const std::string& file) {
  return part == 0 ? fmt::format("{}/{}", folder, file) : fmt::format("{}/{}/{}", folder, part + 1, file);
}

void add_once(const std::string& text, std::vector<std::string>& texts) {
  if (!text.empty() && std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
}

void add_part(const Part& part, std::size_t number, Manifest& manifest, artifact::Contents& contents) {
  const std::string evidence = in_folder_of_part("evidence", number, "results.json");
  contents.written[evidence] = evidence_of(part.measured, with_baselines(part.measured, part.choice.cells));
  if (number == 0) manifest.evidence = evidence;
  for (const std::string& note : notes_of(part)) add_once(note, manifest.notes);
  for (std::size_t i = 0; i < part.made.size(); ++i) {
    ArtifactVariant variant = variant_of(part.measured, *part.choice.cells[i], part.made[i]);
    variant.evidence = evidence;
    add_once(part.made[i].descriptor.remedy, manifest.install);
    variant.model = add_model(contents, part.made[i]);
    add_compiled(contents, part.made[i]);
    variant.recorded = in_folder_of_part("recorded", number, fmt::format("b{}.bin", part.choice.cells[i]->batch));
    contents.written[variant.recorded] = part.made[i].recorded;
    manifest.variants.push_back(std::move(variant));
  }
}

/// Files that the artefact's own do not come upon.
void attach(const std::map<std::string, fs::path>& files, artifact::Contents& contents) {
  for (const auto& [path, file] : files) {
    if (contents.written.contains(path) || !contents.copied.emplace(path, file).second)
      throw Exception(
          {ErrorCode::wrong_use, fmt::format("the artefact has a file '{}' of its own", printable(path)), "attach it by another name"});
  }
}

void check_measured(const Results& measured, const Results& first) {
  if (measured.settings.model.empty()) {
    throw Exception({ErrorCode::bad_input, "the file does not say how it was measured: an older Podium wrote it",
                     "measure again with podium bench --json, and pack that file"});
  }
  if (measured.model.sha256 == first.model.sha256) return;
  throw Exception({ErrorCode::wrong_use, "an artefact is of one model, and these are measurements of two", "pack each by itself"});
}

/// The models of a part, whose files live as long as the run that made them.
struct MadePart {
  std::unique_ptr<BenchRequest> request;
  std::unique_ptr<api::BenchRun> run;
  Part part;
};

MadePart make_part(const Results& measured, const std::vector<std::string>& cells, bool multi_engine, BenchObserver& observer,
                   const CancelToken& cancel) {
  api::PackChoice choice = value_or_throw(api::choose_cells(measured, cells, value_or_throw(api::read_backends()), multi_engine));
  auto again = std::make_unique<BenchRequest>(api::request_of(measured, with_baselines(measured, choice.cells)));
  auto run = std::make_unique<api::BenchRun>(*again, observer, cancel);
  std::vector<api::MadeCell> made = value_or_throw(run->make_cells_again(choice.cells));
  ModelFacts model = run->model();
  return {std::move(again), std::move(run), Part{measured, std::move(choice), std::move(model), std::move(made)}};
}

void check_one_engine(const std::vector<MadePart>& parts) {
  const std::string& first = parts.front().part.choice.cells.front()->backend;
  for (const MadePart& made : parts) {
    const std::string& other = made.part.choice.cells.front()->backend;
    if (other == first) continue;
    throw Exception({ErrorCode::wrong_use, fmt::format("an artefact holds one engine, and these cells are of {} and {}", first, other),
                     "choose cells of one engine, or make an artefact of each"});
  }
}

}  // namespace

Manifest pack(const std::vector<MeasuredAt>& parts, const PackRequest& request, BenchObserver& observer, const CancelToken& cancel) {
  if (parts.empty()) throw Exception({ErrorCode::wrong_use, "no measurement was given to pack", "give one at least"});
  for (const MeasuredAt& part : parts) check_measured(part.measured, parts.front().measured);
  value_or_throw(artifact::check_target(request.output, request.overwrite));
  std::vector<MadePart> made;
  for (const MeasuredAt& part : parts) made.push_back(make_part(part.measured, part.cells, request.multi_engine, observer, cancel));
  if (!request.multi_engine) check_one_engine(made);
  Manifest manifest = manifest_of(made.front().part);
  if (!request.because.empty()) manifest.chosen_because = request.because;
  artifact::Contents contents;
  for (std::size_t number = 0; number < made.size(); ++number) add_part(made[number].part, number, manifest, contents);
  attach(request.attached, contents);
  attach(api::tokenizer_files(parts.front().measured.settings.model), contents);
  for (const std::string& note : manifest.notes) observer.on_message(note);
  return value_or_throw(artifact::write(request.output, std::move(manifest), contents, request.overwrite));
}

Manifest pack(const Results& measured, const PackRequest& request, BenchObserver& observer, const CancelToken& cancel) {
  return pack(std::vector{MeasuredAt{measured, request.cells}}, request, observer, cancel);
}

}  // namespace podium
