#include "backends/openvino/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <openvino/core/model.hpp>
#include <openvino/op/add.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/parameter.hpp>
#include <openvino/op/relu.hpp>
#include <openvino/op/result.hpp>
#include <string>
#include <vector>

namespace podium::openvino {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

struct Compiled {
  const char* kind;
  const char* precision;
  const char* originals;
  const char* primitive = "";
};

/// A runtime model as the CPU plugin describes it: a chain of nodes whose properties say what ran.
std::shared_ptr<ov::Model> runtime_model(const std::vector<Compiled>& nodes) {
  auto input = std::make_shared<ov::op::v0::Parameter>(ov::element::f32, ov::Shape{1});
  input->get_rt_info()["layerType"] = std::string("Input");
  ov::Output<ov::Node> last = input;
  for (const Compiled& node : nodes) {
    auto operation = std::make_shared<ov::op::v0::Relu>(last);
    operation->get_rt_info()["layerType"] = std::string(node.kind);
    operation->get_rt_info()["runtimePrecision"] = std::string(node.precision);
    operation->get_rt_info()["primitiveType"] = std::string(node.primitive);
    operation->get_rt_info()["originalLayersNames"] = std::string(node.originals);
    last = operation;
  }
  auto result = std::make_shared<ov::op::v0::Result>(last);
  result->get_rt_info()["layerType"] = std::string("Output");
  return std::make_shared<ov::Model>(ov::ResultVector{result}, ov::ParameterVector{input});
}

TEST(OpenVinoAudit, FindsNothingWhereAllComputeAsAsked) {
  const auto model =
      runtime_model({{"Convolution", "f32", "conv,relu,add"}, {"FullyConnected", "f32", "fc"}, {"Softmax", "f32", "softmax"}});
  const Audit audit = audit_runtime_model(*model, Precision::fp32, false);
  EXPECT_THAT(audit.providers, ElementsAre(Pair("CPU", 3)));
  EXPECT_EQ(audit.fallback_share, 0.0);
  EXPECT_EQ(audit.fused_nodes, 2);
  EXPECT_EQ(audit.int8_share, 0.0);
  EXPECT_EQ(audit.other_precision, "");
  EXPECT_EQ(audit.fallback_reason, "");
}

TEST(OpenVinoAudit, CountsAProductOfFloatsWithInt8WeightsAsFloat) {
  const auto model = runtime_model({{"FullyConnected", "i8", "a", "brgemm_avx2_f32"}, {"FullyConnected", "u8", "b", "brgemm_avx2_u8"}});
  EXPECT_EQ(audit_runtime_model(*model, Precision::int8_static, true).int8_share, 0.5);
}

TEST(OpenVinoAudit, CatchesBf16UnderAnFp32Name) {
  const auto model = runtime_model({{"Convolution", "bf16", "a"}, {"Convolution", "f32", "b"}, {"Softmax", "f32", "c"}});
  EXPECT_THAT(audit_runtime_model(*model, Precision::fp32, false).other_precision, HasSubstr("1 in bfloat16"));
}

TEST(OpenVinoAudit, DoesNotMistakeABf16SoftmaxForArithmetic) {
  const auto model = runtime_model({{"Convolution", "f32", "a"}, {"Softmax", "bf16", "b"}});
  EXPECT_EQ(audit_runtime_model(*model, Precision::fp32, false).other_precision, "");
}

TEST(OpenVinoAudit, CatchesIntegersInAModelThatIsNotQuantizedAndOnlyThere) {
  const auto model = runtime_model({{"Convolution", "u8", "a"}, {"Convolution", "f32", "b"}});
  EXPECT_EQ(audit_runtime_model(*model, Precision::fp32, false).int8_share, 0.5);
  EXPECT_THAT(audit_runtime_model(*model, Precision::fp32, false).other_precision, HasSubstr("8-bit integers"));
  EXPECT_EQ(audit_runtime_model(*model, Precision::fp32, true).other_precision, "");
}

TEST(OpenVinoAudit, CountsReferenceCodeAsAShareAndNoFault) {
  const auto model = runtime_model({{"Reference", "f32", "a"}, {"Convolution", "f32", "b"}});
  const Audit audit = audit_runtime_model(*model, Precision::fp32, false);
  EXPECT_THAT(audit.providers, ElementsAre(Pair("CPU", 1), Pair("reference", 1)));
  EXPECT_EQ(audit.fallback_share, 0.5);
  EXPECT_EQ(audit.fallback_reason, "");
}

TEST(OpenVinoAudit, KnowsAModelWithIntegerWeightsForQuantized) {
  const auto with_constant = [](ov::element::Type type) {
    auto input = std::make_shared<ov::op::v0::Parameter>(type, ov::Shape{4});
    auto sum = std::make_shared<ov::op::v1::Add>(input, ov::op::v0::Constant::create(type, ov::Shape{4}, {1, 2, 3, 4}));
    return std::make_shared<ov::Model>(ov::OutputVector{sum}, ov::ParameterVector{input});
  };
  EXPECT_TRUE(is_quantized(*with_constant(ov::element::i8)));
  EXPECT_FALSE(is_quantized(*with_constant(ov::element::f32)));
  EXPECT_FALSE(is_quantized(*with_constant(ov::element::i64)));
}

}  // namespace
}  // namespace podium::openvino
