#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "convert/half/range.h"
#include "convert/half/scope.h"
#include "core/result.h"

namespace podium::convert::half {

struct Policy {
  DataType type = DataType::float16;
  std::int64_t opset = 0;
  bool narrow_io = false;
  const std::set<std::string>* wide = nullptr;                     ///< names of nodes, or operator types
  const std::map<std::string, std::string>* known_wide = nullptr;  ///< names of nodes, with the reason
  bool convert_islands = false;                                    ///< see keep_islands_wide()
};

/// Gives each node that has to stay float32 a reason, from its operator, its attributes, its weights and what its results are used for.
/// Sentences on weights that are clamped go to `notes`.
[[nodiscard]] Result<void> keep_wide(Scope& model, const Policy& policy, std::vector<std::string>& notes);

/// Decides for every node whether it computes in 16 bits, and for every value whether its maker gives it so. After keep_wide() and whatever
/// else gives reasons.
void decide(Scope& model, const Policy& policy);

/// Whether a node takes or gives a float32 value at all.
[[nodiscard]] bool touches_float(Scope& scope, const Step& step);

}  // namespace podium::convert::half
