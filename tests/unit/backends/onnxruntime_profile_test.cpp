#include "backends/onnxruntime/profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace podium::onnxruntime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class Profile : public ::testing::Test {
 protected:
  ~Profile() override { std::filesystem::remove(file_); }
  Result<Audit> read(const std::string& text) {
    std::ofstream(file_) << text;
    return read_profile(file_, "CPUExecutionProvider");
  }
  std::filesystem::path file_ = std::filesystem::path(::testing::TempDir()) / "podium-profile-test.json";
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

}  // namespace
}  // namespace podium::onnxruntime
