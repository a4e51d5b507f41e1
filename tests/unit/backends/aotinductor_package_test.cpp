#include "backends/aotinductor/package.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zip.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "backends/aotinductor/audit.h"
#include "backends/aotinductor/machine.h"
#include "backends/aotinductor/metadata.h"
#include "core/files.h"
#include "core/temporary_folder.h"

namespace podium::aotinductor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
namespace fs = std::filesystem;

class Package : public ::testing::Test {
 protected:
  fs::path write(const std::map<std::string, std::string>& entries) const {
    const fs::path file = folder_.path() / "model.pt2";
    zip_t* archive = zip_open(file.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
    for (const auto& [name, content] : entries) {
      zip_file_add(archive, name.c_str(), zip_source_buffer(archive, content.data(), content.size(), 0), ZIP_FL_ENC_UTF_8);
    }
    zip_close(archive);
    return file;
  }
  [[nodiscard]] fs::path target() const { return folder_.path() / "unpacked"; }

  TemporaryFolder folder_ = value_or_throw(TemporaryFolder::create(::testing::TempDir(), "podium-package-test"));
};

TEST_F(Package, IsUnpackedWhole) {
  const fs::path file = write({{"m/data/aotinductor/model/a.wrapper.so", std::string(200'000, 'x')}, {"m/archive_format", "pt2"}});
  ASSERT_TRUE(unpack(file, target()));
  EXPECT_EQ(fs::file_size(target() / "m/data/aotinductor/model/a.wrapper.so"), 200'000U);
  EXPECT_EQ(value_or_throw(read_text_file(target() / "m/archive_format")), "pt2");
}

TEST_F(Package, WithoutACompiledModelIsRefused) {
  const auto unpacked = unpack(write({{"m/archive_format", "pt2"}}), target());
  ASSERT_FALSE(unpacked);
  EXPECT_EQ(unpacked.error().code, ErrorCode::bad_input);
  EXPECT_THAT(unpacked.error().message, HasSubstr("no compiled model"));
}

TEST_F(Package, ThatWouldWriteOutsideItsFolderIsRefused) {
  const auto unpacked = unpack(write({{"m/../../outside/data/aotinductor/a.so", "x"}}), target());
  ASSERT_FALSE(unpacked);
  EXPECT_EQ(unpacked.error().code, ErrorCode::bad_input);
  EXPECT_FALSE(fs::exists(folder_.path() / "outside"));
}

TEST_F(Package, ThatWasTruncatedIsRefused) {
  const fs::path file = write({{"m/data/aotinductor/model/a.wrapper.so", std::string(1000, 'x')}});
  fs::resize_file(file, fs::file_size(file) - 10);
  const auto unpacked = unpack(file, target());
  ASSERT_FALSE(unpacked);
  EXPECT_EQ(unpacked.error().code, ErrorCode::bad_input);
  EXPECT_THAT(unpacked.error().message, HasSubstr("model.pt2"));
}

TEST_F(Package, CarriesTheSourceOfItsModel) {
  EXPECT_EQ(
      wrapper_source(write({{"m/data/aotinductor/model/a.wrapper.cpp", "int x;"}, {"m/data/aotinductor/model/a.kernel.cpp", "int y;"}})),
      "int x;");
  EXPECT_EQ(wrapper_source(folder_.path() / "missing.pt2"), "");
}

TEST(WrapperSource, IsCountedByWhoComputesAndInWhichType) {
  const Audit audit = audit_source(R"(
    aoti_torch_cpu_convolution(before_the_body);
void AOTInductorModel::run_impl(
    AOTI_TORCH_ERROR_CODE_CHECK(aoti_torch_empty_strided(4, a, b, cached_torch_dtype_bfloat16, c, &buf0_handle));
    cpp_fused_relu_0((const float*)(arg0.data_ptr()), (bfloat16*)(buf0.data_ptr()));
    AOTI_TORCH_ERROR_CODE_CHECK(aoti_torch_cpu_mkldnn__convolution_pointwise(buf0, w, &buf1_handle));
    AOTI_TORCH_ERROR_CODE_CHECK(aoti_torch_empty_strided(2, a, b, cached_torch_dtype_float32, c, &buf2_handle));
    AOTI_TORCH_ERROR_CODE_CHECK(aoti_torch_cpu_addmm_out(buf2, w, buf1));
    kernels.cpp_fused_mean_1((const bfloat16*)(buf2.data_ptr()));
  )",
                                   Precision::fp32);
  EXPECT_THAT(audit.providers, ElementsAre(Pair("ATen", 1), Pair("Inductor", 2), Pair("oneDNN", 1)));
  EXPECT_THAT(audit.compute_types, ElementsAre(Pair("bfloat16", 2), Pair("float32", 2)));
  EXPECT_EQ(audit.fallback_share, 0.25);
  EXPECT_EQ(audit.fallback_reason, "") << "calling PyTorch's own operators is how Inductor works";
  EXPECT_EQ(audit.graph_breaks, 0);
  EXPECT_EQ(audit.int8_share, 0.0);
  EXPECT_EQ(audit.other_precision,
            "it computes in another precision than fp32: of 2 convolutions, matrix products and the like, 1 in bfloat16");
}

TEST(WrapperSource, CallsOfInt8KernelsAreInt8WhateverTheyGive) {
  const Audit audit = audit_source(R"(
void AOTInductorModel::run_impl(
    AOTI_TORCH_ERROR_CODE_CHECK(aoti_torch_empty_strided(4, a, b, cached_torch_dtype_float32, c, &buf0_handle));
    AOTI_TORCH_ERROR_CODE_CHECK(aoti_torch_cpu__qconv_pointwise_tensor(buf0, scale, zero, w, &buf1_handle));
    AOTI_TORCH_ERROR_CODE_CHECK(aoti_torch_cpu__qconv2d_pointwise_binary_tensor(buf1, scale, zero, w, &buf2_handle));
    AOTI_TORCH_ERROR_CODE_CHECK(aoti_torch_cpu__int_mm_out(buf3, buf2, w));
    AOTI_TORCH_ERROR_CODE_CHECK(aoti_torch_cpu_addmm_out(buf4, w, buf3));
  )",
                                   Precision::int8_static);
  EXPECT_EQ(audit.int8_share, 0.75);
  EXPECT_THAT(audit.providers, ElementsAre(Pair("ATen", 2), Pair("oneDNN", 2)));
  EXPECT_THAT(audit.compute_types, ElementsAre(Pair("float32", 1), Pair("int8", 3)));
  EXPECT_EQ(audit.other_precision, "");
}

TEST(WrapperSource, ThatIsMissingCountsAsOneNode) {
  const Audit audit = audit_source("", Precision::fp32);
  EXPECT_THAT(audit.providers, ElementsAre(Pair("AOTInductor", 1)));
  EXPECT_THAT(audit.compute_types, IsEmpty());
  EXPECT_FALSE(audit.fallback_share.has_value());
}

TEST(PackageMetadata, TellsInputsOutputsAndPrecision) {
  const auto metadata =
      parse_metadata({{"AOTI_DEVICE_KEY", "cpu"}, {"podium.signature", R"({"inputs": [{"name": "x", "type": "float32", "shape": [2, 3]}],
                                          "outputs": [{"name": "y", "type": "int64", "shape": []}], "precision": "bf16", "torch": "2.15.0+cpu"})"}});
  ASSERT_TRUE(metadata);
  ASSERT_TRUE(metadata->signature);
  EXPECT_EQ(metadata->device, "cpu");
  ASSERT_EQ(metadata->signature->inputs.size(), 1U);
  EXPECT_EQ(metadata->signature->inputs[0].name, "x");
  EXPECT_EQ(metadata->signature->inputs[0].dimensions[1].size, 3);
  EXPECT_THAT(metadata->signature->outputs, ElementsAre("y"));
  EXPECT_EQ(metadata->signature->precision, Precision::bf16);
}

TEST(PackageMetadata, OfAnotherMakerHasNoSignature) {
  const auto metadata = parse_metadata({{"AOTI_DEVICE_KEY", "cpu"}});
  ASSERT_TRUE(metadata);
  EXPECT_FALSE(metadata->signature);
}

class DamagedSignature : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(PackageMetadata, DamagedSignature,
                         ::testing::Values("not json", "[]", R"({"inputs": [{"name": "x"}], "precision": "fp32"})",
                                           R"({"inputs": [], "precision": "fp3"})",
                                           R"({"inputs": [{"name": "x", "type": "float32", "shape": ["two"]}], "precision": "fp32"})",
                                           R"({"inputs": [1], "precision": "fp32"})"));
TEST_P(DamagedSignature, IsRefusedByName) {
  const auto metadata = parse_metadata({{"podium.signature", GetParam()}});
  ASSERT_FALSE(metadata);
  EXPECT_EQ(metadata.error().code, ErrorCode::bad_input);
  EXPECT_THAT(metadata.error().message, HasSubstr("podium.signature"));
}

TEST(CallSpec, CountsTheTensorsOfACall) {
  EXPECT_EQ(count_leaves(R"([1, {"type": "builtins.tuple", "context": "null", "children_spec": [
    {"type": "builtins.tuple", "context": "null", "children_spec": [{"type": null, "context": null, "children_spec": []},
                                                                    {"type": null, "context": null, "children_spec": []}]},
    {"type": "builtins.dict", "context": "[]", "children_spec": []}]}])"),
            2U);
  EXPECT_FALSE(count_leaves("nonsense").has_value());
}

TEST(Machine, OfAnotherKindIsRefusedBeforeItsCodeIsRun) {
  Metadata metadata;
  EXPECT_TRUE(check_machine(metadata));
  metadata.machine = "pdp11";
  const auto checked = check_machine(metadata);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::unsupported);
  EXPECT_THAT(checked.error().message, HasSubstr("pdp11"));
}

}  // namespace
}  // namespace podium::aotinductor
