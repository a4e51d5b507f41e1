#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "podium/convert.h"

namespace podium {
namespace {

using testing::HasSubstr;
using testing::Not;

Conversion made() {
  Conversion conversion;
  conversion.report.to = Precision::int8_static;
  conversion.report.nodes = 12;
  conversion.report.converted = 3;
  conversion.report.left_wide = {
      {"softmax", "no engine runs Softmax in int8"}, {"softmax2", "no engine runs Softmax in int8"}, {"head", "excluded"}};
  conversion.report.notes = {"2 batch norms folded into the layers before them"};
  conversion.model = "model.onnx";
  conversion.target = "any";
  conversion.files = {"int8.onnx"};
  conversion.bytes_before = 4'000'000;
  conversion.bytes_after = 1'000'000;
  conversion.method = CalibrationMethod::entropy;
  conversion.calibration = "48 of 64 pictures";
  conversion.judged_on = "16 of 64 pictures";
  conversion.error.verdict = Verdict::agrees;
  conversion.error.sqnr_db = 21.34;
  conversion.error.cosine = 0.99512;
  conversion.error.samples = 16;
  conversion.top1_agreement = 0.9375;
  return conversion;
}

std::string table_of(const Conversion& conversion) {
  return to_table(conversion, {false, true, 120});
}

TEST(ConversionTable, SaysWhatWasMadeAndHowFarItIsFromTheFloatModel) {
  const std::string table = table_of(made());
  EXPECT_THAT(table, HasSubstr("model.onnx to int8-static, for any engine"));
  EXPECT_THAT(table, HasSubstr("4.0 MB before, 1.0 MB now, 25 % of it"));
  EXPECT_THAT(table, HasSubstr("3 nodes, 3 stay wide"));
  EXPECT_THAT(table, HasSubstr("SQNR 21.3 dB, cosine 0.9951 against fp32, the same top-1 for 93.8 %"));
  EXPECT_THAT(table, HasSubstr("entropy over 48 of 64 pictures"));
}

TEST(ConversionTable, GroupsWhatStaysWideByReasonTheMostFirst) {
  const std::string table = table_of(made());
  EXPECT_THAT(table, HasSubstr("no engine runs Softmax in int8: softmax, softmax2"));
  EXPECT_LT(table.find("Softmax"), table.find("excluded: head"));
}

TEST(ConversionTable, SaysWhyAnswersWereNotChecked) {
  Conversion conversion = made();
  conversion.error = {};
  conversion.error.reason = "no inputs were kept apart";
  EXPECT_THAT(table_of(conversion), HasSubstr("not checked: no inputs were kept apart"));
  EXPECT_THAT(table_of(conversion), Not(HasSubstr("SQNR")));
}

TEST(ConversionTable, CallsAnswersIdenticalOnlyWhereTheyAgree) {
  Conversion conversion = made();
  conversion.error.sqnr_db.reset();
  EXPECT_THAT(table_of(conversion), HasSubstr("identical to fp32's, the same top-1"));
  conversion.error.verdict = Verdict::disagrees;
  conversion.error.reason = "its outputs hold infinities";
  EXPECT_THAT(table_of(conversion), Not(HasSubstr("identical")));
  EXPECT_THAT(table_of(conversion), HasSubstr("no figure against fp32, the same top-1"));
  EXPECT_THAT(table_of(conversion), HasSubstr("disagrees: its outputs hold"));
}

TEST(ConversionTable, SaysInWordsThatNobodyCanJudge) {
  Conversion conversion = made();
  conversion.error.verdict = Verdict::cannot_judge;
  conversion.error.reason = "the model's outputs hardly differ";
  EXPECT_THAT(table_of(conversion), HasSubstr("; cannot judge:"));
  EXPECT_THAT(table_of(conversion), Not(HasSubstr("cannot_judge")));
  EXPECT_EQ(nlohmann::json::parse(to_json(conversion))["output_error"]["verdict"], "cannot_judge");
}

TEST(ConversionTable, CountsASingleNode) {
  Conversion conversion = made();
  conversion.report.converted = 1;
  EXPECT_THAT(table_of(conversion), HasSubstr("1 node, 3 stay wide"));
}

TEST(ConversionTable, SaysThatABoundWasNotCheckedOnOtherInputs) {
  Conversion conversion = made();
  conversion.bound = "SQNR of at least 22 dB";
  conversion.bound_holds = false;
  conversion.error = {};
  EXPECT_THAT(table_of(conversion), HasSubstr("22 dB: reached on the calibration data, and not checked on others"));
}

TEST(ConversionTable, SaysThatABoundDoesNotHold) {
  Conversion conversion = made();
  conversion.bound = "SQNR of at least 22 dB";
  conversion.bound_holds = false;
  EXPECT_THAT(table_of(conversion), HasSubstr("SQNR of at least 22 dB: does not hold on these inputs"));
}

TEST(ConversionTable, PrintsNoControlCharacterOfANode) {
  Conversion conversion = made();
  conversion.report.left_wide = {{"evil\x1b[2J", "because"}};
  EXPECT_THAT(table_of(conversion), Not(HasSubstr("\x1b")));
}

TEST(ConversionJson, HoldsEveryNodeAndFigure) {
  const auto document = nlohmann::json::parse(to_json(made()));
  EXPECT_EQ(document["schema"], "podium.conversion/1");
  EXPECT_EQ(document["to"], "int8-static");
  EXPECT_EQ(document["left_wide"]["head"], "excluded");
  EXPECT_EQ(document["output_error"]["sqnr_db"], 21.34);
  EXPECT_EQ(document["method"], "entropy");
  EXPECT_TRUE(document["bound_holds"].is_null());
}

}  // namespace
}  // namespace podium
