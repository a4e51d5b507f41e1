#include "machine/priority.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <thread>

namespace {

using namespace podium::machine;
using ::testing::HasSubstr;

int own_nice() {
  return ::getpriority(PRIO_PROCESS, 0);
}

TEST(PriorityScope, GoesBackToWhereItWas) {
  const int before = own_nice();
  {
    PriorityScope raised;
    raised.raise();
    EXPECT_EQ(own_nice(), reachable_nice());
    EXPECT_LE(own_nice(), before);
  }
  EXPECT_EQ(own_nice(), before);
}

TEST(PriorityScope, IsOfOneThread) {
  PriorityScope raised;
  raised.raise();
  const int outside = own_nice();
  int inside = 0;
  std::thread([&] {
    PriorityScope another;
    another.raise();
    another.release();
    inside = own_nice();  // a thread starts with its creator's
  }).join();
  EXPECT_EQ(inside, outside);
}

TEST(GoesBeforeOthers, WhereTheSystemLetsItGoFurtherThanItIs) {
  EXPECT_TRUE(goes_before_others(0, -20));
  EXPECT_TRUE(goes_before_others(0, -5));
  EXPECT_TRUE(goes_before_others(-20, -20));
  EXPECT_FALSE(goes_before_others(0, 0));
}

TEST(DescribePriority, TellsWhatItIsAndWhatItWants) {
  EXPECT_EQ(describe_priority(0, -20), "workers before other programs (nice -20)");
  EXPECT_EQ(describe_priority(0, -5), "workers before other programs (nice -5)");
  EXPECT_EQ(describe_priority(-20, -20), "workers before other programs (nice -20)");
  EXPECT_THAT(describe_priority(0, 0), HasSubstr("CAP_SYS_NICE"));
}

}  // namespace
