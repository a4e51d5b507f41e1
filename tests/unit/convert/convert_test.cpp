#include "convert/convert.h"

#include <gmock/gmock.h>

#include "convert/recovery/output_quality.h"
#include "recovery/model_maker.h"

namespace podium::convert::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Key;
using testing::Pair;

constexpr std::int64_t width = 8;

/// Two layers with a Relu between them.
::onnx::ModelProto two_layers() {
  ModelMaker maker;
  maker.input("x").output("g2");
  maker.weight("w1", {width, width}, noise(width * width, 1)).weight("b1", {width}, noise(width, 2));
  maker.weight("w2", {width, width}, noise(width * width, 3)).weight("b2", {width}, noise(width, 4));
  maker.node("Gemm", {"x", "w1", "b1"}, "g1");
  maker.node("Relu", {"g1"}, "r1");
  maker.node("Gemm", {"r1", "w2", "b2"}, "g2");
  return maker.model();
}

/// `lift` adds 300, and `drop` takes it away again: between them bfloat16 has steps of 2.
::onnx::ModelProto lifted_between_layers() {
  ModelMaker maker;
  maker.input("x").output("last");
  std::vector<float> up = noise(width, 4);
  for (float& value : up) value += 300.0F;
  maker.weight("w1", {width, width}, noise(width * width, 1)).weight("b1", {width}, noise(width, 2));
  maker.weight("w2", {width, width}, noise(width * width, 3)).weight("b2", {width}, up);
  maker.weight("w3", {width, width}, noise(width * width, 5)).weight("b3", {width}, noise(width, 6)).weight("height", {}, {300.0F});
  maker.node("Gemm", {"x", "w1", "b1"}, "first");
  maker.node("Relu", {"first"}, "relu");
  maker.node("Gemm", {"relu", "w2", "b2"}, "lift");
  maker.node("Relu", {"lift"}, "high");
  maker.node("Sub", {"high", "height"}, "drop");
  maker.node("Gemm", {"drop", "w3", "b3"}, "last");
  return maker.model();
}

::onnx::ModelProto only_relu() {
  ModelMaker maker;
  maker.input("x").output("r");
  maker.node("Relu", {"x"}, "r");
  return maker.model();
}

std::int64_t count_of(const ::onnx::ModelProto& model, const std::string& type) {
  const auto& nodes = model.graph().node();
  return std::count_if(nodes.begin(), nodes.end(), [&](const auto& node) { return node.op_type() == type; });
}

ConvertSettings to(Precision precision) {
  ConvertSettings settings;
  settings.to = precision;
  return settings;
}

class Convert : public testing::Test {
 protected:
  Evaluator engine_{noise_batches(4, {4, width})};
  ::onnx::ModelProto model_ = two_layers();
};

TEST_F(Convert, QuantizesWithRangesFromTheEngine) {
  const auto report = convert(model_, to(Precision::int8_static), &engine_, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->to, Precision::int8_static);
  EXPECT_EQ(report->nodes, model_.graph().node_size());
  EXPECT_GE(report->converted, 2);
  EXPECT_GT(count_of(model_, "QuantizeLinear"), 0);
}

TEST_F(Convert, RunsTheEngineOnceForRangesFromHistograms) {
  ConvertSettings settings = to(Precision::int8_static);
  settings.calibration.method = CalibrationMethod::percentile;
  const auto report = convert(model_, settings, &engine_, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(engine_.runs, 1);
}

TEST_F(Convert, AsksForWholeValuesWhereTheEngineReducesNone) {
  const auto report = convert(model_, to(Precision::int8_static), &engine_, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(engine_.runs, 2) << "once for the ends, which it refuses, once for the numbers";
}

TEST_F(Convert, StartsNoEngineForDynamicRanges) {
  const auto report = convert(model_, to(Precision::int8_dynamic), nullptr, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->converted, 2);
  EXPECT_EQ(count_of(model_, "Gemm"), 0);
}

TEST_F(Convert, LeavesExcludedNodesWideAndSaysSo) {
  ConvertSettings settings = to(Precision::int8_static);
  settings.exclude = {"g2"};
  const auto report = convert(model_, settings, &engine_, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->left_wide, Contains(Key("g2")));
}

TEST_F(Convert, GivesLayersBackUntilTheBoundHolds) {
  ConvertSettings settings = to(Precision::int8_static);
  const auto quantized = convert(model_, settings, &engine_, {});
  ASSERT_TRUE(quantized) << quantized.error().message;
  const std::int64_t most = count_of(model_, "DequantizeLinear");
  model_ = two_layers();
  settings.holds = [&](const ::onnx::ModelProto& candidate) -> Result<bool> { return count_of(candidate, "DequantizeLinear") < most; };
  const auto report = convert(model_, settings, &engine_, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_LT(report->converted, quantized->converted);
  EXPECT_THAT(report->notes, Contains(HasSubstr("given back")));
}

TEST_F(Convert, AsksTheBoundOfTheVeryModelThatItWritesBiasesCorrected) {
  ConvertSettings settings = to(Precision::int8_static);
  settings.correct_biases = true;
  std::string asked;
  settings.holds = [&](const ::onnx::ModelProto& candidate) -> Result<bool> {
    asked = candidate.SerializeAsString();
    return true;
  };
  const auto report = convert(model_, settings, &engine_, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->notes, Contains(HasSubstr("2 biases corrected")));
  EXPECT_TRUE(asked == model_.SerializeAsString()) << "another model was judged than is written";
}

TEST_F(Convert, FailsWhereTheBoundHoldsForNoChoice) {
  ConvertSettings settings = to(Precision::int8_static);
  settings.holds = [](const ::onnx::ModelProto&) -> Result<bool> { return false; };
  const auto report = convert(model_, settings, &engine_, {});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::check_failed);
}

TEST_F(Convert, NamesTheWorstLayersWhereOnlyTheFloatModelReachesTheBound) {
  ConvertSettings settings = to(Precision::int8_static);
  settings.holds = [](const ::onnx::ModelProto& candidate) -> Result<bool> { return count_of(candidate, "DequantizeLinear") == 0; };
  const auto report = convert(model_, settings, &engine_, {});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::check_failed);
  EXPECT_THAT(report.error().message, testing::ContainsRegex("every layer stays in float; converted alone, 'g[12]' leaves [0-9.]+ dB"));
}

TEST_F(Convert, GivesNodesBackInHalfPrecisionToo) {
  model_ = lifted_between_layers();
  const Outputs baseline = run_outputs(model_, engine_, engine_.batches(), {}).value();
  ConvertSettings settings = to(Precision::bf16);
  settings.holds = [&](const ::onnx::ModelProto& candidate) -> Result<bool> {
    const Result<Outputs> outputs = run_outputs(candidate, engine_, engine_.batches(), {});
    if (!outputs) return tl::unexpected(outputs.error());
    return sqnr_db(baseline, *outputs) >= 30.0;
  };
  const auto report = convert(model_, settings, &engine_, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->converted, 3);
  const auto given_back = HasSubstr("given back");
  EXPECT_THAT(report->left_wide,
              testing::UnorderedElementsAre(Pair("lift", given_back), Pair("high", given_back), Pair("drop", given_back)));
  EXPECT_THAT(report->notes, Contains(HasSubstr("3 layers of 6 given back to float")));
}

TEST_F(Convert, NamesTheNodesThatHalfPrecisionLosesMostAt) {
  const auto told = find_losses(lifted_between_layers(), to(Precision::bf16), engine_, {});
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_THAT(*told, testing::UnorderedElementsAre(HasSubstr("'lift' (Gemm)"), HasSubstr("'high' (Relu)"), HasSubstr("'drop' (Sub)")));
  EXPECT_THAT(*told, testing::Each(HasSubstr("rounding alone does it")));
}

TEST_F(Convert, NamesTheNodesThatInt8LosesMostAt) {
  const auto told = find_losses(two_layers(), to(Precision::int8_static), engine_, {});
  ASSERT_TRUE(told) << told.error().message;
  ASSERT_EQ(told->size(), 2U);
  EXPECT_THAT(*told, testing::Each(HasSubstr("(Gemm): converted alone, it leaves")));
}

/// Of a layer whose inputs hardly differ from 10: what rounded weights do to it is nearly all mean error.
double least_left_db(bool correct_biases) {
  auto batches = noise_batches(4, {4, width});
  for (auto& batch : batches) {
    for (float& value : batch["x"].values) value = 10.0F + 0.1F * value;
  }
  Evaluator engine(std::move(batches));
  ConvertSettings settings = to(Precision::int8_static);
  settings.correct_biases = correct_biases;
  const auto told = find_losses(two_layers(), settings, engine, {});
  const std::string words = told && !told->empty() ? told->front() : std::string();
  const std::string before = "it leaves ";
  const std::size_t at = words.find(before);
  EXPECT_NE(at, std::string::npos) << words;
  return at == std::string::npos ? 0.0 : std::stod(words.substr(at + before.size()));
}

TEST(FindLosses, TellsWhatIsLostOnceBiasesAreCorrected) {
  EXPECT_GT(least_left_db(true), least_left_db(false) + 3.0);
}

TEST_F(Convert, AsksForDataToReachABoundWith) {
  ConvertSettings settings = to(Precision::fp16);
  settings.holds = [](const ::onnx::ModelProto&) -> Result<bool> { return true; };
  const auto report = convert(model_, settings, nullptr, {});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::wrong_use);
  EXPECT_THAT(report.error().remedy, HasSubstr("--calibrate"));
}

TEST_F(Convert, AsksForCalibrationData) {
  const auto report = convert(model_, to(Precision::int8_static), nullptr, {});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::wrong_use);
  EXPECT_THAT(report.error().remedy, HasSubstr("--calibrate"));
}

TEST_F(Convert, RefusesThePrecisionThatModelsComeIn) {
  const auto report = convert(model_, to(Precision::fp32), nullptr, {});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::wrong_use);
}

TEST_F(Convert, SaysThatNothingCanBeConverted) {
  model_ = only_relu();
  const auto report = convert(model_, to(Precision::int8_dynamic), nullptr, {});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::unsupported);
  EXPECT_THAT(report.error().message, HasSubstr("no node of the model"));
}

TEST_F(Convert, StopsWhereItIsCancelled) {
  const CancelToken cancel;
  cancel.request();
  Progress progress;
  progress.cancel = &cancel;
  const auto report = convert(model_, to(Precision::int8_static), &engine_, progress);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::cancelled);
}

TEST_F(Convert, LowersTheOperatorSetForAnEngineThatReadsNoNewer) {
  ConvertSettings settings = to(Precision::int8_static);
  settings.profile.newest_opset = 15;
  const auto report = convert(model_, settings, &engine_, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(model_.opset_import(0).version(), 15);
  EXPECT_THAT(report->notes, Contains(HasSubstr("operator set")));
}

}  // namespace
}  // namespace podium::convert::test
