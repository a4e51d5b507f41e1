#include "api/one_clock.h"

#include <gtest/gtest.h>

#include <vector>

namespace podium::api {
namespace {

struct Watcher : BenchObserver {
  void on_progress(const Progress& progress) override { told.push_back(progress); }
  void on_standing(const Standing& standing) override { others.push_back(standing.cell); }
  void on_message(const std::string& message) override { others.push_back(message); }
  void on_cell(const Cell& cell) override { others.push_back(cell.id); }

  std::vector<Progress> told;
  std::vector<std::string> others;
};

TEST(OneClock, GoesOnWhereARunBeginsAgainAtZero) {
  Watcher watcher;
  OneClock clock(watcher);
  const auto hour = std::chrono::hours(1);
  clock.on_progress({"measure", "a/fp32", 3, 4, hour, std::chrono::seconds(5)});
  clock.on_progress({"data", "photos", 0, 0, {}, std::chrono::seconds(-1)});
  ASSERT_EQ(watcher.told.size(), 2U);
  EXPECT_LT(watcher.told[0].elapsed, hour) << "the time of the run, not of what it is a part of";
  EXPECT_GE(watcher.told[1].elapsed, watcher.told[0].elapsed);
  EXPECT_GT(watcher.told[1].elapsed.count(), 0.0);
  EXPECT_EQ(watcher.told[0].subject, "a/fp32");
  EXPECT_EQ(watcher.told[0].done, 3);
  EXPECT_EQ(watcher.told[0].remaining, std::chrono::seconds(5));
}

TEST(OneClock, PassesOnWhateverElseIsTold) {
  Watcher watcher;
  OneClock clock(watcher);
  Cell cell;
  cell.id = "a cell";
  clock.on_standing({"a standing", 1, 2.0, std::nullopt, 1});
  clock.on_message("a message");
  clock.on_cell(cell);
  EXPECT_EQ(watcher.others, (std::vector<std::string>{"a standing", "a message", "a cell"}));
}

}  // namespace
}  // namespace podium::api
