#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "backends/api/registry.h"
#include "core/text.h"

namespace podium::backend {

namespace {

tl::unexpected<Error> bad_value(const Descriptor& descriptor, const OptionSpec& option, const std::string& given,
                                const std::string& expected) {
  return fail(ErrorCode::wrong_use,
              fmt::format("'{}' is no value of {}.{}, which takes {}", printable(given), descriptor.name, option.name, expected),
              fmt::format("write --set {}.{}={}", descriptor.name, option.name, to_string(option.default_value)));
}

Result<OptionValue> parse_flag(const Descriptor& descriptor, const OptionSpec& option, const std::string& given) {
  if (given == "on" || given == "true" || given == "1") return OptionValue(true);
  if (given == "off" || given == "false" || given == "0") return OptionValue(false);
  return bad_value(descriptor, option, given, "on or off");
}

Result<OptionValue> parse_integer(const Descriptor& descriptor, const OptionSpec& option, const std::string& given) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), value);
  const bool whole = error == std::errc() && end == given.data() + given.size();
  if (whole && value >= option.minimum && value <= option.maximum) return OptionValue(value);
  return bad_value(descriptor, option, given, fmt::format("a whole number from {} to {}", option.minimum, option.maximum));
}

Result<OptionValue> parse_choice(const Descriptor& descriptor, const OptionSpec& option, const std::string& given) {
  if (std::find(option.choices.begin(), option.choices.end(), given) != option.choices.end()) return OptionValue(given);
  return bad_value(descriptor, option, given, fmt::format("one of {}{}", join(option.choices, ", "), did_you_mean(given, option.choices)));
}

Result<OptionValue> parse_text(const Descriptor&, const OptionSpec&, const std::string& given) {
  return OptionValue(given);
}

Result<OptionValue> parse_value(const Descriptor& descriptor, const OptionSpec& option, const std::string& given) {
  switch (option.type) {
    case OptionType::flag:
      return parse_flag(descriptor, option, given);
    case OptionType::integer:
      return parse_integer(descriptor, option, given);
    case OptionType::choice:
      return parse_choice(descriptor, option, given);
    case OptionType::text:
      return parse_text(descriptor, option, given);
  }
  return fail(ErrorCode::failed, fmt::format("option '{}' has no type", option.name));
}

tl::unexpected<Error> unknown_option(const Descriptor& descriptor, const std::string& name) {
  std::vector<std::string> names;
  for (const OptionSpec& option : descriptor.options) names.push_back(option.name);
  const std::string remedy = names.empty() ? "leave it out: this backend has no options" : fmt::format("use one of: {}", join(names, ", "));
  return fail(ErrorCode::wrong_use,
              fmt::format("backend '{}' has no option '{}'{}", descriptor.name, printable(name), did_you_mean(name, names)), remedy);
}

}  // namespace

Result<OptionValues> resolve_options(const Descriptor& descriptor, const std::map<std::string, std::string>& given) {
  OptionValues values;
  for (const OptionSpec& option : descriptor.options) values.emplace(option.name, option.default_value);
  for (const auto& [name, text] : given) {
    const auto is_named = [&name = name](const OptionSpec& option) { return option.name == name; };
    const auto option = std::find_if(descriptor.options.begin(), descriptor.options.end(), is_named);
    if (option == descriptor.options.end()) return unknown_option(descriptor, name);
    Result<OptionValue> value = parse_value(descriptor, *option, text);
    if (!value) return tl::unexpected(value.error());
    values.insert_or_assign(name, std::move(*value));
  }
  return values;
}

}  // namespace podium::backend
