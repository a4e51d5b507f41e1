#pragma once

#include <map>
#include <string>
#include <vector>

#include "backends/api/registry.h"
#include "core/result.h"
#include "podium/options.h"
#include "podium/types.h"

namespace podium::search {

/// A backend with a precision and one value for each of its options.
struct Candidate {
  backend::Registered backend;
  Precision precision = Precision::fp32;
  OptionValues options;   ///< every option of the backend
  OptionValues unusual;   ///< those that differ from their default: what a cell's id names
  std::int64_t copy = 1;  ///< from 2 on: the same candidate under another name, for a self-check
};

struct CandidateRequest {
  std::vector<std::string> backends;                              ///< empty: every backend that default runs include
  std::vector<Precision> precisions;                              ///< not empty
  std::map<std::string, std::vector<std::string>> option_values;  ///< "BACKEND.OPTION" → values as typed
  std::string device_kind = "cpu";                                ///< what default runs leave out: backends that do not run on it
};

/// Every combination that was asked for; an unknown backend, option or value is an error that names the nearest known one.
/// Combinations a backend does not have stay in the list, so that the results can say so.
[[nodiscard]] Result<std::vector<Candidate>> make_candidates(const std::vector<backend::Registered>& registry,
                                                             const CandidateRequest& request);

/// "BACKEND/bf16/b8/cpu", and the options that are not the defaults behind it.
[[nodiscard]] std::string cell_id(const Candidate& candidate, std::int64_t batch, const std::string& device);

/// The order in which candidates are tried as the baseline: first the fp32 candidates of the engine that models of this origin come from,
/// then those of other reference engines, then any fp32. Indices into `candidates`.
[[nodiscard]] std::vector<std::size_t> baseline_order(const std::vector<Candidate>& candidates, const std::string& origin);

}  // namespace podium::search
