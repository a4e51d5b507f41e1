#include <gtest/gtest.h>

#include "core/error_code.h"
#include "core/tensor_view.h"
#include "podium/convert.h"
#include "podium/results.h"
#include "podium/version.h"

namespace {

using namespace podium;

TEST(Names, OfDataTypesAreNumPys) {
  EXPECT_EQ(to_string(DataType::float32), "float32");
  EXPECT_EQ(to_string(DataType::boolean), "bool");
  EXPECT_EQ(parse_data_type("bfloat16"), DataType::bfloat16);
  EXPECT_EQ(parse_data_type("float"), std::nullopt);
}

TEST(Names, OfEveryDataTypeLeadBackToIt) {
  for (int i = 0; i <= static_cast<int>(DataType::boolean); ++i) {
    const auto type = static_cast<DataType>(i);
    EXPECT_EQ(parse_data_type(to_string(type)), type);
    EXPECT_GE(size_of(type), 1U);
  }
}

TEST(Names, OfCalibrationMethodsLeadBackToThem) {
  ASSERT_EQ(all_calibration_methods().size(), 5U);
  for (const CalibrationMethod method : all_calibration_methods()) EXPECT_EQ(parse_calibration_method(to_string(method)), method);
  EXPECT_EQ(to_string(CalibrationMethod::moving_average), "moving-average");
  EXPECT_EQ(parse_calibration_method("kl"), std::nullopt);
}

TEST(Names, OfPrecisionsLeadBackToThem) {
  ASSERT_EQ(all_precisions().size(), 6U);
  for (const Precision precision : all_precisions()) EXPECT_EQ(parse_precision(to_string(precision)), precision);
  EXPECT_EQ(to_string(Precision::int8_dynamic), "int8-dynamic");
  EXPECT_EQ(parse_precision("int8"), std::nullopt);
}

TEST(Names, OfStatusesVerdictsAndErrorsLeadBackToThem) {
  for (int i = 0; i <= static_cast<int>(CellStatus::rejected); ++i) {
    EXPECT_EQ(parse_cell_status(to_string(static_cast<CellStatus>(i))), static_cast<CellStatus>(i));
  }
  for (int i = 0; i <= static_cast<int>(Verdict::not_checked); ++i) {
    EXPECT_EQ(parse_verdict(to_string(static_cast<Verdict>(i))), static_cast<Verdict>(i));
  }
  for (int i = 0; i <= static_cast<int>(ErrorCode::check_failed); ++i) {
    EXPECT_EQ(parse_error_code(to_string(static_cast<ErrorCode>(i))), static_cast<ErrorCode>(i));
  }
  EXPECT_EQ(parse_error_code("boredom"), std::nullopt);
}

TEST(Names, OfOptionValuesAreWhatIsTyped) {
  EXPECT_EQ(to_string(OptionValue(true)), "on");
  EXPECT_EQ(to_string(OptionValue(false)), "off");
  EXPECT_EQ(to_string(OptionValue(std::int64_t{-3})), "-3");
  EXPECT_EQ(to_string(OptionValue(std::string("latency"))), "latency");
}

TEST(Shapes, AreCountedAndWritten) {
  EXPECT_EQ(element_count({}), 1U);
  EXPECT_EQ(element_count({2, 3, 4}), 24U);
  EXPECT_EQ(element_count({2, 0}), 0U);
  EXPECT_EQ(to_string(Shape{1, 3, 224, 224}), "1x3x224x224");
  EXPECT_EQ((TensorView{"x", DataType::int64, {2, 3}, nullptr}.bytes()), 48U);
}

TEST(Version, IsThatOfTheProject) {
  EXPECT_FALSE(version().empty());
  EXPECT_FALSE(build_type().empty());
}

}  // namespace
