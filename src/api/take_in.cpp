#include "api/take_in.h"

#include <utility>

#include "api/measuring_turn.h"
#include "core/device.h"
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

Result<TakenIn> take_in_alone(const BenchRequest& what, cache::Cache& cache, BenchObserver& observer, const CancelToken& cancel) {
  const auto device = parse_device(what.device);
  if (!device) return tl::unexpected(device.error());
  std::optional<machine::MeasuringLock> turn;
  if (is_at_hand(what.model)) {
    auto taken = take_turn(*device, what.command, what.no_wait, observer, cancel);
    if (!taken) return tl::unexpected(taken.error());
    turn.emplace(std::move(*taken));
  }
  const auto on_progress = [&](const std::string& step) { observer.on_progress({"import", step, 0, 0}); };
  auto model = take_in(what.model, what.weights, what.shapes, cache, cancel, on_progress);
  if (!model) return tl::unexpected(model.error());
  return TakenIn{std::move(turn), std::move(*model)};
}

}  // namespace podium::api
