#include "backends/tensorrt/engine_cache.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "../../temporary_folder.h"
#include "backends/api/registry.h"
#include "backends/tensorrt/options.h"

namespace podium::tensorrt {
namespace {

backend::LoadRequest request_in(const std::filesystem::path& folder) {
  backend::Descriptor descriptor;
  descriptor.options = option_specs();
  backend::LoadRequest request;
  request.cache = folder;
  request.precision = Precision::fp16;
  request.options = value_or_throw(backend::resolve_options(descriptor, {}));
  request.inputs = {{"x", DataType::float32, {8, 3, 224, 224}}};
  return request;
}

const EngineOrigin h100{{"NVIDIA H100 80GB HBM3", 9, 0}, "8.5.3", "0123"};

class EngineCacheTest : public ::testing::Test {
 protected:
  test::TemporaryFolder folder_;
  backend::LoadRequest request_ = request_in(folder_.path());
};

TEST_F(EngineCacheTest, GivesBackTheEngineThatItWasGiven) {
  const EngineCache cache(request_, h100);
  EXPECT_FALSE(cache.engine());
  const std::string plan("a plan\0with a zero", 18);
  ASSERT_TRUE(cache.keep_engine(plan));
  ASSERT_TRUE(cache.keep_timings("timings"));
  const EngineCache again(request_, h100);
  EXPECT_EQ(again.engine(), plan);
  EXPECT_EQ(again.timings(), "timings");
}

TEST_F(EngineCacheTest, SetsTheTimeOfAnEngineThatItGivesBack) {
  const EngineCache cache(request_, h100);
  ASSERT_TRUE(cache.keep_engine("plan"));
  const std::filesystem::path file = std::filesystem::directory_iterator(folder_.path())->path();
  const auto long_ago = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
  std::filesystem::last_write_time(file, long_ago);
  ASSERT_TRUE(cache.engine());
  EXPECT_GT(std::filesystem::last_write_time(file), long_ago + std::chrono::minutes(30)) << "an artefact takes what was loaded for it";
}

TEST_F(EngineCacheTest, KeepsNothingWhereThatWasNotAskedFor) {
  request_.options["engine-cache"] = false;
  const EngineCache cache(request_, h100);
  ASSERT_TRUE(cache.keep_engine("plan"));
  EXPECT_FALSE(cache.engine());
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
  request_.options["engine-cache"] = true;
  request_.cache.clear();
  ASSERT_TRUE(EngineCache(request_, h100).keep_engine("plan")) << "a cell without a folder";
}

TEST_F(EngineCacheTest, MeasuresKernelsOnceForAllCellsOfAKindOfGpu) {
  ASSERT_TRUE(EngineCache(request_, h100).keep_timings("timings"));
  request_.precision = Precision::fp32;
  request_.inputs[0].shape[0] = 1;
  EXPECT_EQ(EngineCache(request_, h100).timings(), "timings");
  EngineOrigin other = h100;
  other.gpu.name = "NVIDIA H200";
  EXPECT_EQ(EngineCache(request_, other).timings(), "");
}

TEST_F(EngineCacheTest, RunsOneEngineWithAndWithoutAGraph) {
  const std::string with = EngineCache(request_, h100).key();
  request_.options["cuda-graph"] = false;
  EXPECT_EQ(EngineCache(request_, h100).key(), with);
}

TEST_F(EngineCacheTest, RunsOneEngineAtAllShapesOfItsRange) {
  request_.options["shapes"] = std::string("x=1:8:32x3x224x224");
  const std::string at_8 = EngineCache(request_, h100).key();
  request_.inputs[0].shape[0] = 5;
  EXPECT_EQ(EngineCache(request_, h100).key(), at_8);
  request_.options["shapes"] = std::string("x=1:8:64x3x224x224");
  EXPECT_NE(EngineCache(request_, h100).key(), at_8);
}

TEST_F(EngineCacheTest, BuildsOneEngineWhereAnOptionIsOfAnotherPrecision) {
  const std::string before = EngineCache(request_, h100).key();
  request_.options["int8"] = std::string("ranges");
  request_.options["beside-int8"] = std::string("fp32");
  EXPECT_EQ(EngineCache(request_, h100).key(), before) << "it is fp16";
  request_.precision = Precision::int8_static;
  const std::string by_ranges = EngineCache(request_, h100).key();
  request_.options["int8"] = std::string("qdq");
  EXPECT_NE(EngineCache(request_, h100).key(), by_ranges);
}

TEST_F(EngineCacheTest, FindsAVersionCompatibleEngineOfAnotherVersion) {
  EngineOrigin later = h100;
  later.tensorrt = "10.13.2";
  request_.options["version-compatible"] = true;
  EXPECT_EQ(EngineCache(request_, h100).key(), EngineCache(request_, later).key());
  request_.options["version-compatible"] = false;
  EXPECT_NE(EngineCache(request_, h100).key(), EngineCache(request_, later).key());
}

struct Change {
  const char* name;
  std::function<void(backend::LoadRequest&, EngineOrigin&)> make;
};
void PrintTo(const Change& change, std::ostream* out) {
  *out << change.name;
}

class KeyOf : public EngineCacheTest, public ::testing::WithParamInterface<Change> {};

TEST_P(KeyOf, AnotherEngineIsAnother) {
  const std::string before = EngineCache(request_, h100).key();
  EngineOrigin origin = h100;
  GetParam().make(request_, origin);
  EXPECT_NE(EngineCache(request_, origin).key(), before);
}

INSTANTIATE_TEST_SUITE_P(
    TensorRt, KeyOf,
    ::testing::Values(Change{"gpu", [](auto&, auto& origin) { origin.gpu.name = "NVIDIA H200"; }},
                      Change{"capability", [](auto&, auto& origin) { origin.gpu.capability_major = 8; }},
                      Change{"version", [](auto&, auto& origin) { origin.tensorrt = "10.13.2"; }},
                      Change{"model", [](auto&, auto& origin) { origin.model_sha256 = "4567"; }},
                      Change{"precision", [](auto& request, auto&) { request.precision = Precision::tf32; }},
                      Change{"batch", [](auto& request, auto&) { request.inputs[0].shape[0] = 1; }},
                      Change{"level", [](auto& request, auto&) { request.options["optimization-level"] = std::int64_t{5}; }},
                      Change{"kernels", [](auto& request, auto&) { request.options["kernels"] = std::string("vendor"); }}),
    [](const auto& given) { return std::string(given.param.name); });

TEST(TensorRtOptions, AreReadAsTheyWereGiven) {
  backend::Descriptor descriptor;
  descriptor.options = option_specs();
  const auto options = backend::resolve_options(descriptor, {{"optimization-level", "5"},
                                                             {"workspace-mib", "512"},
                                                             {"timings", "8"},
                                                             {"kernels", "vendor"},
                                                             {"beside-int8", "fp32"},
                                                             {"int8", "ranges"},
                                                             {"version-compatible", "on"},
                                                             {"sparse-weights", "on"}});
  ASSERT_TRUE(options) << options.error().message;
  const BuildSettings settings = build_settings(*options);
  EXPECT_EQ(settings.optimization_level, 5);
  EXPECT_EQ(settings.workspace_mib, 512);
  EXPECT_EQ(settings.timings, 8);
  EXPECT_TRUE(settings.vendor_kernels);
  EXPECT_FALSE(settings.fp16_beside_int8);
  EXPECT_TRUE(settings.int8_by_ranges);
  EXPECT_TRUE(settings.version_compatible);
  EXPECT_TRUE(settings.sparse_weights);
}

TEST(TensorRtOptions, AreTriedWhereTheVersionHasThem) {
  const auto tries_ranges = [](bool takes_ranges) {
    const std::vector<backend::OptionTrial> trials = option_trials(takes_ranges);
    return std::any_of(trials.begin(), trials.end(), [](const backend::OptionTrial& trial) { return trial.option == "int8"; });
  };
  EXPECT_TRUE(tries_ranges(true));
  EXPECT_FALSE(tries_ranges(false)) << "from 11 on ranges stand in the model alone";
}

TEST(TensorRtOptions, HaveTheDefaultsThatTheBuilderHas) {
  backend::Descriptor descriptor;
  descriptor.options = option_specs();
  const BuildSettings given = build_settings(value_or_throw(backend::resolve_options(descriptor, {})));
  const BuildSettings usual;
  EXPECT_EQ(given.optimization_level, usual.optimization_level);
  EXPECT_EQ(given.workspace_mib, usual.workspace_mib);
  EXPECT_EQ(given.timings, usual.timings);
  EXPECT_EQ(given.vendor_kernels, usual.vendor_kernels);
  EXPECT_EQ(given.fp16_beside_int8, usual.fp16_beside_int8);
  EXPECT_EQ(given.int8_by_ranges, usual.int8_by_ranges);
  EXPECT_EQ(given.version_compatible, usual.version_compatible);
  EXPECT_EQ(given.sparse_weights, usual.sparse_weights);
}

}  // namespace
}  // namespace podium::tensorrt
