#include <memory>
#include <optional>
#include <utility>

#include "core/result.h"
#include "core/temporary_folder.h"
#include "podium/optimize.h"
#include "runtime/state.h"

namespace podium {
namespace {

/// What all copies of the model share. The folder is there for as long as something may be loaded from it.
struct Kept {
  std::optional<TemporaryFolder> folder;
  std::shared_ptr<Model::State> state;
};

}  // namespace

Optimized optimize(const std::string& model, const OptimizeRequest& options) {
  const auto kept = std::make_shared<Kept>();
  OptimizeRequest request = options;
  request.what.model = model;
  if (request.output.empty()) {
    kept->folder.emplace(value_or_throw(TemporaryFolder::create({}, "podium-")));
    request.output = kept->folder->path() / "best";
  }
  BenchObserver silent;
  OptimizeReport report = optimize(request, silent, CancelToken());
  if (report.artifact.empty()) throw Exception({ErrorCode::check_failed, report.verdict, report.advice});
  LoadOptions how;
  how.threads = request.what.threads;
  kept->state = load_state(report.artifact, how);
  return {Model(std::shared_ptr<Model::State>(kept, kept->state.get())), std::move(report)};
}

}  // namespace podium
