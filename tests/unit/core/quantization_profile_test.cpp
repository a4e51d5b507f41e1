#include "core/quantization_profile.h"

#include <gtest/gtest.h>

namespace podium {
namespace {

QuantizationProfile profile_for(const char* instruction) {
  QuantizationProfile profile;
  profile.name = instruction;
  profile.instructions = {instruction};
  return profile;
}

TEST(ChooseProfile, TakesTheFirstWhoseInstructionsTheProcessorHas) {
  QuantizationProfile last;
  last.name = "plain";
  const std::vector<QuantizationProfile> profiles{profile_for("avx512_vnni"), profile_for("avx_vnni"), last};
  EXPECT_EQ(choose_profile(profiles, std::vector<std::string>{"avx2", "avx_vnni"}).name, "avx_vnni");
  EXPECT_EQ(choose_profile(profiles, std::vector<std::string>{"avx2"}).name, "plain");
}

TEST(ChooseProfile, KeepsWeightsTo7BitsWhereNoneFitsAndTheProcessorHasNoDotProducts) {
  EXPECT_TRUE(choose_profile({}, std::vector<std::string>{"avx2"}).reduced_range_weights);
  EXPECT_FALSE(choose_profile({}, std::vector<std::string>{"avx512_vnni"}).reduced_range_weights);
}

}  // namespace
}  // namespace podium
