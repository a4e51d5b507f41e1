#include "api/run_settings.h"

#include <gtest/gtest.h>

namespace podium::api {
namespace {

Cell cell_of_builds(const std::string& id, const std::vector<std::int64_t>& builds) {
  Cell cell;
  cell.id = id;
  cell.backend = "alpha";
  for (const std::int64_t build : builds) cell.blocks.emplace_back().build = build;
  return cell;
}

TEST(RunSettings, ARepeatedRunBuildsAsOftenAsTheRecordedOneDid) {
  Results recorded;
  const Cell never_rebuilt = cell_of_builds("alpha/fp32/b1/cpu", {0, 0, 0});
  const Cell rebuilt_twice = cell_of_builds("alpha/bf16/b1/cpu", {0, 0, 1, 2});
  EXPECT_EQ(request_of(recorded, {&never_rebuilt}).rebuilds, 0);
  EXPECT_EQ(request_of(recorded, {&never_rebuilt, &rebuilt_twice}).rebuilds, 2);
}

}  // namespace
}  // namespace podium::api
