#include "machine/foreign_load.h"

#include <gtest/gtest.h>

namespace podium::machine {
namespace {

TEST(ForeignLoad, IsTheMeanOverTheScansAndNotTheSumOfTheirLargest) {
  ForeignLoad load;
  load.add({{11, "make", 1.5}, {12, "cc1plus", 0.5}});
  load.add({{13, "hog", 1.0}, {11, "make", 0.1}});
  const auto found = load.busiest(3);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].name, "make");
  EXPECT_DOUBLE_EQ(found[0].cpus, 0.8);
  EXPECT_EQ(found[1].name, "hog");
  EXPECT_DOUBLE_EQ(found[1].cpus, 0.5) << "it was not there in the first scan";
  double sum = 0.0;
  for (const BusyProcess& process : found) sum += process.cpus;
  EXPECT_LE(sum, 2.0) << "this machine has two CPUs";
}

TEST(ForeignLoad, NamesTheBusiestAlone) {
  ForeignLoad load;
  load.add({{1, "a", 0.1}, {2, "b", 0.9}, {3, "c", 0.4}});
  const auto found = load.busiest(2);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].name, "b");
  EXPECT_EQ(found[1].name, "c");
}

TEST(ForeignLoad, AddsUpTheShortLivesOfOneProgram) {
  ForeignLoad load;
  load.add({{21, "cc1plus", 0.9}, {30, "hog", 0.5}});
  load.add({{22, "cc1plus", 0.9}, {30, "hog", 0.5}});
  const auto found = load.busiest(2);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(describe(found), "cc1plus (2 processes, 90 % of a CPU), hog (30, 50 % of a CPU)");
}

TEST(ForeignLoad, NamesNobodyWhoUsedNextToNothing) {
  ForeignLoad load;
  for (int scan = 0; scan < 40; ++scan) load.add({{1, "hog", 0.06}});
  load.add({{2, "grep", 0.1}});
  EXPECT_EQ(describe(load.busiest(3)), "hog (1, 6 % of a CPU)");
}

TEST(ForeignLoad, OfTwoTimesIsWhatEachProgramUsedInTheBusierOne) {
  ForeignLoad timed;
  timed.add({{1, "hog", 0.06}, {2, "build", 0.5}});
  ForeignLoad beside;
  beside.add({{1, "hog", 0.98}, {3, "editor", 0.2}});
  EXPECT_EQ(describe(busiest_of_both(timed, beside, 2)), "hog (1, 98 % of a CPU), build (2, 50 % of a CPU)");
  EXPECT_EQ(describe(busiest_of_both(timed, {}, 3)), "build (2, 50 % of a CPU), hog (1, 6 % of a CPU)");
}

TEST(ForeignLoad, OfNoScanIsNobodys) {
  EXPECT_TRUE(ForeignLoad().busiest(3).empty());
}

}  // namespace
}  // namespace podium::machine
