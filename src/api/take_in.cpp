#include "api/take_in.h"

#include "core/install_paths.h"
#include "import/model_kind.h"

namespace podium::api {

Result<import::ImportedModel> take_in(const std::string& model, const std::filesystem::path& weights,
                                      const std::map<std::string, Shape>& shapes, cache::Cache& cache, const CancelToken& cancel,
                                      const import::OnProgress& on_progress) {
  import::ImportRequest request;
  request.model = model;
  request.weights = weights;
  request.shapes = shapes;
  if (const std::string python = python_interpreter(); !python.empty()) request.python = {python};
  return import::import_model(request, cache, cancel, on_progress);
}

bool is_at_hand(const std::string& model) {
  const auto named = import::kind_of_model(model);
  if (!named) return false;
  const bool is_file = named->kind == import::ModelKind::onnx_file || named->kind == import::ModelKind::pt2_file;
  std::error_code error;
  return !is_file || std::filesystem::exists(model, error);
}

}  // namespace podium::api
