#include "api/take_in.h"

#include "core/install_paths.h"

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

}  // namespace podium::api
