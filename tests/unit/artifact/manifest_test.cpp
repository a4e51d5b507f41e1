#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "artifact/manifest_check.h"
#include "artifact/manifest_json.h"
#include "sample_artifact.h"

namespace podium::artifact {
namespace {

using nlohmann::json;
using testing::HasSubstr;

Manifest listed(Manifest manifest = test::sample_manifest({1, 8})) {
  for (const ArtifactVariant& variant : manifest.variants) {
    manifest.files[variant.model] = {std::string(64, 'b'), 17};
    manifest.files[variant.recorded] = {std::string(64, 'c'), variant.inputs[0].dimensions[0].size * 48};
  }
  return manifest;
}

json written() {
  return json::parse(to_json(listed()));
}

std::string parse_error(const json& object) {
  const auto parsed = parse_manifest(object.dump());
  return parsed ? "" : parsed.error().message;
}

std::string check_error(const Manifest& manifest) {
  const auto checked = check_manifest(manifest);
  return checked ? "" : checked.error().message;
}

TEST(Manifest, ReadsBackWhatItWrote) {
  const Manifest manifest = listed();
  const auto read = parse_manifest(to_json(manifest));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), to_json(manifest));
  EXPECT_EQ(read->variants[1].ratio_to_baseline->ci95->low, 0.4);
  EXPECT_EQ(read->inputs[0].dimensions[0].name, "batch");
  EXPECT_TRUE(read->inputs[0].dimensions[0].is_free());
}

TEST(Manifest, KeepsOptionsOfEveryType) {
  Manifest manifest = listed();
  manifest.variants[0].options = {{"flag", true}, {"number", std::int64_t{-3}}, {"text", std::string("a \"quoted\" word")}};
  const auto read = parse_manifest(to_json(manifest));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->variants[0].options, manifest.variants[0].options);
}

TEST(Manifest, KeepsAccuracyAndItsAbsence) {
  Manifest manifest = listed();
  Accuracy& accuracy = manifest.variants[0].accuracy.emplace();
  accuracy.metric = "top-1";
  accuracy.drop = 0.002;
  accuracy.drop_bounds = Interval{-0.001, 0.005};
  accuracy.n = 656;
  accuracy.verdict = DropVerdict::holds;
  const auto read = parse_manifest(to_json(manifest));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->variants[0].accuracy->drop_bounds->high, 0.005);
  EXPECT_EQ(read->variants[0].accuracy->verdict, DropVerdict::holds);
  EXPECT_FALSE(read->variants[1].accuracy);
}

TEST(Manifest, RefusesAnotherSchemaAndSaysWhichItReads) {
  json object = written();
  object["schema"] = "podium.artifact/2";
  EXPECT_THAT(parse_error(object), HasSubstr("of schema 'podium.artifact/2', this Podium reads podium.artifact/1"));
}

TEST(Manifest, RefusesJsonThatNamesNoSchema) {
  EXPECT_THAT(parse_error(json::object()), HasSubstr("names no schema"));
  EXPECT_THAT(parse_error(json::array()), HasSubstr("names no schema"));
  EXPECT_THAT(parse_error({{"schema", 1}}), HasSubstr("names no schema"));
}

TEST(Manifest, RefusesOneThatIsCutOff) {
  const std::string text = to_json(listed());
  for (const std::size_t length : {std::size_t{0}, std::size_t{1}, text.size() / 2, text.size() - 3}) {
    const auto parsed = parse_manifest(text.substr(0, length));
    ASSERT_FALSE(parsed) << length;
    EXPECT_EQ(parsed.error().code, ErrorCode::bad_input);
    EXPECT_FALSE(parsed.error().remedy.empty());
  }
}

TEST(Manifest, NamesThePlaceOfAValueOfTheWrongKind) {
  json object = written();
  object["variants"][1]["precision"] = "fp7";
  EXPECT_THAT(parse_error(object), HasSubstr("variants[1].precision is to be a precision"));
  object = written();
  object["inputs"][0]["shape"][1] = -4;
  EXPECT_THAT(parse_error(object), HasSubstr("inputs[0].shape[1] is to be a size"));
  object = written();
  object["files"]["models/model.onnx"]["bytes"] = "many";
  EXPECT_THAT(parse_error(object), HasSubstr("files['models/model.onnx'].bytes is to be a whole number"));
}

TEST(Manifest, NamesAKeyThatWasTakenOut) {
  json object = written();
  object["variants"][0].erase("model");
  EXPECT_THAT(parse_error(object), HasSubstr("variants[0].model is to be a value; it is missing"));
}

TEST(Manifest, EveryKeyIsNeededAndNoChangeOfAKindIsLetThrough) {
  const json object = written();
  for (const auto& [key, ignored] : object.items()) {
    json without = object;
    without.erase(key);
    EXPECT_NE(parse_error(without), "") << key;
    json changed = object;
    changed[key] = json::array({json::array()});
    EXPECT_NE(parse_error(changed), "") << key;
  }
}

TEST(ManifestCheck, PassesOneThatHoldsTogether) {
  EXPECT_EQ(check_error(listed()), "");
}

TEST(ManifestCheck, RefusesPathsThatLeaveTheFolder) {
  for (const char* path :
       {"../model.onnx", "models/../../x", "/etc/passwd", "models//x", "./x", "a/./b", "", "a\\b", "a\nb", "models/", "artifact.json"})
    EXPECT_NE(path_objection(path), "") << path;
  for (const char* path : {"model.onnx", "models/a b.onnx", "models/deep/er/x..y"}) EXPECT_EQ(path_objection(path), "") << path;
  Manifest manifest = listed();
  manifest.files["../escape"] = {std::string(64, 'd'), 1};
  EXPECT_THAT(check_error(manifest), HasSubstr("the path '../escape' leaves the folder"));
}

TEST(ManifestCheck, RefusesAModelFileThatIsNotListed) {
  Manifest manifest = listed();
  manifest.variants[1].model = "models/other.onnx";
  EXPECT_THAT(check_error(manifest), HasSubstr("variants[1]: the model file 'models/other.onnx' is not among its files"));
  manifest = listed();
  manifest.evidence = "evidence/results.json";
  EXPECT_THAT(check_error(manifest), HasSubstr("the evidence 'evidence/results.json' is not among its files"));
}

TEST(ManifestCheck, RefusesHostileSizes) {
  constexpr std::int64_t huge = std::int64_t{1} << 62;
  Manifest manifest = listed();
  manifest.variants[0].inputs[0].dimensions[0].size = huge;
  EXPECT_THAT(check_error(manifest), HasSubstr("variants[0].inputs[0] has no shape that can be"));
  manifest = listed();
  manifest.files["models/model.onnx"].bytes = -1;
  EXPECT_THAT(check_error(manifest), HasSubstr("is said to have -1 bytes"));
  manifest = listed();
  manifest.variants[0].threads = huge;
  EXPECT_THAT(check_error(manifest), HasSubstr("variants[0].threads"));
  manifest = listed();
  manifest.variants[0].inputs[0].dimensions.assign(100, {1, ""});
  EXPECT_THAT(check_error(manifest), HasSubstr("no shape that can be"));
}

TEST(ManifestCheck, RefusesRecordedTensorsOutsideTheirFile) {
  for (const std::int64_t offset : {std::int64_t{17}, std::int64_t{-1}, std::int64_t{1} << 62}) {
    Manifest manifest = listed();
    manifest.variants[0].calls[0].outputs[0].offset = offset;
    EXPECT_THAT(check_error(manifest), HasSubstr("the recorded tensor 'output' does not lie in its file")) << offset;
  }
  Manifest manifest = listed();
  manifest.variants[0].calls[0].inputs[0].shape = {1 << 30, 1 << 30, 1 << 30};
  EXPECT_THAT(check_error(manifest), HasSubstr("the recorded tensor 'x' does not lie in its file"));
}

TEST(ManifestCheck, TakesSeveralEnginesOfWhichAllButOneRunOutOfProcess) {
  Manifest manifest = listed();
  manifest.variants[1].backend = "other";
  EXPECT_EQ(check_error(manifest), "");
}

TEST(ManifestCheck, RefusesSeveralEnginesOnADeviceWhoseMemoryNoOtherProcessCanRead) {
  Manifest manifest = listed();
  manifest.variants[1].backend = "other";
  for (ArtifactVariant& variant : manifest.variants) variant.device = "cuda:0";
  EXPECT_THAT(check_error(manifest), HasSubstr("variants of two engines, fake and other, on cuda:0"));
  manifest.variants[1].backend = "fake";
  EXPECT_EQ(check_error(manifest), "");
}

TEST(ManifestCheck, RefusesABackendThatIsAPath) {
  Manifest manifest = listed();
  manifest.variants[0].backend = manifest.variants[1].backend = "../../evil";
  EXPECT_THAT(check_error(manifest), HasSubstr("variants[0].backend is no name of a backend"));
}

TEST(ManifestCheck, RefusesVariantsOfAnotherModel) {
  Manifest manifest = listed();
  manifest.variants[0].inputs[0].name = "y";
  EXPECT_THAT(check_error(manifest), HasSubstr("variants[0].inputs[0] is not the model's input"));
  manifest = listed();
  manifest.variants[0].inputs.clear();
  EXPECT_THAT(check_error(manifest), HasSubstr("takes 0 inputs, the model 1"));
  manifest = listed();
  manifest.variants.clear();
  EXPECT_THAT(check_error(manifest), HasSubstr("it holds 0 variants"));
}

TEST(ManifestCheck, RefusesAHashThatIsNone) {
  Manifest manifest = listed();
  manifest.files["models/model.onnx"].sha256 = "abc";
  EXPECT_THAT(check_error(manifest), HasSubstr("the hash of 'models/model.onnx' is no SHA-256"));
}

TEST(ManifestCheck, RefusesTwoInputsOfOneName) {
  Manifest manifest = listed();
  manifest.inputs.push_back(manifest.inputs[0]);
  EXPECT_THAT(check_error(manifest), HasSubstr("two inputs are named 'x'"));
}

}  // namespace
}  // namespace podium::artifact
