#pragma once

#include "podium/compare.h"
#include "report/json_nulls.h"

namespace podium::report {

/// What a run's machine did besides, beside what else is told of the run.
inline void add_load(Json& run, const RunLoad& load) {
  run["blocks"] = load.blocks;
  run["set_aside"] = load.set_aside;
  run["scored_under_load"] = load.scored_under_load;
  run["evidence"] = text_or_null(load.evidence);
}

}  // namespace podium::report
