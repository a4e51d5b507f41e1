// Nine real networks with expected outputs, as the onnx package ships them, on every engine that reads ONNX.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "engine.h"
#include "matchers.h"

namespace podium::conformance {
namespace {

class Topologies : public ::testing::TestWithParam<std::tuple<Engine, std::string>> {};
struct NamedByEngineAndTopology {
  template <typename Info>
  std::string operator()(const Info& given) const {
    return test_name(std::get<0>(given.param).descriptor().name + "_" + std::get<1>(given.param));
  }
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Topologies);
INSTANTIATE_TEST_SUITE_P(Conformance, Topologies,
                         ::testing::Combine(::testing::ValuesIn(every_engine_reading("onnx")), ::testing::ValuesIn(topology_names())),
                         NamedByEngineAndTopology());

TEST(TopologyList, IsThatOfTheInstalledPackage) {
  std::vector<std::string> shipped;
  for (const Case& topology : models().topologies) shipped.push_back(topology.name);
  EXPECT_THAT(shipped, ::testing::UnorderedElementsAreArray(topology_names()));
}

/// The weights of these networks are one constant each, and SqueezeNet's thousand equal logits reach 10^10, where neighbouring float32
/// numbers lie 1024 apart: Softmax then answers by the last bit. OpenVINO sums the last eight of them in another order than the rest, which
/// it may. There its logits are compared with those of the reference evaluator.
std::string judged_by(const std::string& engine, const std::string& topology) {
  return engine == "openvino" && topology == "light_squeezenet" ? topology + "-logits" : topology;
}

TEST_P(Topologies, GiveTheirExpectedOutput) {
  const Case& topology = case_named(judged_by(std::get<0>(GetParam()).descriptor().name, std::get<1>(GetParam())));
  Running running(std::get<0>(GetParam()), topology);
  ASSERT_TRUE(succeeded(running.load()));
  const auto answers = running.answers();
  ASSERT_TRUE(succeeded(answers));
  EXPECT_TRUE(agree(*answers, topology));
}

}  // namespace
}  // namespace podium::conformance
