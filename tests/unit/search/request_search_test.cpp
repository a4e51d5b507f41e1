#include "search/request_search.h"

#include <gtest/gtest.h>

#include <map>

namespace podium::search {
namespace {

/// What the search tries and chooses where `rates` says what each number brings.
struct Searched {
  std::vector<std::int64_t> tried;
  std::int64_t best = 0;
};
Searched search(std::int64_t most, const std::map<std::int64_t, double>& rates) {
  RequestSearch search(most);
  Searched result;
  while (const auto now = search.next()) {
    result.tried.push_back(*now);
    search.tell(rates.at(*now));
  }
  result.best = search.best();
  return result;
}

using Numbers = std::vector<std::int64_t>;

TEST(RequestSearch, FindsTheNumberThatTheEngineServesAtOnce) {
  const Searched found = search(64, {{1, 100}, {2, 200}, {4, 400}, {8, 401}, {16, 399}});
  EXPECT_EQ(found.best, 4);
  EXPECT_EQ(found.tried, (Numbers{1, 2, 4, 8, 16})) << "two in a row that bring nothing end it";
}

TEST(RequestSearch, GoesOnOverOneNumberThatBringsNothing) {
  EXPECT_EQ(search(8, {{1, 100}, {2, 101}, {4, 150}, {8, 150}}).best, 4);
}

TEST(RequestSearch, KeepsOneWhereMoreBringLessThanTwoPercent) {
  const Searched found = search(64, {{1, 100}, {2, 101.9}, {4, 101.9}});
  EXPECT_EQ(found.best, 1);
  EXPECT_EQ(found.tried, (Numbers{1, 2, 4}));
}

TEST(RequestSearch, TriesNoMoreThanItMayAndOneAlways) {
  EXPECT_EQ(search(4, {{1, 1}, {2, 2}, {4, 4}}).tried, (Numbers{1, 2, 4}));
  EXPECT_EQ(search(3, {{1, 1}, {2, 2}}).tried, (Numbers{1, 2}));
  EXPECT_EQ(search(0, {{1, 1}}).tried, (Numbers{1}));
}

TEST(RequestSearch, EndsWhereTheEngineRefuses) {
  RequestSearch search(8);
  search.tell(100);
  search.end();
  EXPECT_FALSE(search.next());
  EXPECT_EQ(search.best(), 1);
}

TEST(RequestSearch, StepsAreTheNumbersItCanTry) {
  EXPECT_EQ(steps_to(1), 1);
  EXPECT_EQ(steps_to(4), 3);
  EXPECT_EQ(steps_to(7), 3);
}

TEST(MeanRate, HasStudentsIntervalOverLaunches) {
  const std::vector<double> rates{98, 100, 102};
  const MeanRate rate = mean_rate(rates);
  EXPECT_DOUBLE_EQ(rate.per_s, 100);
  ASSERT_TRUE(rate.ci95);
  // t(2, 0.975) = 4.3027, standard error 2/√3.
  EXPECT_NEAR(rate.ci95->high - rate.per_s, 4.96828, 1e-4);
  EXPECT_NEAR(rate.per_s - rate.ci95->low, 4.96828, 1e-4);
}

TEST(MeanRate, HasNoIntervalWithOneLaunch) {
  EXPECT_FALSE(mean_rate(std::vector<double>{5}).ci95);
  EXPECT_EQ(mean_rate({}).per_s, 0.0);
}

}  // namespace
}  // namespace podium::search
