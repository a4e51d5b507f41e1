// What one engine does and no other: the reasons for which its backend is written as it is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "engine.h"
#include "matchers.h"

namespace podium::conformance {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

std::optional<Engine> engine_named(const std::string& name) {
  const std::vector<Engine> engines = every_engine();
  const auto found = std::find_if(engines.begin(), engines.end(), [&](const Engine& engine) { return engine.descriptor().name == name; });
  return found == engines.end() ? std::nullopt : std::optional(*found);
}

OptionValue choice(const char* value) {
  return OptionValue{std::string{value}};
}

/// What an engine says when it is asked to use this model file with the picture's inputs.
Error refusal_of(const Engine& engine, const std::filesystem::path& model) {
  Case picture = case_named("picture-b4");
  for (auto& [kind, file] : picture.files) file = model;
  Running running(engine, picture);
  return error_of_using(running);
}

TEST(OnnxRuntime, NamesTheProvidersThatItHasWhereAnotherIsAskedFor) {
  const std::optional<Engine> engine = engine_named("onnxruntime");
  if (!engine) GTEST_SKIP() << "not built here";
  Running running(*engine, case_named("picture-b4"));
  const auto loaded = running.load({{"provider", choice("tensorrt")}});
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().error.code, ErrorCode::unsupported);
  EXPECT_THAT(loaded.error().error.message, HasSubstr("'tensorrt'"));
  EXPECT_THAT(loaded.error().error.message, HasSubstr("it has: cpu"));
}

TEST(OnnxRuntime, CountsEachNodeOnItsProvider) {
  const std::optional<Engine> engine = engine_named("onnxruntime");
  if (!engine) GTEST_SKIP() << "not built here";
  Running running(*engine, case_named("picture-b4"));
  ASSERT_TRUE(succeeded(running.load({{"graph-optimization", choice("disabled")}})));
  ASSERT_TRUE(succeeded(running.answers()));
  const auto audit = running.worker().audit();
  ASSERT_TRUE(succeeded(audit));
  EXPECT_THAT(audit->providers, ElementsAre(Pair("CPUExecutionProvider", 8))) << "the model has eight operators";
  EXPECT_THAT(audit->compute_types, ElementsAre(Pair("float32", 8)));
  EXPECT_EQ(audit->fallback_share, 0.0);
}

TEST(OnnxRuntime, TellsWhichNodesFellBackFromTheProviderThatWasAskedFor) {
  const std::optional<Engine> engine = engine_named("onnxruntime");
  if (!engine) GTEST_SKIP() << "not built here";
  Running running(*engine, case_named("picture-b4"));
  const auto loaded = running.load({{"provider", choice("azure")}, {"graph-optimization", choice("disabled")}});
  if (!loaded && loaded.error().error.code == ErrorCode::unsupported) GTEST_SKIP() << "this build has no second provider";
  ASSERT_TRUE(succeeded(loaded));
  ASSERT_TRUE(succeeded(running.answers()));
  const auto audit = running.worker().audit();
  ASSERT_TRUE(succeeded(audit));
  EXPECT_EQ(audit->fallback_share, 1.0);
  EXPECT_THAT(audit->fallback_reason, HasSubstr("8 of 8 nodes ran on CPUExecutionProvider, not on the AzureExecutionProvider"));
}

TEST(OnnxRuntime, CountsTheNodesThatItMergedIntoOthers) {
  const std::optional<Engine> engine = engine_named("onnxruntime");
  if (!engine) GTEST_SKIP() << "not built here";
  Running running(*engine, case_named("light_resnet50"));
  ASSERT_TRUE(succeeded(running.load()));
  ASSERT_TRUE(succeeded(running.answers()));
  const auto audit = running.worker().audit();
  ASSERT_TRUE(succeeded(audit));
  ASSERT_TRUE(audit->fused_nodes.has_value());
  EXPECT_GE(*audit->fused_nodes, 49) << "at least its rectifiers stand behind convolutions";
  EXPECT_EQ(audit->int8_share, 0.0);
}

TEST(OnnxRuntime, SaysWhyItHasNoBf16) {
  const std::optional<Engine> engine = engine_named("onnxruntime");
  if (!engine) GTEST_SKIP() << "not built here";
  Running running(*engine, case_named("picture-b4"));
  const auto loaded = running.load({}, Precision::bf16);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().error.code, ErrorCode::unsupported);
  EXPECT_THAT(loaded.error().error.message, HasSubstr("no bfloat16 kernels"));
}

TEST(OpenVino, ComputesInFloat32WhereFp32WasAskedForAlthoughItWouldRatherNot) {
  const std::optional<Engine> engine = engine_named("openvino");
  if (!engine) GTEST_SKIP() << "not built here";
  Running running(*engine, case_named("light_resnet50"));
  ASSERT_TRUE(succeeded(running.load()));
  ASSERT_TRUE(succeeded(running.answers()));
  const auto audit = running.worker().audit();
  ASSERT_TRUE(succeeded(audit));
  EXPECT_THAT(audit->compute_types, Not(Contains(Key(AnyOf("bfloat16", "float16")))));
  EXPECT_THAT(audit->compute_types, Contains(Pair("float32", ::testing::Gt(50)))) << "it has 53 convolutions";
  EXPECT_EQ(audit->fallback_share, 0.0);
}

TEST(OpenVino, IsCaughtComputingInBf16UnderAnFp32Name) {
  const std::optional<Engine> engine = engine_named("openvino");
  if (!engine) GTEST_SKIP() << "not built here";
  for (const char* policy : {"bf16", "engine"}) {
    Running running(*engine, case_named("light_resnet50"));
    const auto loaded = running.load({{"precision-policy", choice("bf16")}});
    if (!loaded && loaded.error().error.code == ErrorCode::unsupported) GTEST_SKIP() << loaded.error().error.message;
    ASSERT_TRUE(succeeded(running.load({{"precision-policy", choice(policy)}})));
    ASSERT_TRUE(succeeded(running.answers()));
    const auto audit = running.worker().audit();
    ASSERT_TRUE(succeeded(audit));
    EXPECT_THAT(audit->other_precision, HasSubstr("in bfloat16")) << "precision-policy=" << policy;
  }
}

TEST(AotInductor, RefusesAPackageOfAnotherPrecision) {
  const std::optional<Engine> engine = engine_named("aotinductor");
  if (!engine) GTEST_SKIP() << "not built here";
  const Error error = refusal_of(*engine, case_named("picture-b4").files.at("aoti/bf16"));
  EXPECT_EQ(error.code, ErrorCode::bad_input);
  EXPECT_THAT(error.message, HasSubstr("compiled for bf16, not for fp32"));
}

TEST(AotInductor, ComputesAQuantizedPackageInInt8) {
  const std::optional<Engine> engine = engine_named("aotinductor");
  if (!engine) GTEST_SKIP() << "not built here";
  const Case& picture = case_named("picture-b4");
  if (!picture.files.contains("aoti/int8-static")) GTEST_SKIP() << "the package is not there: torchao is not installed";
  Running running(*engine, picture);
  ASSERT_TRUE(succeeded(running.load({}, Precision::int8_static)));
  const auto answers = running.answers();
  ASSERT_TRUE(succeeded(answers));
  EXPECT_TRUE(agree(*answers, picture, Precision::int8_static));
  EXPECT_FALSE(agree(*answers, picture, Precision::fp32)) << "int8 answers cannot be as near as this";
  const auto audit = running.worker().audit();
  ASSERT_TRUE(succeeded(audit));
  EXPECT_EQ(audit->int8_share, 1.0);
  EXPECT_THAT(audit->providers, Contains(Pair("oneDNN", 3))) << "two convolutions and a linear layer";
}

TEST(AotInductor, RefusesAPackageWhoseMetadataClaimsAnInputTooMany) {
  const std::optional<Engine> engine = engine_named("aotinductor");
  if (!engine) GTEST_SKIP() << "not built here";
  const Error error = refusal_of(*engine, models().liars.at("inputs"));
  EXPECT_EQ(error.code, ErrorCode::bad_input);
  EXPECT_THAT(error.message, HasSubstr("'more'"));
}

TEST(AotInductor, RefusesAPackageThatWasCompiledForAnotherBatchThanItClaims) {
  const std::optional<Engine> engine = engine_named("aotinductor");
  if (!engine) GTEST_SKIP() << "not built here";
  Case picture = case_named("picture-b1");
  picture.files["aoti/fp32"] = models().liars.at("batch");
  Running running(*engine, picture);
  const Error error = error_of_using(running);
  EXPECT_EQ(error.code, ErrorCode::bad_input);
  EXPECT_THAT(error.message, HasSubstr("input 'pixels'"));
  EXPECT_THAT(error.message, HasSubstr("expected: 4, but got: 1"));
}

TEST(AotInductor, RefusesAnArchiveThatIsNoPackage) {
  const std::optional<Engine> engine = engine_named("aotinductor");
  if (!engine) GTEST_SKIP() << "not built here";
  const Error error = refusal_of(*engine, case_named("picture-b4").files.at("onnx"));
  EXPECT_EQ(error.code, ErrorCode::bad_input);
  EXPECT_THAT(error.message, HasSubstr("no AOTInductor package"));
}

TEST(AotInductor, LeavesNothingInItsCacheFolderOnceAPackageIsLoaded) {
  const std::optional<Engine> engine = engine_named("aotinductor");
  if (!engine) GTEST_SKIP() << "not built here";
  Running running(*engine, case_named("picture-b1"));
  backend::LoadRequest request = running.request();
  request.cache = std::filesystem::path(::testing::TempDir()) / "podium-aot-cache";
  std::filesystem::create_directories(request.cache);
  ASSERT_TRUE(succeeded(running.worker().load(request)));
  EXPECT_TRUE(std::filesystem::is_empty(request.cache)) << "a worker that is killed now would leave its package behind";
  std::filesystem::remove_all(request.cache);
}

}  // namespace
}  // namespace podium::conformance
