#include "backends/api/module.h"

#include <gmock/gmock.h>

#include "backends/api/registry.h"
#include "core/install_paths.h"

namespace podium::backend {
namespace {

using ::testing::HasSubstr;

std::filesystem::path test_module(const char* name) {
  return std::filesystem::path(PODIUM_TEST_MODULES) / (std::string("test_module_") + name + ".so");
}

std::string refusal(const std::filesystem::path& file) {
  const Result<Module> module = Module::open(file);
  EXPECT_FALSE(module);
  if (module) return {};
  EXPECT_EQ(module.error().code, ErrorCode::unavailable);
  return module.error().message;
}

TEST(Module, OfThisBuildOpensAndDescribesItself) {
  const Result<Module> module = Module::open(find_install_paths().backends / "podium-backend-fake.so");
  ASSERT_TRUE(module) << module.error().message;
  EXPECT_EQ(module->backend().descriptor().name, "fake");
  EXPECT_TRUE(module->backend().probe().available);
}

TEST(Module, OfAnotherContractIsRefusedWithBothVersions) {
  const std::string message = refusal(test_module("newer_contract"));
  EXPECT_THAT(message, HasSubstr("speaks version " + std::to_string(contract_version + 1)));
  EXPECT_THAT(message, HasSubstr("this Podium speaks version " + std::to_string(contract_version)));
}

TEST(Module, WithAnEntryOfAnotherSizeIsRefused) {
  EXPECT_THAT(refusal(test_module("other_size")), HasSubstr("bytes, this Podium expects"));
}

TEST(Module, WithoutTheEntryIsNoBackend) {
  EXPECT_THAT(refusal(test_module("no_entry")), HasSubstr("is no backend of Podium"));
}

TEST(Module, WhoseBackendCannotBeMadeTellsWhy) {
  EXPECT_THAT(refusal(test_module("throwing_create")), HasSubstr("no licence was found"));
}

TEST(Module, ThatIsMissingOrNoLibraryIsNamed) {
  EXPECT_THAT(refusal("/nowhere/podium-backend-x.so"), HasSubstr("/nowhere/podium-backend-x.so"));
  EXPECT_THAT(refusal("/proc/self/cmdline"), HasSubstr("cannot open the module"));
}

}  // namespace
}  // namespace podium::backend
