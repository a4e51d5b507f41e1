#include "measure/location.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

namespace podium::measure {
namespace {

/// Two-sided, 5 %: Wilcoxon, Katti and Wilcox, Critical Values and Probability Levels for the Wilcoxon Rank Sum Test and the Wilcoxon
/// Signed Rank Test (1970), as most textbooks print them.
TEST(SignedRanks, HaveTheCriticalValuesOfPublishedTables) {
  const std::vector<std::pair<std::size_t, std::size_t>> table = {{6, 0},   {7, 2},   {8, 3},    {9, 5},    {10, 8},  {11, 10}, {12, 13},
                                                                  {13, 17}, {14, 21}, {15, 25},  {16, 29},  {17, 34}, {18, 40}, {19, 46},
                                                                  {20, 52}, {25, 89}, {30, 137}, {40, 264}, {50, 434}};
  for (const auto& [values, critical] : table) EXPECT_EQ(critical_rank_sum(values), critical) << values << " values";
}

TEST(SignedRanks, GoOnWithoutAStepWhereTheyAreNotCountedAnyMore) {
  for (std::size_t values = 45; values < 60; ++values) {
    const std::size_t step = critical_rank_sum(values + 1) - critical_rank_sum(values);
    EXPECT_GE(step, 15U) << values;
    EXPECT_LE(step, 26U) << values;
  }
}

TEST(RobustLocation, OfSixValuesReachesFromTheLeastToTheLargest) {
  const std::vector<double> values{3.0, 9.0, 4.0, 1.0, 5.0, 2.0};
  const Location location = robust_location(values);
  EXPECT_EQ(location.ci95->low, 1.0) << "nothing narrower holds 95 %: two of the 64 ways to give signs lie outside";
  EXPECT_EQ(location.ci95->high, 9.0);
}

TEST(RobustLocation, OfAFewValuesHoldsTheTruthNineteenTimesInTwenty) {
  std::mt19937_64 generator(20);
  std::normal_distribution<double> noise;
  constexpr int runs = 20000;
  for (const std::size_t n : {6U, 7U, 8U, 12U}) {
    int covered = 0;
    std::vector<double> values(n);
    for (int run = 0; run < runs; ++run) {
      std::generate(values.begin(), values.end(), [&] { return noise(generator); });
      const Location location = robust_location(values);
      if (location.ci95->low <= 0.0 && 0.0 <= location.ci95->high) ++covered;
    }
    EXPECT_GE(covered, 0.948 * runs) << n << " values";
  }
}

}  // namespace
}  // namespace podium::measure
