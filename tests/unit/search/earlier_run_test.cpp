#include "search/earlier_run.h"

#include <gtest/gtest.h>

#include <array>

namespace podium::search {
namespace {

constexpr const char* key = "the key that it was measured under";

Cell ended(CellStatus status, const std::string& its_key = key) {
  Cell cell;
  cell.id = "fake/fp32/b1/cpu";
  cell.status = status;
  cell.key = its_key;
  return cell;
}

Cell with_block(const std::string& id, std::int64_t lead_in_ns, std::int64_t sample_ns) {
  Cell cell;
  cell.id = id;
  cell.status = CellStatus::ok;
  Block block;
  block.lead_in_ns = {lead_in_ns};
  block.samples_ns = {sample_ns, sample_ns, sample_ns};
  cell.blocks = {block};
  return cell;
}

constexpr std::array all_statuses{CellStatus::ok,      CellStatus::partial,       CellStatus::unsupported, CellStatus::failed,
                                  CellStatus::timeout, CellStatus::out_of_memory, CellStatus::rejected};

TEST(CellOfAnEarlierRun, StandsWhereItWasDoneAndNothingHasChanged) {
  for (const CellStatus status : {CellStatus::ok, CellStatus::rejected, CellStatus::unsupported})
    EXPECT_EQ(fate_of(ended(status), {key}), Fate::stands) << to_string(status);
}

TEST(CellOfAnEarlierRun, GoesOnWhereItWasNotDone) {
  EXPECT_EQ(fate_of(ended(CellStatus::partial), {key}), Fate::goes_on);
  EXPECT_EQ(fate_of(ended(CellStatus::partial, ""), {key}), Fate::goes_on) << "it was killed before its model was loaded";
}

TEST(CellOfAnEarlierRun, IsTriedAgainWhereItBroke) {
  for (const CellStatus status : {CellStatus::failed, CellStatus::timeout, CellStatus::out_of_memory}) {
    EXPECT_EQ(fate_of(ended(status), {key}), Fate::tried_again) << to_string(status);
    EXPECT_EQ(fate_of(ended(status, ""), {key}), Fate::tried_again) << to_string(status);
  }
}

TEST(CellOfAnEarlierRun, BeginsAnewWhereItsKeyIsAnotherHoweverItEnded) {
  for (const CellStatus status : all_statuses) EXPECT_EQ(fate_of(ended(status), {"another key"}), Fate::begins_anew) << to_string(status);
}

TEST(CellOfAnEarlierRun, BeginsAnewOnAMachineWithOtherMemory) {
  EXPECT_EQ(fate_of(ended(CellStatus::ok), {key, false}), Fate::begins_anew);
}

TEST(CellOfAnEarlierRun, IsTriedAgainWhereItsEngineWasMissingAndIsAnotherNow) {
  EXPECT_EQ(fate_of(ended(CellStatus::unsupported, ""), {key, true, false}), Fate::tried_again);
  EXPECT_EQ(fate_of(ended(CellStatus::unsupported, ""), {key, true, true}), Fate::stands) << "the same engine says the same";
}

TEST(CellOfAnEarlierRun, IsTriedAgainWhereItsRefusalSaysHowToMendIt) {
  Cell refused = ended(CellStatus::unsupported);
  EXPECT_EQ(fate_of(refused, {key}), Fate::stands);
  refused.remedy = "pip install what it lacks";
  EXPECT_EQ(fate_of(refused, {key}), Fate::tried_again) << "a package that was installed since is in no key";
  EXPECT_EQ(fate_of(refused, {""}), Fate::stands) << "its engine does not answer";
}

TEST(CellOfAnEarlierRun, StandsWhereItsEngineDoesNotAnswerAnyMore) {
  for (const CellStatus status : {CellStatus::ok, CellStatus::rejected, CellStatus::unsupported})
    EXPECT_EQ(fate_of(ended(status), {""}), Fate::stands) << to_string(status);
  EXPECT_EQ(fate_of(ended(CellStatus::partial), {""}), Fate::goes_on);
}

TEST(CellOfAnEarlierRun, IsTriedAgainWhereTheAuditWouldJudgeOtherwise) {
  Cell refused = ended(CellStatus::rejected);
  refused.failure = Failure{"fallback", {}, {}};
  refused.audit = Audit{};
  refused.audit->fallback_share = 0.5;
  refused.audit->fallback_reason = "half of it ran elsewhere";
  EXPECT_EQ(fate_of(refused, {key}), Fate::stands);
  EXPECT_EQ(fate_of(refused, {key, true, true, {.allow_fallback = true}}), Fate::tried_again);
  Cell allowed = refused;
  allowed.status = CellStatus::ok;
  allowed.failure.reset();
  EXPECT_EQ(fate_of(allowed, {key, true, true, {.allow_fallback = true}}), Fate::stands);
  EXPECT_EQ(fate_of(allowed, {key}), Fate::tried_again);
}

TEST(CellOfAnEarlierRun, StandsWhereItAnsweredWronglyWhateverTheAuditLetsPass) {
  Cell wrong = ended(CellStatus::rejected);
  wrong.failure = Failure{"wrong_output", {}, {}};
  wrong.audit = Audit{};
  wrong.audit->fallback_share = 0.5;
  wrong.audit->fallback_reason = "half of it ran elsewhere";
  EXPECT_EQ(fate_of(wrong, {key, true, true, {.allow_fallback = true}}), Fate::stands);
}

TEST(CellOfAnEarlierRun, KeepsItsBlocksAndNotTheReasonOfItsEndWhenItIsReopened) {
  Cell cell = with_block("a", 1, 2);
  cell.status = CellStatus::failed;
  cell.reason = "it crashed";
  cell.remedy = "do not let it crash";
  cell.failure = Failure{"crash", 11, "the last words"};
  reopen(cell);
  EXPECT_EQ(cell.status, CellStatus::partial);
  EXPECT_TRUE(cell.reason.empty());
  EXPECT_TRUE(cell.remedy.empty());
  EXPECT_FALSE(cell.failure);
  EXPECT_EQ(cell.blocks.size(), 1U);
}

TEST(CellOfAnEarlierRun, HasAnIdentityWithoutFigures) {
  Cell cell = with_block("a", 1, 2);
  cell.backend = "fake";
  cell.options = {{"flag", true}};
  cell.variant_sha256 = "0";
  cell.timing_boundary = "device";
  cell.latency_ms = Latency{};
  const Cell identity = identity_of(cell);
  EXPECT_EQ(identity.id, "a");
  EXPECT_EQ(identity.backend, "fake");
  EXPECT_EQ(identity.options, cell.options);
  EXPECT_EQ(identity.variant_sha256, "0");
  EXPECT_EQ(identity.timing_boundary, "device");
  EXPECT_EQ(identity.status, CellStatus::partial);
  EXPECT_TRUE(identity.blocks.empty());
  EXPECT_FALSE(identity.latency_ms);
}

TEST(TimeFromABudget, IsThatOfAllBlocksWithTheirLeadIns) {
  const Cell one = with_block("one", 5, 10);
  const Cell other = with_block("other", 1, 20);
  const std::array<const Cell*, 2> cells{&one, &other};
  EXPECT_EQ(time_from_budget(cells).count(), 5 + 30 + 1 + 60);
}

TEST(TimeFromABudget, LeavesOutACellOutOfReachUnlessItIsTheBaseline) {
  const Cell fast = with_block("fast", 0, 10);
  Cell slow = with_block("slow", 0, 1000);
  const std::array<const Cell*, 2> cells{&fast, &slow};
  EXPECT_EQ(time_from_budget(cells).count(), 30);
  slow.is_baseline = true;
  EXPECT_EQ(time_from_budget(cells).count(), 3030);
}

TEST(ShareOfABudget, IsTheSameForEachBatchSizeThatIsLeft) {
  EXPECT_DOUBLE_EQ(share_of_budget(60.0, {}, 3), 20.0);
  EXPECT_DOUBLE_EQ(share_of_budget(60.0, {20.0, 0.0, 0.0}, 2), 20.0);
}

TEST(ShareOfABudget, GivesCellsThatBeginAnewTheTimeThatTheyHadLeft) {
  // Three batch sizes of 20 s; in each, one cell of 5 s is measured again.
  EXPECT_DOUBLE_EQ(share_of_budget(60.0, {45.0, 15.0, 30.0}, 3), 20.0);
  EXPECT_DOUBLE_EQ(share_of_budget(60.0, {50.0, 15.0, 15.0}, 2), 20.0);
  EXPECT_DOUBLE_EQ(share_of_budget(60.0, {55.0, 15.0, 0.0}, 1), 20.0);
}

TEST(ShareOfABudget, IsThatOfARunThatWasNotInterruptedWhereOneWas) {
  EXPECT_DOUBLE_EQ(share_of_budget(60.0, {25.0, 5.0, 0.0}, 2), 20.0);
}

TEST(ShareOfABudget, IsNeverMoreThanThereIs) {
  EXPECT_DOUBLE_EQ(share_of_budget(60.0, {60.0, 10.0, 50.0}, 3), 10.0) << "batch sizes behind it have used up its share";
  EXPECT_DOUBLE_EQ(share_of_budget(60.0, {55.0, 10.0, 45.0}, 3), 15.0);
  EXPECT_LE(share_of_budget(60.0, {80.0, 0.0, 0.0}, 2), 0.0);
}

}  // namespace
}  // namespace podium::search
