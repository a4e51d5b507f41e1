// Every value that an option declares is accepted, and leaves the answers right.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine.h"
#include "matchers.h"

namespace podium::conformance {
namespace {

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

struct EngineOption {
  Engine engine;
  OptionSpec option;
};
void PrintTo(const EngineOption& given, std::ostream* out) {
  *out << given.engine.descriptor().name << "." << given.option.name;
}

std::vector<EngineOption> every_option() {
  std::vector<EngineOption> options;
  for (const Engine& engine : every_engine()) {
    for (const OptionSpec& option : engine.descriptor().options) options.push_back({engine, option});
  }
  return options;
}

class EveryOption : public ::testing::TestWithParam<EngineOption> {};
struct NamedByOption {
  template <typename Info>
  std::string operator()(const Info& given) const {
    return test_name(given.param.engine.descriptor().name + "_" + given.param.option.name);
  }
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(EveryOption);
INSTANTIATE_TEST_SUITE_P(Conformance, EveryOption, ::testing::ValuesIn(every_option()), NamedByOption());

TEST_P(EveryOption, TakesEveryValueThatItDeclares) {
  const Case& picture = case_named("picture-b4");
  Running running(GetParam().engine, picture);
  for (const OptionValue& value : values_of(GetParam().option)) {
    if (value == GetParam().option.default_value && GetParam().option.type != OptionType::text) continue;  // the other tests run with it
    SCOPED_TRACE(GetParam().option.name + "=" + to_string(value));
    ASSERT_TRUE(succeeded(running.load({{GetParam().option.name, value}})));
    const auto answers = running.answers();
    ASSERT_TRUE(succeeded(answers));
    EXPECT_TRUE(agree(*answers, picture));
  }
}

TEST_P(EveryOption, HasADefaultAmongItsValuesAndALineOfHelp) {
  const OptionSpec& option = GetParam().option;
  EXPECT_FALSE(option.help.empty());
  EXPECT_EQ(option.help.find('\n'), std::string::npos);
  const std::vector<OptionValue> values = values_of(option);
  if (option.type == OptionType::integer) {
    EXPECT_GE(std::get<std::int64_t>(option.default_value), option.minimum);
    EXPECT_LE(std::get<std::int64_t>(option.default_value), option.maximum);
  } else {
    EXPECT_NE(std::find(values.begin(), values.end(), option.default_value), values.end());
  }
}

}  // namespace
}  // namespace podium::conformance
