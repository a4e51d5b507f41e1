#include "search/audit_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podium::search {
namespace {

using ::testing::HasSubstr;

Audit fell_back() {
  Audit audit;
  audit.fallback_reason = "3 of 5 nodes ran on another provider";
  return audit;
}

Audit computed_otherwise() {
  Audit audit;
  audit.other_precision = "2 nodes computed in bfloat16, where float32 was asked for";
  return audit;
}

TEST(AuditGate, LetsACellPassThatRanWhatItsNameSays) {
  EXPECT_FALSE(objection({}, {}).has_value());
}

TEST(AuditGate, LetsASharePassThatTheEngineDoesNotCallAFallBack) {
  Audit audit;
  audit.fallback_share = 0.5;
  EXPECT_FALSE(objection(audit, {}).has_value());
}

TEST(AuditGate, ObjectsToAFallBackAndNamesTheFlag) {
  const auto found = objection(fell_back(), {.allow_other_precision = true});
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->failure_class, "fallback");
  EXPECT_EQ(found->error.message, fell_back().fallback_reason);
  EXPECT_THAT(found->error.remedy, HasSubstr("--allow-fallback"));
  EXPECT_FALSE(objection(fell_back(), {.allow_fallback = true}).has_value());
}

TEST(AuditGate, ObjectsToAnotherPrecisionAndNamesTheFlag) {
  const auto found = objection(computed_otherwise(), {.allow_fallback = true});
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->failure_class, "wrong_precision");
  EXPECT_EQ(found->error.message, computed_otherwise().other_precision);
  EXPECT_THAT(found->error.remedy, HasSubstr("--allow-other-precision"));
  EXPECT_FALSE(objection(computed_otherwise(), {.allow_other_precision = true}).has_value());
}

TEST(AuditGate, StillObjectsToTheOneThatIsNotAllowedWhereBothAreFound) {
  Audit both = fell_back();
  both.other_precision = computed_otherwise().other_precision;
  EXPECT_EQ(objection(both, {})->failure_class, "wrong_precision");
  EXPECT_EQ(objection(both, {.allow_other_precision = true})->failure_class, "fallback");
  EXPECT_FALSE(objection(both, {.allow_fallback = true, .allow_other_precision = true}).has_value());
}

TEST(AuditGate, RejectsACellWithClassReasonAndRemedy) {
  LiveCell cell;
  reject(cell, *objection(fell_back(), {}));
  EXPECT_EQ(cell.cell.status, CellStatus::rejected);
  EXPECT_EQ(cell.cell.reason, fell_back().fallback_reason);
  ASSERT_TRUE(cell.cell.failure.has_value());
  EXPECT_EQ(cell.cell.failure->failure_class, "fallback");
  EXPECT_FALSE(cell.cell.failure->signal.has_value());
}

}  // namespace
}  // namespace podium::search
