#include "api/run_settings.h"

#include <gtest/gtest.h>

namespace podium::api {
namespace {

Results recorded_of(const BenchRequest& request) {
  Results recorded;
  recorded.settings = settings_of(request);
  return recorded;
}

TEST(RunSettings, ARepeatedRunMeasuresByTheMethodOfTheRecordedOne) {
  BenchRequest request;
  request.mode = Mode::both;
  request.launches = 4;
  request.rebuilds = 3;
  request.interval_target = 0.025;
  request.warm_up = std::chrono::duration<double>(0.25);
  const BenchRequest repeated = request_of(recorded_of(request), {});
  EXPECT_EQ(repeated.mode, Mode::both);
  EXPECT_EQ(repeated.launches, 4);
  EXPECT_EQ(repeated.rebuilds, 3);
  EXPECT_DOUBLE_EQ(repeated.interval_target, 0.025);
  EXPECT_DOUBLE_EQ(repeated.warm_up.count(), 0.25);
}

TEST(RunSettings, OfAFileThatIsOlderThanASettingAreItsDefaults) {
  const Results older;  // what a reader leaves alone where a file lacks it
  const BenchRequest by_default;
  const BenchRequest repeated = request_of(older, {});
  EXPECT_EQ(repeated.mode, by_default.mode);
  EXPECT_EQ(repeated.rebuilds, by_default.rebuilds);
  EXPECT_DOUBLE_EQ(repeated.interval_target, by_default.interval_target);
}

}  // namespace
}  // namespace podium::api
