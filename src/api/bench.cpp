#include "podium/bench.h"

#include "api/bench_artifact.h"
#include "api/bench_run.h"
#include "core/result.h"

namespace podium {

Results bench(const BenchRequest& request, BenchObserver& observer, const CancelToken& cancel) {
  if (api::is_artifact(request.model)) return value_or_throw(api::bench_artifact(request, observer, cancel));
  return value_or_throw(api::BenchRun(request, observer, cancel).run());
}

}  // namespace podium
