#pragma once

#include <string>
#include <vector>

#include "backends/api/registry.h"
#include "core/result.h"
#include "podium/results.h"

namespace podium::api {

/// Cells that become the variants of one artefact, and why.
struct PackChoice {
  std::vector<const Cell*> cells;  ///< of one engine, unless several are allowed, in order of batch size
  std::string because;             ///< one sentence
  std::vector<std::string> notes;  ///< what was faster and cannot be taken, what was not shown
};

/// By their ids, or, where there is none, for each batch size the fastest that one engine runs whose answers agree with the baseline's: the
/// engine that loses least on all of them together. Engines that exist in Python only cannot be in an artefact. `multi_engine`: each batch
/// size may have another engine.
[[nodiscard]] Result<PackChoice> choose_cells(const Results& measured, const std::vector<std::string>& ids,
                                              const std::vector<backend::Registered>& registry, bool multi_engine = false);

}  // namespace podium::api
