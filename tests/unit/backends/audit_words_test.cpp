#include "backends/api/audit_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podium::backend {
namespace {

using ::testing::HasSubstr;

TEST(OtherPrecision, IsNotThereWhereAllIsAsAsked) {
  EXPECT_EQ(other_precision(Precision::fp32, {{"float32", 53}}), "");
  EXPECT_EQ(other_precision(Precision::bf16, {{"bfloat16", 53}}), "");
  EXPECT_EQ(other_precision(Precision::fp32, {}), "");
}

TEST(OtherPrecision, IsToldOfASingleNarrowerNode) {
  const std::string told = other_precision(Precision::fp32, {{"float32", 52}, {"bfloat16", 1}});
  EXPECT_THAT(told, HasSubstr("another precision than fp32"));
  EXPECT_THAT(told, HasSubstr("of 53"));
  EXPECT_THAT(told, HasSubstr("1 in bfloat16"));
  EXPECT_THAT(other_precision(Precision::fp32, {{"float32", 9}, {"float8_e4m3fn", 1}}), HasSubstr("float8"));
  EXPECT_THAT(other_precision(Precision::bf16, {{"bfloat16", 9}, {"float16", 1}}), HasSubstr("float16"));
}

TEST(OtherPrecision, IsToldOfWiderNodesOnlyWhereTheyAreMost) {
  EXPECT_EQ(other_precision(Precision::bf16, {{"bfloat16", 5}, {"float32", 5}}), "");
  EXPECT_THAT(other_precision(Precision::bf16, {{"bfloat16", 4}, {"float32", 5}}), HasSubstr("5 in float32"));
}

TEST(OtherPrecision, DoesNotJudgeIntegersNorWhatIsNotKnown) {
  EXPECT_EQ(other_precision(Precision::fp32, {{"int8", 5}, {"unknown", 3}}), "");
}

TEST(OtherPrecision, IsToldWhereNothingRanInTheInt8ThatWasAskedFor) {
  EXPECT_THAT(other_precision(Precision::int8_static, {{"float32", 53}}),
              HasSubstr("of 53 convolutions, matrix products and the like, none"));
  EXPECT_THAT(other_precision(Precision::int8_dynamic, {{"float32", 2}, {"bfloat16", 1}}),
              HasSubstr("another precision than int8-dynamic"));
  EXPECT_EQ(other_precision(Precision::int8_static, {{"float32", 52}, {"uint8", 1}}), "");
  EXPECT_EQ(other_precision(Precision::int8_static, {}), "") << "a model without such nodes has nothing to be judged by";
}

TEST(Int8Share, IsOfTheNodesThatDoArithmetic) {
  EXPECT_EQ(int8_share({{"int8", 1}, {"uint8", 2}, {"float32", 1}}), 0.75);
  EXPECT_EQ(int8_share({{"float32", 4}}), 0.0);
  EXPECT_FALSE(int8_share({}).has_value());
}

}  // namespace
}  // namespace podium::backend
