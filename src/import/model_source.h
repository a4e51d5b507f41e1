#pragma once

#include <memory>

#include "cache/cache.h"
#include "core/result.h"
#include "import/import.h"
#include "import/model_kind.h"

namespace podium::import {

/// One kind of model: its facts, and how it becomes a file in each format.
class ModelSource {
 public:
  virtual ~ModelSource() = default;
  ModelSource() = default;
  ModelSource(const ModelSource&) = delete;
  ModelSource& operator=(const ModelSource&) = delete;

  [[nodiscard]] virtual Result<Variant> variant(const VariantRequest& request, const CancelToken& cancel,
                                                const OnProgress& on_progress) = 0;

  ModelFacts facts;
  std::vector<std::string> notices;
};

using ImportedSource = Result<std::unique_ptr<ModelSource>>;

/// What each kind needs to be taken in.
struct ImportContext {
  const ImportRequest& request;
  const NamedModel& model;
  cache::Cache& cache;
  const CancelToken& cancel;
  const OnProgress& on_progress;
};

[[nodiscard]] ImportedSource import_onnx_file(const ImportContext& context);
/// An exported program or an AOTInductor package.
[[nodiscard]] ImportedSource import_pt2_file(const ImportContext& context);
[[nodiscard]] ImportedSource import_torchvision(const ImportContext& context);
[[nodiscard]] ImportedSource import_hugging_face(const ImportContext& context);
[[nodiscard]] ImportedSource import_python_function(const ImportContext& context);

}  // namespace podium::import
