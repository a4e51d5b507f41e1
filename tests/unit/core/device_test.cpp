#include "core/device.h"

#include <gtest/gtest.h>

namespace podium {
namespace {

TEST(Device, IsTheCpuOrAGpuByItsNumber) {
  EXPECT_TRUE(parse_device("cpu")->is_cpu());
  EXPECT_EQ(parse_device("cpu")->name(), "cpu");
  EXPECT_EQ(parse_device("cuda")->name(), "cuda:0") << "two spellings of one device";
  EXPECT_EQ(parse_device("cuda:3")->index, 3);
  EXPECT_EQ(parse_device("cuda:3")->name(), "cuda:3");
  EXPECT_FALSE(parse_device("cuda:3")->is_cpu());
}

TEST(Device, OfAnotherSpellingIsRefusedWithTheFlagThatNamedIt) {
  for (const char* text : {"", "gpu", "CPU", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", "cuda:99999999999", "cpu:0"}) {
    const auto device = parse_device(text);
    ASSERT_FALSE(device) << text;
    EXPECT_EQ(device.error().code, ErrorCode::wrong_use);
    EXPECT_NE(device.error().message.find("--device"), std::string::npos);
    EXPECT_NE(device.error().remedy.find("cuda:0"), std::string::npos);
  }
}

TEST(Device, DecidesWhereACallIsTimedAndWhatIsMeasuredWhereNobodySays) {
  EXPECT_EQ(usual_boundary(*parse_device("cpu")), TimingBoundary::host);
  EXPECT_EQ(usual_boundary(*parse_device("cuda:0")), TimingBoundary::device);
  EXPECT_EQ(usual_precisions(*parse_device("cpu")), (std::vector{Precision::fp32, Precision::bf16}));
  EXPECT_EQ(usual_precisions(*parse_device("cuda:0")), (std::vector{Precision::fp32, Precision::tf32, Precision::fp16}));
}

TEST(Device, TimingBoundaryHasANameInBothDirections) {
  for (const TimingBoundary boundary : {TimingBoundary::host, TimingBoundary::device})
    EXPECT_EQ(parse_timing_boundary(to_string(boundary)), boundary);
  EXPECT_FALSE(parse_timing_boundary("Host"));
}

}  // namespace
}  // namespace podium
