#pragma once

#include <optional>

#include "podium/results.h"
#include "search/live_cell.h"

namespace podium::search {

/// What the user lets pass: `--allow-fallback`, `--allow-other-precision`.
struct AuditPolicy {
  bool allow_fallback = false;
  bool allow_other_precision = false;
};

/// Why a cell must not be measured under its name, and the flag that lets it pass.
struct AuditObjection {
  std::string failure_class;  ///< "wrong_precision" or "fallback"
  Error error;
};

/// Nothing where what ran is what the cell's name says, or where the policy lets the difference pass.
[[nodiscard]] std::optional<AuditObjection> objection(const Audit& audit, const AuditPolicy& policy);

/// Ends the cell as `rejected`, with the objection's class, reason and remedy, and lets its worker go.
void reject(LiveCell& cell, const AuditObjection& objection);

}  // namespace podium::search
