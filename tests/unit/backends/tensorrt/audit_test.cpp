#include "backends/tensorrt/audit.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace podium::tensorrt {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

/// A layer as TensorRT 8.5's inspector describes it.
std::string layer(const std::string& kind, const std::string& format, const std::string& tactic = "sm80_xmma_fprop") {
  return fmt::format(R"({{"Name": "layer", "LayerType": "{}",
    "Inputs": [{{"Name": "x", "Location": "Device", "Dimensions": [1,64,56,56], "Format/Datatype": "{}"}}],
    "Outputs": [{{"Name": "y", "Location": "Device", "Dimensions": [1,64,56,56], "Format/Datatype": "Row major linear FP32"}}],
    "ParameterType": "Convolution", "TacticName": "{}", "TacticValue": "0x1"}})",
                     kind, format, tactic);
}

std::string engine(const std::vector<std::string>& layers) {
  return fmt::format(R"({{"Layers": [{}], "Bindings": ["x", "y"]}})", fmt::join(layers, ", "));
}

constexpr const char* wide = "Row major linear FP32";
constexpr const char* half = "Channel major FP16 format where channel % 8 == 0";
constexpr const char* narrow = "Thirty-two wide channel vectorized row major Int8 format";

TEST(TensorRtAudit, CountsLayersByTheTypeOfWhatTheyRead) {
  const auto audit =
      audit_layers(engine({layer("CaskConvolution", half), layer("CaskConvolution", half), layer("CaskPooling", wide)}), Precision::fp16);
  ASSERT_TRUE(audit) << audit.error().message;
  EXPECT_THAT(audit->compute_types, ElementsAre(Pair("float16", 2), Pair("float32", 1)));
  EXPECT_THAT(audit->providers, ElementsAre(Pair("TensorRT", 3)));
  EXPECT_EQ(audit->fallback_share, 0.0);
  EXPECT_THAT(audit->other_precision, IsEmpty());
}

TEST(TensorRtAudit, TellsReformatLayersApart) {
  const auto audit =
      audit_layers(engine({layer("Reformat", wide), layer("CaskConvolution", narrow), layer("Reformat", narrow), layer("NoOp", wide)}),
                   Precision::int8_static);
  ASSERT_TRUE(audit) << audit.error().message;
  EXPECT_THAT(audit->providers, ElementsAre(Pair("TensorRT", 1), Pair("reformat", 3)));
}

TEST(TensorRtAudit, GivesTheShareOfArithmeticInInt8) {
  const auto audit = audit_layers(engine({layer("CaskConvolution", narrow), layer("CaskGemmConvolution", narrow),
                                          layer("MatrixMultiply", half), layer("CaskConvolution", narrow), layer("PointWiseV2", half)}),
                                  Precision::int8_static);
  ASSERT_TRUE(audit) << audit.error().message;
  EXPECT_EQ(audit->int8_share, 0.75) << "of four, a pointwise layer is none of them";
  EXPECT_THAT(audit->other_precision, IsEmpty());
}

TEST(TensorRtAudit, SaysThatNothingRanInInt8) {
  const auto audit = audit_layers(engine({layer("CaskConvolution", half)}), Precision::int8_static);
  ASSERT_TRUE(audit) << audit.error().message;
  EXPECT_THAT(audit->other_precision, HasSubstr("none in 8-bit integers"));
}

TEST(TensorRtAudit, SeesTf32WhereFp32WasAskedFor) {
  const std::string rounded = layer("CaskConvolution", wide, "sm80_xmma_fprop_implicit_gemm_tf32f32_tf32f32_f32_nhwckrsc");
  const auto audit = audit_layers(engine({rounded}), Precision::fp32);
  ASSERT_TRUE(audit) << audit.error().message;
  EXPECT_THAT(audit->compute_types, ElementsAre(Pair("tf32", 1)));
  EXPECT_THAT(audit->other_precision, HasSubstr("in tf32"));
  EXPECT_THAT(audit_layers(engine({rounded}), Precision::tf32)->other_precision, IsEmpty());
}

TEST(TensorRtAudit, SeesThatMostOfAHalfPrecisionEngineIsWide) {
  const auto audit = audit_layers(engine({layer("CaskConvolution", wide), layer("CaskConvolution", wide), layer("CaskConvolution", half)}),
                                  Precision::fp16);
  ASSERT_TRUE(audit) << audit.error().message;
  EXPECT_THAT(audit->other_precision, HasSubstr("float32"));
}

TEST(TensorRtAudit, ReadsTheDataTypeThatNewerVersionsTellByItself) {
  const std::string newer =
      R"({"LayerType": "gemm", "Inputs": [{"Name": "x", "Format": "Row major linear", "Datatype": "BFloat16"}], "Outputs": []})";
  const auto audit = audit_layers(engine({newer}), Precision::bf16);
  ASSERT_TRUE(audit) << audit.error().message;
  EXPECT_THAT(audit->compute_types, ElementsAre(Pair("bfloat16", 1)));
}

TEST(TensorRtAudit, TakesALayerWithoutInputsByItsOutput) {
  const std::string constant =
      R"({"LayerType": "Constant", "Inputs": [], "Outputs": [{"Name": "y", "Format/Datatype": "Row major linear INT32"}]})";
  EXPECT_THAT(audit_layers(engine({constant}), Precision::fp32)->compute_types, ElementsAre(Pair("int32", 1)));
}

class WhatIsNoDescription : public ::testing::TestWithParam<const char*> {};

TEST_P(WhatIsNoDescription, IsAnError) {
  const auto audit = audit_layers(GetParam(), Precision::fp32);
  ASSERT_FALSE(audit);
  EXPECT_EQ(audit.error().code, ErrorCode::failed);
}

INSTANTIATE_TEST_SUITE_P(TensorRtAudit, WhatIsNoDescription, ::testing::Values("", "{", "[]", "{}", R"({"Layers": 3})"));

}  // namespace
}  // namespace podium::tensorrt
