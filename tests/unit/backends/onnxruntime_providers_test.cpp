// Which execution provider a cell gets, and with which options. The library that is here has the CPU's, and perhaps CUDA's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "../temporary_folder.h"
#include "backends/onnxruntime/cuda_libraries.h"
#include "backends/onnxruntime/library.h"
#include "backends/onnxruntime/options.h"
#include "backends/onnxruntime/providers.h"

namespace podium::onnxruntime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

class OrtProviders : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto opened = open_library();
    if (!opened) GTEST_SKIP() << opened.error().message;
    for (const OptionSpec& option : option_specs()) request_.options[option.name] = option.default_value;
    const auto listed = Ort::GetAvailableProviders();
    has_cuda_ = std::find(listed.begin(), listed.end(), cuda_provider) != listed.end();
  }

  backend::LoadRequest request_;
  bool has_cuda_ = false;
};

TEST_F(OrtProviders, OnTheCpuAreTheCpusUnlessAnotherIsNamed) {
  EXPECT_EQ(asked_provider(request_).value_or(""), cpu_provider);
  request_.options["provider"] = std::string("CPUExecutionProvider");
  EXPECT_EQ(asked_provider(request_).value_or(""), cpu_provider);
  EXPECT_FALSE(is_on_cuda(request_));
}

TEST_F(OrtProviders, OnAGpuAreCudasOrAreMendedByTheCommandThatInstallsThem) {
  request_.device = "cuda:0";
  const auto provider = asked_provider(request_);
  if (has_cuda_) {
    EXPECT_EQ(provider.value_or(""), cuda_provider);
    return;
  }
  ASSERT_FALSE(provider);
  EXPECT_EQ(provider.error().code, ErrorCode::unavailable);
  EXPECT_THAT(provider.error().message, HasSubstr("cuda:0"));
  EXPECT_THAT(provider.error().remedy, HasSubstr("pip install onnxruntime-gpu"));
}

TEST_F(OrtProviders, ThatComputeElsewhereThanAskedAreRefused) {
  request_.device = "cuda:0";
  request_.options["provider"] = std::string("cpu");
  ASSERT_FALSE(asked_provider(request_));
  EXPECT_THAT(asked_provider(request_).error().message, HasSubstr("does not compute on 'cuda:0'"));
}

TEST_F(OrtProviders, ThatTheLibraryLacksAreRefusedWithThoseItHas) {
  request_.options["provider"] = std::string("bizarre");
  ASSERT_FALSE(asked_provider(request_));
  EXPECT_THAT(asked_provider(request_).error().message, HasSubstr("it has: cpu"));
}

TEST_F(OrtProviders, OptionsForGpusAreRefusedOnTheCpu) {
  const std::vector<std::pair<std::string, OptionValue>> changes{
      {"cuda-graph", true}, {"nhwc", true}, {"fuse-conv-bias", true}, {"conv-search", std::string("default")}};
  for (const auto& [name, value] : changes) {
    backend::LoadRequest request = request_;
    request.options[name] = value;
    const auto options = session_options(request, nullptr);
    ASSERT_FALSE(options) << name;
    EXPECT_EQ(options.error().code, ErrorCode::unsupported);
    EXPECT_THAT(options.error().message, HasSubstr(name));
  }
  EXPECT_TRUE(session_options(request_, nullptr));
}

TEST_F(OrtProviders, CudasOptionsAreThoseOfTheCell) {
  request_.device = "cuda:2";
  EXPECT_THAT(cuda_options(request_),
              ElementsAre(Pair("cudnn_conv_algo_search", "EXHAUSTIVE"), Pair("device_id", "2"), Pair("enable_cuda_graph", "0"),
                          Pair("fuse_conv_bias", "0"), Pair("prefer_nhwc", "0"), Pair("use_tf32", "0")));
  request_.precision = Precision::tf32;
  request_.options["cuda-graph"] = true;
  request_.options["nhwc"] = true;
  request_.options["fuse-conv-bias"] = true;
  request_.options["conv-search"] = std::string("heuristic");
  EXPECT_THAT(cuda_options(request_),
              ElementsAre(Pair("cudnn_conv_algo_search", "HEURISTIC"), Pair("device_id", "2"), Pair("enable_cuda_graph", "1"),
                          Pair("fuse_conv_bias", "1"), Pair("prefer_nhwc", "1"), Pair("use_tf32", "1")));
}

TEST_F(OrtProviders, HalfPrecisionKeepsTheTensorCoresThatFp32MustNotUse) {
  request_.device = "cuda:0";
  request_.precision = Precision::fp16;
  EXPECT_EQ(cuda_options(request_).at("use_tf32"), "1");
  request_.precision = Precision::bf16;
  EXPECT_EQ(cuda_options(request_).at("use_tf32"), "1");
  request_.precision = Precision::fp32;
  EXPECT_EQ(cuda_options(request_).at("use_tf32"), "0");
}

TEST_F(OrtProviders, DevicesHereBeginWithTheCpu) {
  EXPECT_EQ(devices_here().front(), "cpu");
  EXPECT_EQ(devices_here().size(), 1U + static_cast<std::size_t>(has_cuda_ ? cuda::gpus() : 0));
}

TEST(CudaLibraries, OfPythonPackagesComeBeforeThoseThatNeedThem) {
  const test::TemporaryFolder packages;
  for (const char* file : {"nvidia/cudnn/lib/libcudnn.so.9", "nvidia/cudnn/lib/libcudnn_ops.so.9", "nvidia/cu13/lib/libcublas.so.13",
                           "nvidia/cu13/lib/libcublasLt.so.13", "nvidia/cu13/lib/libcudart.so.13", "nvidia/cu13/lib/libcusparse.so.12"}) {
    std::filesystem::create_directories((packages.path() / file).parent_path());
    std::ofstream(packages.path() / file) << "a library";
  }
  std::vector<std::string> names;
  for (const auto& library : cuda::libraries_below(packages.path())) names.push_back(library.filename().string());
  EXPECT_THAT(names, ElementsAre("libcudart.so.13", "libcublasLt.so.13", "libcublas.so.13", "libcudnn.so.9"));
  EXPECT_THAT(cuda::libraries_below(packages.path() / "nothing"), IsEmpty());
}

}  // namespace
}  // namespace podium::onnxruntime
