#include <gmock/gmock.h>

#include "backends/api/registry.h"

namespace podium::backend {
namespace {

using ::testing::HasSubstr;

Descriptor sample() {
  Descriptor descriptor;
  descriptor.name = "engine";
  descriptor.options = {{"spinning", OptionType::flag, true, {}, 0, 0, "keep threads awake"},
                        {"threads", OptionType::integer, std::int64_t{2}, {}, 0, 64, "how many"},
                        {"level", OptionType::choice, std::string("all"), {"none", "basic", "all"}, 0, 0, "of optimization"},
                        {"extra", OptionType::text, std::string("-"), {}, 0, 0, "passed on"}};
  return descriptor;
}

std::string refusal(const std::map<std::string, std::string>& given) {
  const auto options = resolve_options(sample(), given);
  EXPECT_FALSE(options);
  if (options) return {};
  EXPECT_EQ(options.error().code, ErrorCode::wrong_use);
  EXPECT_FALSE(options.error().remedy.empty());
  return options.error().message;
}

TEST(Options, DefaultsFillWhatWasNotGiven) {
  const auto options = resolve_options(sample(), {{"threads", "8"}});
  ASSERT_TRUE(options);
  EXPECT_EQ(*options,
            (OptionValues{{"spinning", true}, {"threads", std::int64_t{8}}, {"level", std::string("all")}, {"extra", std::string("-")}}));
}

TEST(Options, TextBecomesTheTypeOfTheOption) {
  const auto options = resolve_options(sample(), {{"spinning", "off"}, {"level", "none"}, {"extra", "7"}});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->at("spinning"), OptionValue(false));
  EXPECT_EQ(options->at("level"), OptionValue(std::string("none")));
  EXPECT_EQ(options->at("extra"), OptionValue(std::string("7")));
}

TEST(Options, UnknownNameIsAnsweredWithTheNearest) {
  EXPECT_THAT(refusal({{"thread", "8"}}), HasSubstr("did you mean 'threads'?"));
}

TEST(Options, UnknownChoiceIsAnsweredWithTheNearestAndTheList) {
  const std::string message = refusal({{"level", "basik"}});
  EXPECT_THAT(message, HasSubstr("none, basic, all"));
  EXPECT_THAT(message, HasSubstr("did you mean 'basic'?"));
}

TEST(Options, NumbersOutsideTheirRangeAreRefused) {
  for (const char* text : {"65", "-1", "", "3.5", "8x", "99999999999999999999"})
    EXPECT_THAT(refusal({{"threads", text}}), HasSubstr("from 0 to 64"));
}

TEST(Options, FlagsAreOnOrOff) {
  EXPECT_THAT(refusal({{"spinning", "maybe"}}), HasSubstr("on or off"));
}

TEST(Options, BackendWithoutOptionsSaysSo) {
  const auto options = resolve_options(Descriptor{}, {{"threads", "1"}});
  ASSERT_FALSE(options);
  EXPECT_THAT(options.error().remedy, HasSubstr("has no options"));
}

}  // namespace
}  // namespace podium::backend
