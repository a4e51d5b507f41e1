// Every value that an option declares is accepted, and leaves the answers right.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine.h"
#include "matchers.h"

namespace podium::conformance {
namespace {

class EveryEnginesOptions : public ::testing::TestWithParam<Engine> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(EveryEnginesOptions);
INSTANTIATE_TEST_SUITE_P(Conformance, EveryEnginesOptions, ::testing::ValuesIn(every_engine()), NamedByEngine());

/// All values of a flag or a choice; of a number the least and a small one.
std::vector<OptionValue> values_of(const OptionSpec& spec) {
  switch (spec.type) {
    case OptionType::flag:
      return {OptionValue{true}, OptionValue{false}};
    case OptionType::choice:
      return {spec.choices.begin(), spec.choices.end()};
    case OptionType::integer:
      return {OptionValue{spec.minimum}, OptionValue{std::min<std::int64_t>(spec.maximum, 2)}};
    case OptionType::text:
      return {spec.default_value};
  }
  return {};
}

void take(Running& running, const Case& expected, const std::string& option, const OptionValue& value) {
  SCOPED_TRACE(option + "=" + to_string(value));
  const auto loaded = running.load({{option, value}});
  if (!loaded && loaded.error().error.code == ErrorCode::unsupported) {
    EXPECT_FALSE(loaded.error().error.message.empty()) << "a value that this machine cannot have is refused with the reason";
    return;
  }
  ASSERT_TRUE(succeeded(loaded));
  const auto answers = running.answers();
  ASSERT_TRUE(succeeded(answers));
  const bool may_round = option.find("precision") != std::string::npos;  // it leaves the arithmetic to the engine
  EXPECT_TRUE(agree(*answers, expected, may_round ? Precision::bf16 : Precision::fp32));
}

TEST_P(EveryEnginesOptions, TakeEveryValueThatTheyDeclare) {
  const Case& picture = case_named("picture-b4");
  Running running(GetParam(), picture);
  for (const OptionSpec& option : GetParam().descriptor().options) {
    for (const OptionValue& value : values_of(option)) {
      if (value != option.default_value) take(running, picture, option.name, value);  // the other tests run with the defaults
    }
  }
}

TEST_P(EveryEnginesOptions, AreTriedBySearchesInValuesThatTheyTakeAndThatAreNotTheDefault) {
  const backend::Descriptor& descriptor = GetParam().descriptor();
  for (const backend::OptionTrial& trial : descriptor.worth_trying) {
    SCOPED_TRACE(trial.option);
    EXPECT_FALSE(trial.values.empty());
    const auto defaults = backend::resolve_options(descriptor, {});
    for (const std::string& value : trial.values) {
      const auto resolved = backend::resolve_options(descriptor, {{trial.option, value}});
      ASSERT_TRUE(resolved) << resolved.error().message;
      EXPECT_NE(*resolved, *defaults) << value;
    }
  }
}

TEST_P(EveryEnginesOptions, HaveADefaultAmongTheirValuesAndALineOfHelp) {
  for (const OptionSpec& option : GetParam().descriptor().options) {
    SCOPED_TRACE(option.name);
    EXPECT_FALSE(option.help.empty());
    EXPECT_EQ(option.help.find('\n'), std::string::npos);
    if (option.type == OptionType::integer) {
      EXPECT_GE(std::get<std::int64_t>(option.default_value), option.minimum);
      EXPECT_LE(std::get<std::int64_t>(option.default_value), option.maximum);
      continue;
    }
    const std::vector<OptionValue> values = values_of(option);
    EXPECT_NE(std::find(values.begin(), values.end(), option.default_value), values.end());
  }
}

}  // namespace
}  // namespace podium::conformance
