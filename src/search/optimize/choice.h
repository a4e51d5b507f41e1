#pragma once

#include <map>
#include <string>
#include <vector>

#include "podium/optimize.h"
#include "search/optimize/search.h"

namespace podium::search {

/// What the choice is made from, once every cell has its figures.
struct ChoiceRequest {
  SearchPolicy policy;
  std::set<std::string> python_backends;                       ///< that exist only in Python
  std::map<std::int64_t, std::vector<std::string>> finalists;  ///< batch size → ids
};

struct Choice {
  std::vector<Winner> winners;    ///< one for each batch size; empty where there is none for one of them
  std::vector<SearchStep> steps;  ///< why finalists did not win, and the winners
  std::string why_none;           ///< where there are no winners, a sentence
};

/// Chooses the best cell of each batch size among those that keep to the bound and the limits. An artefact has one engine: of several that
/// win at different batch sizes, the one that is best over all of them, unless the policy lets each batch size have its own where that
/// gains more than a process of its own costs. Among cells that are as good within the margin, a lossless one before a lossy one, and the
/// engine's defaults before changed options.
[[nodiscard]] Choice choose(const std::vector<Cell>& cells, const ChoiceRequest& request);

}  // namespace podium::search
