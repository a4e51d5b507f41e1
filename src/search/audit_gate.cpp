#include "search/audit_gate.h"

#include <array>
#include <string>

namespace podium::search {
namespace {

/// One kind of difference between what was asked and what ran. The first that is found speaks: a cell is rejected once.
struct Kind {
  const char* failure_class;
  std::string Audit::*finding;
  bool AuditPolicy::*allowed;
  const char* remedy;
};

constexpr std::array<Kind, 2> kinds{{
    {"wrong_precision", &Audit::other_precision, &AuditPolicy::allow_other_precision,
     "--allow-other-precision measures it all the same, and says so beside it"},
    {"fallback", &Audit::fallback_reason, &AuditPolicy::allow_fallback, "--allow-fallback measures it all the same, and says so beside it"},
}};

}  // namespace

std::optional<AuditObjection> objection(const Audit& audit, const AuditPolicy& policy) {
  for (const Kind& kind : kinds) {
    const std::string& finding = audit.*kind.finding;
    if (finding.empty() || policy.*kind.allowed) continue;
    return AuditObjection{kind.failure_class, {ErrorCode::failed, finding, kind.remedy}};
  }
  return std::nullopt;
}

void reject(LiveCell& cell, const AuditObjection& objection) {
  cell.cell.status = CellStatus::rejected;
  cell.cell.reason = objection.error.message;
  cell.cell.remedy = objection.error.remedy;
  cell.cell.failure = Failure{objection.failure_class, std::nullopt, ""};
  cell.release();
}

}  // namespace podium::search
