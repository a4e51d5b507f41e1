#include "import/import.h"

#include <fmt/format.h>

#include <array>

#include "core/text.h"
#include "import/model_source.h"

namespace podium::import {
namespace {

struct Importer {
  ModelKind kind;
  ImportedSource (*import)(const ImportContext&);
  bool takes_weights;
};
constexpr std::array<Importer, 5> importers{{{ModelKind::onnx_file, import_onnx_file, false},
                                             {ModelKind::pt2_file, import_pt2_file, false},
                                             {ModelKind::torchvision, import_torchvision, true},
                                             {ModelKind::hugging_face, import_hugging_face, false},
                                             {ModelKind::python, import_python_function, false}}};

}  // namespace

struct ImportedModel::State {
  std::unique_ptr<ModelSource> source;
};

ImportedModel::ImportedModel(std::unique_ptr<State> state) : state_(std::move(state)) {}
ImportedModel::ImportedModel(ImportedModel&&) noexcept = default;
ImportedModel& ImportedModel::operator=(ImportedModel&&) noexcept = default;
ImportedModel::~ImportedModel() = default;

const ModelFacts& ImportedModel::facts() const noexcept {
  return state_->source->facts;
}

const std::vector<std::string>& ImportedModel::notices() const noexcept {
  return state_->source->notices;
}

Result<Variant> ImportedModel::variant(const VariantRequest& request, const CancelToken& cancel, const OnProgress& on_progress) const {
  return state_->source->variant(request, cancel, on_progress);
}

Result<ImportedModel> import_model(const ImportRequest& request, cache::Cache& cache, const CancelToken& cancel,
                                   const OnProgress& on_progress) {
  const auto model = kind_of_model(request.model);
  if (!model) return tl::unexpected(model.error());
  const auto* const importer =
      std::find_if(importers.begin(), importers.end(), [&](const Importer& row) { return row.kind == model->kind; });
  if (!request.weights.empty() && !importer->takes_weights) {
    return fail(ErrorCode::wrong_use, fmt::format("--weights does not go with '{}', which has its own", printable(request.model)),
                "leave --weights out, or name a model torchvision:NAME");
  }
  auto source = importer->import({request, *model, cache, cancel, on_progress});
  if (!source) return tl::unexpected(source.error());
  (*source)->facts.name = request.model;
  return ImportedModel(std::unique_ptr<ImportedModel::State>(new ImportedModel::State{std::move(*source)}));
}

}  // namespace podium::import
