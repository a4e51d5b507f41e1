#include "convert/quantize/scales.h"

#include <gmock/gmock.h>

#include <cmath>

namespace podium::convert {
namespace {

using testing::Each;
using testing::ElementsAre;

Affine scale_of(float low, float high, DataType type = DataType::uint8, bool symmetric = false) {
  QuantizationProfile profile;
  profile.activation_type = type;
  profile.symmetric_activations = symmetric;
  return activation_scale("v", {low, high}, profile).value();
}

TEST(ActivationScale, HoldsZeroExactly) {
  EXPECT_EQ(scale_of(1.0F, 2.55F).zero_point, 0);
  EXPECT_FLOAT_EQ(scale_of(1.0F, 2.55F).scale, 0.01F);
  EXPECT_EQ(scale_of(-2.55F, -1.0F).zero_point, 255);
  EXPECT_EQ(scale_of(0.0F, 1.0F, DataType::int8).zero_point, -128);
}

TEST(ActivationScale, StandsInTheMiddleWhereItIsSymmetric) {
  EXPECT_EQ(scale_of(-1.0F, 0.5F, DataType::int8, true).zero_point, 0);
  EXPECT_EQ(scale_of(-1.0F, 0.5F, DataType::uint8, true).zero_point, 128);
  EXPECT_FLOAT_EQ(scale_of(-1.0F, 0.5F, DataType::int8, true).scale, 1.0F / 127);
}

TEST(ActivationScale, IsOneForAValueThatIsAlwaysZero) {
  EXPECT_FLOAT_EQ(scale_of(0.0F, 0.0F).scale, 1.0F);
}

TEST(ActivationScale, StaysANormalNumberForTinyAndForHugeRanges) {
  EXPECT_GE(scale_of(-1e-40F, 1e-40F).scale, smallest_scale);
  EXPECT_TRUE(std::isfinite(scale_of(-3e38F, 3e38F).scale));
  EXPECT_NEAR(static_cast<double>(scale_of(-3e38F, 3e38F).zero_point), 127.5, 0.6);
}

TEST(ActivationScale, RefusesARangeThatIsUpsideDown) {
  EXPECT_FALSE(activation_scale("v", {1.0F, -1.0F}, QuantizationProfile()));
  EXPECT_FALSE(activation_scale("v", {NAN, 1.0F}, QuantizationProfile()));
}

TEST(WeightScales, FollowTheAxisOfTheChannels) {
  const std::vector<float> values{1, 2, 3, 40, 50, 60};
  EXPECT_THAT(weight_scales(values, channel_layout({2, 3}, 0), 1), ElementsAre(3, 60));
  EXPECT_THAT(weight_scales(values, channel_layout({2, 3}, 1), 1), ElementsAre(40, 50, 60));
  EXPECT_THAT(weight_scales(values, channel_layout({2, 3}, -1), 1), ElementsAre(60));
}

TEST(WeightScales, AreNeverZero) {
  const std::vector<float> zeros(4, 0.0F);
  const ChannelLayout layout = channel_layout({2, 2}, 0);
  const auto scales = weight_scales(zeros, layout, 127);
  EXPECT_THAT(scales, Each(smallest_scale));
  EXPECT_THAT(quantize_weights(zeros, layout, scales, 127), Each(0));
}

TEST(QuantizeWeights, RoundsTiesToEvenAndClamps) {
  const std::vector<float> values{0.5F, 1.5F, -2.5F, 300.0F};
  const std::vector<float> one{1.0F};
  EXPECT_THAT(quantize_weights(values, channel_layout({4}, -1), one, 127), ElementsAre(0, 2, -2, 127));
}

}  // namespace
}  // namespace podium::convert
