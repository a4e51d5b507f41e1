#include "api/load_of_others.h"

#include <gmock/gmock.h>

namespace podium::api {
namespace {

using machine::BusyProcess;
using machine::TimedLoad;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<int> two_cpus{0, 1};
const std::vector<BusyProcess> held_off{{4711, "stress", 0.15}};
const std::vector<TimedLoad> quiet_blocks(3);

std::vector<TimedLoad> disturbed_blocks() {
  BlockLoad load;
  load.foreign_share = 0.5;
  return {{3.0, 0.2, load, true}, {4.0, 0.2, {}, false}};
}

TEST(LoadOfOthers, IsTellableThoughWorkersHeldItOffInEveryBlock) {
  LoadOfOthers others(two_cpus, true);
  others.add_beside(held_off, 65.0);
  others.add_beside(held_off, 70.0);
  EXPECT_THAT(others.warnings(quiet_blocks), ElementsAre(AllOf(HasSubstr("ran beside this run, seen from 01:05 on: stress (4711"),
                                                               HasSubstr("The workers went before it"))));
}

TEST(LoadOfOthers, IsToldOnceWhereBlocksShowItWithWhoWasSeenWhileEnginesWereLoaded) {
  LoadOfOthers others(two_cpus, true);
  others.add_beside(held_off, 1.0);
  EXPECT_THAT(others.warnings(disturbed_blocks()),
              ElementsAre(AllOf(HasSubstr("disturbed 1 of 2 blocks from 00:03 on"), HasSubstr("stop stress (4711"))));
}

TEST(LoadOfOthers, NamesWhoWasSeenWhileABlockWasDisturbed) {
  LoadOfOthers others(two_cpus, false);
  others.add_disturbing({{4712, "make", 0.9}});
  EXPECT_THAT(others.warnings(disturbed_blocks()), ElementsAre(HasSubstr("make (4712")));
  EXPECT_THAT(others.warnings(quiet_blocks), IsEmpty()) << "no block that was measured meanwhile shows it";
}

TEST(LoadOfOthers, ThatIsTooSmallToDisturbWorkersBesideItIsNotTold) {
  LoadOfOthers others(two_cpus, false);
  others.add_beside(held_off, 1.0);
  EXPECT_THAT(others.warnings(quiet_blocks), IsEmpty());
}

TEST(LoadOfOthers, OfOneBatchSizeIsForgottenAtTheNext) {
  LoadOfOthers others(two_cpus, true);
  others.add_beside(held_off, 1.0);
  others.forget();
  EXPECT_THAT(others.warnings(quiet_blocks), IsEmpty());
  others.add_beside(held_off, 9.0);
  EXPECT_THAT(others.warnings(quiet_blocks), ElementsAre(HasSubstr("seen from 00:09 on")));
}

}  // namespace
}  // namespace podium::api
