#include "backends/api/registry.h"

#include <gmock/gmock.h>

#include "../temporary_folder.h"
#include "core/install_paths.h"

namespace podium::backend {
namespace {

using ::testing::HasSubstr;

Descriptor sample() {
  Descriptor descriptor;
  descriptor.name = "engine";
  descriptor.engine = "An Engine";
  descriptor.summary = "a summary with \"quotes\"";
  descriptor.model_format = "onnx";
  descriptor.precisions = {Precision::fp32, Precision::int8_static};
  descriptor.narrows_by_itself = {Precision::fp32};
  descriptor.only_on = {{Precision::int8_static, {"cuda"}}};
  descriptor.refusals = {{Precision::fp16, "it has no kernels"}};
  descriptor.baseline_for = {"onnx"};
  descriptor.remedy = "pip install engine";
  descriptor.bundled_in_default_runs = false;
  descriptor.device_kinds = {"cuda"};
  descriptor.newest_opset = 17;
  descriptor.options = {{"spinning", OptionType::flag, true, {}, 0, 0, "keep threads awake"},
                        {"threads", OptionType::integer, std::int64_t{0}, {}, 0, 64, "how many"},
                        {"level", OptionType::choice, std::string("all"), {"none", "all"}, 0, 0, "of optimization"},
                        {"extra", OptionType::text, std::string(), {}, 0, 0, "passed on"}};
  descriptor.worth_trying = {{"spinning", {"off"}, false, {"cpu"}}, {"level", {"none"}, true, {}}};
  return descriptor;
}

TEST(Registry, DescriptorSurvivesItsJson) {
  const Result<Registered> entry = parse_descriptor(to_json(sample(), Launch::python));
  ASSERT_TRUE(entry) << entry.error().message;
  EXPECT_EQ(entry->launch, Launch::python);
  const Descriptor& descriptor = entry->descriptor;
  EXPECT_EQ(descriptor.name, "engine");
  EXPECT_EQ(descriptor.summary, "a summary with \"quotes\"");
  EXPECT_EQ(descriptor.precisions, (std::vector<Precision>{Precision::fp32, Precision::int8_static}));
  EXPECT_EQ(descriptor.narrows_by_itself, std::vector<Precision>{Precision::fp32});
  EXPECT_EQ(descriptor.only_on.at(Precision::int8_static), std::vector<std::string>{"cuda"});
  EXPECT_EQ(descriptor.refusals.at(Precision::fp16), "it has no kernels");
  EXPECT_EQ(descriptor.baseline_for, std::vector<std::string>{"onnx"});
  EXPECT_FALSE(descriptor.bundled_in_default_runs);
  EXPECT_EQ(descriptor.device_kinds, std::vector<std::string>{"cuda"});
  EXPECT_EQ(descriptor.newest_opset, 17);
  ASSERT_EQ(descriptor.options.size(), 4U);
  EXPECT_EQ(descriptor.options[0].default_value, OptionValue(true));
  EXPECT_EQ(descriptor.options[1].maximum, 64);
  EXPECT_EQ(descriptor.options[2].choices, (std::vector<std::string>{"none", "all"}));
  EXPECT_EQ(to_json(descriptor, Launch::python), to_json(sample(), Launch::python));
}

TEST(Registry, DescriptorOnADeviceLacksWhatIsForOthers) {
  const Descriptor on_cpu = on_device_kind(sample(), "cpu");
  EXPECT_EQ(on_cpu.precisions, std::vector<Precision>{Precision::fp32});
  EXPECT_EQ(on_cpu.worth_trying.size(), 2U);
  const Descriptor on_gpu = on_device_kind(sample(), "cuda");
  EXPECT_EQ(on_gpu.precisions, sample().precisions);
  ASSERT_EQ(on_gpu.worth_trying.size(), 1U);
  EXPECT_EQ(on_gpu.worth_trying.front().option, "level");
}

TEST(Registry, BackendThatWasNotBuiltKeepsItsReason) {
  const auto entry = parse_descriptor(R"({"name": "x", "engine": "X", "launch": "none", "reason": "no headers", "remedy": "get them"})");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->launch, Launch::none);
  EXPECT_EQ(entry->reason, "no headers");
  EXPECT_EQ(entry->descriptor.device_kinds, std::vector<std::string>{"cpu"}) << "where nothing is said";
  EXPECT_EQ(entry->descriptor.remedy, "get them");
}

TEST(Registry, FolderIsReadInOrderOfNameAndModulesAreFoundBesideTheirDescription) {
  const test::TemporaryFolder folder;
  folder.write("b.json", R"({"name": "b", "engine": "B", "launch": "module"})");
  folder.write("a.json", R"({"name": "a", "engine": "A", "launch": "python"})");
  folder.write("notes.txt", "not a description");
  const auto entries = read_registry(folder.path());
  ASSERT_TRUE(entries) << entries.error().message;
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ((*entries)[0].descriptor.name, "a");
  EXPECT_TRUE((*entries)[0].module.empty());
  EXPECT_EQ((*entries)[1].module, folder.path() / "podium-backend-b.so");
}

TEST(Registry, FakeIsDescribedWhenItIsBuilt) {
  const auto entries = read_registry(find_install_paths().backends);
  ASSERT_TRUE(entries) << entries.error().message;
  const auto fake = std::find_if(entries->begin(), entries->end(), [](const auto& entry) { return entry.descriptor.name == "fake"; });
  ASSERT_NE(fake, entries->end());
  EXPECT_EQ(fake->launch, Launch::module);
  EXPECT_FALSE(fake->descriptor.bundled_in_default_runs);
  EXPECT_TRUE(fake->descriptor.baseline_for.empty());
}

class DamagedDescription : public ::testing::TestWithParam<const char*> {};

TEST_P(DamagedDescription, IsAnErrorThatNamesTheFile) {
  const test::TemporaryFolder folder;
  folder.write("broken.json", GetParam());
  const auto entries = read_registry(folder.path());
  ASSERT_FALSE(entries);
  EXPECT_EQ(entries.error().code, ErrorCode::bad_input);
  EXPECT_THAT(entries.error().message, HasSubstr("broken.json"));
}

INSTANTIATE_TEST_SUITE_P(Registry, DamagedDescription,
                         ::testing::Values("", "{", "[]", "{}", R"({"name": 3, "engine": "X", "launch": "module"})",
                                           R"({"name": "x", "engine": "X", "launch": "rocket"})",
                                           R"({"name": "x", "engine": "X", "launch": "module", "precisions": ["fp31"]})",
                                           R"({"name": "x", "engine": "X", "launch": "module", "options": 7})",
                                           R"({"name": "x", "engine": "X", "launch": "module", "options": [{"name": "o"}]})",
                                           R"({"name": "x", "engine": "X", "launch": "module",
                                               "options": [{"name": "o", "type": "integer", "default": "text"}]})"));

TEST(Registry, MissingFolderIsAnErrorWithARemedy) {
  const auto entries = read_registry("/nowhere/backends");
  ASSERT_FALSE(entries);
  EXPECT_EQ(entries.error().code, ErrorCode::unavailable);
  EXPECT_THAT(entries.error().remedy, HasSubstr("PODIUM_HOME"));
}

}  // namespace
}  // namespace podium::backend
