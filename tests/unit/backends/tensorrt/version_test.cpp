#include "backends/tensorrt/version.h"

#include <gmock/gmock.h>

#include <set>
#include <vector>

#include "backends/tensorrt/element_types.h"

namespace podium::tensorrt {
namespace {

using ::testing::ElementsAre;

/// A builder's configuration of a version that knows no levels, and of one that does.
struct OldConfig {};
struct NewConfig {
  int level = -1;
  void setBuilderOptimizationLevel(int given) { level = given; }
};
struct TacticsConfig {
  nvinfer1::TacticSources sources = 0xFF;
  [[nodiscard]] nvinfer1::TacticSources getTacticSources() const { return sources; }
  bool setTacticSources(nvinfer1::TacticSources given) {
    sources = given;
    return true;
  }
};

TEST(TensorRtVersion, IsNamedFromTheNumberOfOldAndNewLibraries) {
  EXPECT_EQ(version::name_of(8503), "8.5.3");
  EXPECT_EQ(version::name_of(8601), "8.6.1");
  EXPECT_EQ(version::name_of(101'302), "10.13.2");
  EXPECT_EQ(version::name_of(110'100), "11.1.0");
}

TEST(TensorRtVersion, TakesNoLevelButTheUsualWhereThereIsNoChoice) {
  OldConfig old;
  EXPECT_TRUE(version::set_optimization_level(old, 3));
  EXPECT_FALSE(version::set_optimization_level(old, 5));
  NewConfig newer;
  EXPECT_TRUE(version::set_optimization_level(newer, 5));
  EXPECT_EQ(newer.level, 5);
}

TEST(TensorRtVersion, NarrowsFloatModelsByItselfUpTo10) {
  EXPECT_EQ(version::chooses_types(), version::major <= 10);
  EXPECT_EQ(version::fp16_flag().has_value(), version::int8_flag().has_value());
  EXPECT_EQ(version::has_bf16(), version::major >= 10);
  EXPECT_EQ(version::narrows_int64(), version::major < 10);
}

/// A value of a version that takes ranges, and of one that does not.
struct RangedValue {
  float least = 0.0F;
  float most = 0.0F;
  bool setDynamicRange(float from, float to) {
    least = from;
    most = to;
    return true;
  }
};
struct PlainValue {};

TEST(TensorRtVersion, TakesRangesUpTo10) {
  EXPECT_EQ(version::takes_ranges(), version::major <= 10);
  RangedValue value;
  version::set_range(value, 2.5F);
  EXPECT_EQ(value.least, -2.5F);
  EXPECT_EQ(value.most, 2.5F);
  EXPECT_FALSE(version::takes_ranges<PlainValue>());
}

TEST(TensorRtVersion, BuildsEnginesForLaterVersionsFrom86On) {
  EXPECT_EQ(version::version_compatible_flag().has_value(), NV_TENSORRT_MAJOR > 8 || NV_TENSORRT_MINOR >= 6);
}

struct PreviewConfig {
  int features = 0;
  template <typename Feature>
  void setPreviewFeature(Feature, bool on) {
    features += on ? 1 : 0;
  }
};
/// A version's features, of which one shares profiles.
enum class FeaturesOf86 { kPROFILE_SHARING_0806 };
enum class FeaturesOf85 { kOTHER };

TEST(TensorRtVersion, SharesARangeOfShapesAmongRequestsWhereThatIsAChoice) {
  PreviewConfig newer;
  version::share_profiles<PreviewConfig, FeaturesOf86>(newer);
  EXPECT_EQ(newer.features, 1);
  PreviewConfig old;
  version::share_profiles<PreviewConfig, FeaturesOf85>(old);
  EXPECT_EQ(old.features, 0);
}

TEST(TensorRtVersion, LeavesOutVendorsKernelsWhereThereAreAny) {
  TacticsConfig config;
  version::keep_to_own_kernels(config);
  EXPECT_EQ(config.sources, version::major <= 10 ? 0xF8U : 0xFFU);
}

TEST(TensorRtVersion, HasEachElementTypeOnce) {
  std::set<DataType> ours;
  for (const version::TypeRow& row : version::types()) {
    EXPECT_TRUE(ours.insert(row.ours).second);
    EXPECT_EQ(to_data_type(row.theirs), row.ours);
  }
  EXPECT_EQ(ours.contains(DataType::int64), !version::narrows_int64());
  EXPECT_EQ(is_narrowed(DataType::int64, DataType::int32), version::narrows_int64());
  EXPECT_FALSE(is_narrowed(DataType::float32, DataType::int32));
}

TEST(TensorRtVersion, CarriesShapesBothWays) {
  EXPECT_THAT(to_shape(to_dims({2, 3, 224, 224})), ElementsAre(2, 3, 224, 224));
  EXPECT_THAT(to_shape(to_dims({})), ElementsAre());
}

}  // namespace
}  // namespace podium::tensorrt
