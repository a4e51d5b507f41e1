#include "backends/onnxruntime/profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "backends/onnxruntime/node_count.h"
#include "core/temporary_folder.h"

namespace podium::onnxruntime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class Profile : public ::testing::Test {
 protected:
  Result<Audit> read(const std::string& text, Precision asked = Precision::fp32) {
    std::ofstream(file_) << text;
    return read_profile(file_, {"CPUExecutionProvider", asked, 6});
  }
  TemporaryFolder folder_ = value_or_throw(TemporaryFolder::create(::testing::TempDir(), "podium-profile-test"));
  std::filesystem::path file_ = folder_.path() / "profile.json";
};

TEST_F(Profile, CountsNodesByProviderAndTypeAndOnceEach) {
  const auto audit = read(R"([
    {"cat": "Session", "name": "model_run", "args": {}},
    {"cat": "Node", "name": "conv_kernel_time", "args": {"provider": "CPUExecutionProvider", "node_index": "0", "input_type_shape": [{"float": [1]}]}},
    {"cat": "Node", "name": "conv_kernel_time", "args": {"provider": "CPUExecutionProvider", "node_index": "0", "input_type_shape": [{"float": [1]}]}},
    {"cat": "Node", "name": "conv_fence_after", "args": {"provider": "CPUExecutionProvider", "node_index": "0"}},
    {"cat": "Node", "name": "q_kernel_time", "args": {"provider": "Other", "node_index": "1", "input_type_shape": [{"uint8": [1]}, {"float": [1]}]}},
    {"cat": "Node", "name": "c_kernel_time", "args": {"provider": "CPUExecutionProvider", "node_index": "2", "input_type_shape": [],
                                                     "output_type_shape": [{"int64": [1]}]}},
    {"cat": "Node", "name": "n_kernel_time", "args": {"provider": "CPUExecutionProvider", "node_index": "3"}}])");
  ASSERT_TRUE(audit);
  EXPECT_THAT(audit->providers, ElementsAre(Pair("CPUExecutionProvider", 3), Pair("Other", 1)));
  EXPECT_THAT(audit->compute_types, ElementsAre(Pair("float32", 1), Pair("int64", 1), Pair("uint8", 1), Pair("unknown", 1)));
  EXPECT_EQ(audit->fallback_share, 0.25);
}

TEST_F(Profile, WithoutNodesHasNoFallBackShare) {
  const auto audit = read("[]");
  ASSERT_TRUE(audit);
  EXPECT_THAT(audit->providers, IsEmpty());
  EXPECT_FALSE(audit->fallback_share.has_value());
}

TEST_F(Profile, IsAnErrorWhereItIsCutOff) {
  const auto audit = read(R"([{"cat": "Node", )");
  ASSERT_FALSE(audit);
  EXPECT_EQ(audit.error().code, ErrorCode::failed);
}

TEST_F(Profile, SaysWhichOperatorsRanOnAnotherProvider) {
  const auto audit = read(R"([
    {"cat": "Node", "name": "a_kernel_time", "args": {"op_name": "Conv", "provider": "CPUExecutionProvider", "node_index": "0"}},
    {"cat": "Node", "name": "b_kernel_time", "args": {"op_name": "Relu", "provider": "Other", "node_index": "1"}},
    {"cat": "Node", "name": "c_kernel_time", "args": {"op_name": "Conv", "provider": "Other", "node_index": "2"}},
    {"cat": "Node", "name": "d_kernel_time", "args": {"op_name": "Conv", "provider": "Other", "node_index": "3"}}])");
  ASSERT_TRUE(audit);
  EXPECT_EQ(audit->fallback_reason, "3 of 4 nodes ran on Other, not on the CPUExecutionProvider that was asked for: Conv (2), Relu (1)");
  EXPECT_EQ(audit->fallback_share, 0.75);
}

TEST_F(Profile, CountsNodesThatWereMergedAndLeavesOutThoseThatWereAdded) {
  const auto audit = read(R"([
    {"cat": "Node", "name": "a_kernel_time", "args": {"op_name": "ReorderInput", "provider": "CPUExecutionProvider", "node_index": "0"}},
    {"cat": "Node", "name": "b_kernel_time", "args": {"op_name": "Conv", "provider": "CPUExecutionProvider", "node_index": "1"}}])");
  ASSERT_TRUE(audit);
  EXPECT_EQ(audit->fused_nodes, 5);
  EXPECT_EQ(audit->fallback_reason, "");
}

TEST_F(Profile, TellsArithmeticInIntegersAndInNarrowerFloats) {
  const auto audit = read(R"([
    {"cat": "Node", "name": "a_kernel_time", "args": {"op_name": "QLinearConv", "provider": "CPUExecutionProvider", "node_index": "0",
                                                     "input_type_shape": [{"uint8": [1]}]}},
    {"cat": "Node", "name": "b_kernel_time", "args": {"op_name": "DynamicQuantizeMatMul", "provider": "CPUExecutionProvider", "node_index": "1",
                                                     "input_type_shape": [{"float": [1]}]}},
    {"cat": "Node", "name": "c_kernel_time", "args": {"op_name": "MatMul", "provider": "CPUExecutionProvider", "node_index": "2",
                                                     "input_type_shape": [{"float16": [1]}]}},
    {"cat": "Node", "name": "d_kernel_time", "args": {"op_name": "Gemm", "provider": "CPUExecutionProvider", "node_index": "3",
                                                     "input_type_shape": [{"float": [1]}]}},
    {"cat": "Node", "name": "e_kernel_time", "args": {"op_name": "Cast", "provider": "CPUExecutionProvider", "node_index": "4",
                                                     "input_type_shape": [{"bfloat16": [1]}]}}])");
  ASSERT_TRUE(audit);
  EXPECT_EQ(audit->int8_share, 0.5);
  EXPECT_THAT(audit->other_precision, ::testing::HasSubstr("1 in float16"));
  EXPECT_THAT(audit->other_precision, ::testing::Not(::testing::HasSubstr("bfloat16"))) << "a cast is no arithmetic";
}

TEST_F(Profile, TellsFloat32BetweenCastsFromFloat16) {
  const auto audit = read(R"([
    {"cat": "Node", "name": "a_kernel_time", "args": {"op_name": "Cast", "provider": "CPUExecutionProvider", "node_index": "0",
                                                     "input_type_shape": [{"float16": [1]}]}},
    {"cat": "Node", "name": "b_kernel_time", "args": {"op_name": "MatMul", "provider": "CPUExecutionProvider", "node_index": "1",
                                                     "input_type_shape": [{"float": [1]}, {"float": [1]}]}}])",
                          Precision::fp16);
  ASSERT_TRUE(audit);
  EXPECT_THAT(audit->other_precision, ::testing::HasSubstr("another precision than fp16"));
  EXPECT_THAT(audit->other_precision, ::testing::HasSubstr("1 in float32"));
}

TEST(NodeCount, IsThatOfTheTopGraphWithoutConstants) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "podium-node-count-test.onnx";
  // ir_version 8; graph { node { op_type "Relu" } node { op_type "Constant" } node { input "x" op_type "Add" } name "g" }
  const std::string nodes = std::string("\x0a\x06\x22\x04Relu") +
                            "\x0a\x0a\x22\x08"
                            "Constant" +
                            "\x0a\x08\x0a\x01x\x22\x03"
                            "Add" +
                            "\x12\x01g";
  const std::string model = "\x08\x08\x3a" + std::string(1, static_cast<char>(nodes.size())) + nodes;
  std::ofstream(file, std::ios::binary) << model;
  EXPECT_EQ(count_model_nodes(file), 2);
  std::ofstream(file, std::ios::binary) << model.substr(0, model.size() - 2);
  EXPECT_EQ(count_model_nodes(file), std::nullopt) << "it is cut off";
  std::filesystem::remove(file);
  EXPECT_EQ(count_model_nodes(file), std::nullopt);
}

}  // namespace
}  // namespace podium::onnxruntime
