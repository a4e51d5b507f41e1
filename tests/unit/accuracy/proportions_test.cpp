#include "accuracy/proportions.h"

#include <gtest/gtest.h>

namespace podium::accuracy {
namespace {

struct Share {
  std::int64_t hits;
  std::int64_t n;
  Interval expected;
};

void expect_near(const Interval& found, const Interval& expected, double tolerance) {
  EXPECT_NEAR(found.low, expected.low, tolerance);
  EXPECT_NEAR(found.high, expected.high, tolerance);
}

// scipy.stats.binomtest(hits, n).proportion_ci(0.95, method='wilson')
TEST(Wilson, AgreesWithSciPy) {
  for (const Share& share : {Share{18, 20, {0.6989663547715128, 0.9721335187862319}}, Share{20, 20, {0.8388748419471808, 1.0}},
                             Share{0, 20, {0.0, 0.16112515805281935}}, Share{855, 1000, {0.8318179377037748, 0.875465063771481}}})
    expect_near(wilson(share.hits, share.n), share.expected, 1e-12);
}

// scipy.stats.binomtest(hits, n).proportion_ci(0.90, method='exact'): each bound of it holds at 95 %
TEST(ClopperPearson, AgreesWithSciPy) {
  for (const Share& share : {Share{0, 20, {0.0, 0.13910834066837535}}, Share{3, 20, {0.042169407885778595, 0.34366380431470434}},
                             Share{0, 299, {0.0, 0.009969146792958022}}, Share{20, 20, {0.8608916593316243, 1.0}}})
    expect_near(clopper_pearson_bounds(share.hits, share.n), share.expected, 1e-10);
}

// scipy.stats.binomtest(min(lost, gained), lost + gained, 0.5).pvalue
TEST(McNemar, AgreesWithSciPy) {
  EXPECT_NEAR(mcnemar_exact({3, 0}), 0.25, 1e-12);
  EXPECT_NEAR(mcnemar_exact({10, 4}), 0.1795654296875, 1e-12);
  EXPECT_NEAR(mcnemar_exact({4, 10}), 0.1795654296875, 1e-12);
  EXPECT_NEAR(mcnemar_exact({30, 12}), 0.007915897334896727, 1e-12);
  EXPECT_EQ(mcnemar_exact({5, 5}), 1.0);
  EXPECT_EQ(mcnemar_exact({0, 0}), 1.0);
}

// scipy.optimize.brentq over the drop at which the score statistic is ±scipy.stats.norm.ppf(0.95), its nuisance parameter found by
// scipy.optimize.minimize_scalar of the multinomial likelihood under that drop: no closed form of Tango's is in it.
TEST(DropBounds, AgreeWithTheScoreTestSolvedByNumbers) {
  expect_near(drop_bounds({10, 4}, 200), {-0.0008481437913934089, 0.06464332417286374}, 1e-7);
  expect_near(drop_bounds({5, 5}, 1000), {-0.005847233865749696, 0.005847233782748181}, 1e-7);
  expect_near(drop_bounds({12, 3}, 100), {0.02885824159143186, 0.15876369403875037}, 1e-7);
  expect_near(drop_bounds({30, 12}, 500), {0.015175421139134282, 0.058468998118847024}, 1e-7);
}

TEST(DropBounds, OfTwentySamplesWithoutLossReachFourteenPointsAndOfThreeHundredOne) {
  EXPECT_NEAR(drop_bounds({0, 0}, 20).high, 0.139, 0.0005);
  EXPECT_LT(drop_bounds({0, 0}, 299).high, 0.01);
  EXPECT_GT(drop_bounds({0, 0}, 298).high, 0.01);
}

TEST(DropBounds, AreNeverTighterThanTheExactOnesOfTheNetLoss) {
  for (const Discordant& discordant : {Discordant{3, 0}, Discordant{0, 3}, Discordant{2, 2}, Discordant{20, 0}}) {
    const Interval bounds = drop_bounds(discordant, 20);
    const Interval mirrored = drop_bounds({discordant.gained, discordant.lost}, 20);
    EXPECT_NEAR(bounds.low, -mirrored.high, 1e-12);
    const Interval exact = clopper_pearson_bounds(std::abs(discordant.lost - discordant.gained), 20);
    EXPECT_GE(std::max(bounds.high, -bounds.low), exact.high - 1e-12);
  }
}

}  // namespace
}  // namespace podium::accuracy
