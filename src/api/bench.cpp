#include "podium/bench.h"

#include "api/bench_run.h"
#include "core/result.h"

namespace podium {

Results bench(const BenchRequest& request, BenchObserver& observer, const CancelToken& cancel) {
  return value_or_throw(api::BenchRun(request, observer, cancel).run());
}

}  // namespace podium
