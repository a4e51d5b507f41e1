#include "report/figures.h"

#include <gtest/gtest.h>

#include <limits>

namespace podium::report {
namespace {

TEST(Figures, HaveFourDigitsAndNoExponent) {
  EXPECT_EQ(four_digits(0.26641), "0.2664");
  EXPECT_EQ(four_digits(8.1044), "8.104");
  EXPECT_EQ(four_digits(29.812), "29.81");
  EXPECT_EQ(four_digits(211.04), "211.0");
  EXPECT_EQ(four_digits(123456.0), "123456");
  EXPECT_EQ(four_digits(0.0000012), "0.000001");
  EXPECT_EQ(four_digits(0.0), "0.000");
  EXPECT_EQ(four_digits(std::numeric_limits<double>::infinity()), absent_figure);
}

TEST(Figures, SayHowWideAnIntervalIs) {
  EXPECT_EQ(relative_half_width(100.0, {99.6, 100.4}), "±0.4%");
  EXPECT_EQ(relative_half_width(100.0, {95.0, 112.0}), "±12%");
  EXPECT_EQ(relative_half_width(100.0, {0.0, 1099.0}), "±999%");
  EXPECT_EQ(relative_half_width(100.0, {0.0, 1e12}), ">±999%");
  EXPECT_EQ(relative_half_width(0.0, {0.0, 0.0}), absent_figure);
}

TEST(Speed, IsToldAsFasterOrSlower) {
  EXPECT_EQ(speed_against({1.0 / 2.31, Interval{0.42, 0.44}}), "2.31× faster");
  EXPECT_EQ(speed_against({1.2, std::nullopt}), "1.20× slower");
  EXPECT_EQ(speed_against({1.0 / 31.0, std::nullopt}), "31.0× faster");
}

TEST(Speed, InsideTheNoiseIsNoDifference) {
  EXPECT_EQ(speed_against({0.9, Interval{0.8, 1.01}}), "as fast");
  EXPECT_EQ(speed_against({1.004, std::nullopt}), "as fast");
}

TEST(Speed, OfABrokenRatioIsNotThere) {
  EXPECT_EQ(speed_against({0.0, std::nullopt}), absent_figure);
  EXPECT_EQ(speed_against({std::numeric_limits<double>::quiet_NaN(), std::nullopt}), absent_figure);
}

TEST(Answers, AreToldWithTheirNoise) {
  OutputError error;
  EXPECT_EQ(answers(error), "not checked");
  error.verdict = Verdict::agrees;
  EXPECT_EQ(answers(error), "identical");
  error.sqnr_db = 41.6;
  EXPECT_EQ(answers(error), "agrees, 42 dB");
  error.verdict = Verdict::cannot_judge;
  EXPECT_EQ(answers(error), "cannot judge");
  error.verdict = Verdict::disagrees;
  EXPECT_EQ(answers(error), "disagrees, 42 dB");
}

TEST(Duration, IsReadAsAPersonSaysIt) {
  EXPECT_EQ(duration(0.04), "0.0 s");
  EXPECT_EQ(duration(2.34), "2.3 s");
  EXPECT_EQ(duration(42.4), "42 s");
  EXPECT_EQ(duration(59.7), "1 min");
  EXPECT_EQ(duration(80.0), "1 min 20 s");
  EXPECT_EQ(duration(7260.0), "2 h 1 min");
  EXPECT_EQ(duration(-1.0), "0.0 s");
}

TEST(LargeCount, IsShort) {
  EXPECT_EQ(large_count(999), "999");
  EXPECT_EQ(large_count(25'557'032), "25.6 M");
  EXPECT_EQ(large_count(7'000'000'000), "7.0 G");
  EXPECT_EQ(operations(8'178'000'000), "8.2 GFLOP");
  EXPECT_EQ(operations(24), "24 FLOP");
}

}  // namespace
}  // namespace podium::report
