#include "core/json.h"

#include <gmock/gmock.h>

namespace {

using podium::OptionValue;
using podium::OptionValues;

TEST(OptionsAsJson, ComeBackWithTheirTypes) {
  const OptionValues values{{"flag", true}, {"threads", std::int64_t{4}}, {"mode", std::string("max-autotune")}};
  const auto read = podium::options_from_json(nlohmann::json::parse(podium::options_to_json(values).dump()));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, values);
}

TEST(OptionsAsJson, RefuseOtherTypesAndNameTheOption) {
  for (const char* text : {"1.5", "[1]", "null", "{}", "18446744073709551615"}) {
    const auto read = podium::options_from_json({{"threads", nlohmann::json::parse(text)}});
    ASSERT_FALSE(read) << text;
    EXPECT_THAT(read.error().message, testing::HasSubstr("'threads'"));
  }
  EXPECT_FALSE(podium::options_from_json(nlohmann::json::array()));
}

TEST(ParseJson, SaysWhatIsNotJsonAndWhere) {
  const auto parsed = podium::parse_json("{\"a\": }", "the reply of the worker");
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().message, testing::HasSubstr("the reply of the worker is not JSON: it goes wrong at byte 7"));
}

TEST(ParseJson, RefusesANumberThatIsTooLarge) {
  const auto parsed = podium::parse_json("[1e999]", "the reply of the worker");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, podium::ErrorCode::bad_input);
  EXPECT_EQ(parsed.error().message, "the reply of the worker holds a number that is too large");
}

TEST(ParseJson, SurvivesDeepNesting) {
  EXPECT_FALSE(podium::parse_json(std::string(1'000'000, '['), "a hostile text"));
  EXPECT_TRUE(podium::parse_json(std::string(100'000, '[') + std::string(100'000, ']'), "a deep text"));
}

TEST(DumpJson, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(podium::dump_json("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
}

}  // namespace
