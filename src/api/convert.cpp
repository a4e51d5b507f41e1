#include "podium/convert.h"

#include "api/convert_run.h"
#include "core/result.h"

namespace podium {

Conversion convert_model(const ConvertRequest& request, BenchObserver& observer, const CancelToken& cancel) {
  return value_or_throw(api::ConvertRun(request, observer, cancel).run());
}

}  // namespace podium
