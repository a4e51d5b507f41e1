#include <fmt/format.h>

#include "backends/api/profile_json.h"
#include "backends/api/registry.h"
#include "core/json.h"
#include "core/name_table.h"
#include "core/text.h"

namespace podium::backend {

namespace {

using nlohmann::json;

constexpr std::pair<Launch, std::string_view> launch_names[] = {
    {Launch::module, "module"},
    {Launch::python, "python"},
    {Launch::none, "none"},
};

constexpr std::pair<OptionType, std::string_view> option_type_names[] = {
    {OptionType::flag, "flag"},
    {OptionType::integer, "integer"},
    {OptionType::choice, "choice"},
    {OptionType::text, "text"},
};

/// Index of the alternative of OptionValue that holds a value of this type.
std::size_t alternative_of(OptionType type) {
  if (type == OptionType::flag) return OptionValue(false).index();
  if (type == OptionType::integer) return OptionValue(std::int64_t{0}).index();
  return OptionValue(std::string()).index();
}

nlohmann::ordered_json option_spec_to_json(const OptionSpec& option) {
  return {{"name", option.name},
          {"type", name_in(option_type_names, option.type)},
          {"default", nlohmann::ordered_json(option_to_json(option.default_value))},
          {"choices", option.choices},
          {"minimum", option.minimum},
          {"maximum", option.maximum},
          {"help", option.help}};
}

/// Throws nlohmann's exceptions for a member of another type, as do the functions below; parse_descriptor() catches them.
Result<OptionSpec> option_spec_from_json(const json& object) {
  OptionSpec option;
  option.name = object.at("name").get<std::string>();
  const std::string type_name = object.at("type").get<std::string>();
  const std::optional<OptionType> type = value_in(option_type_names, type_name);
  if (!type) return fail(ErrorCode::bad_input, fmt::format("option '{}' has the unknown type '{}'", option.name, type_name));
  option.type = *type;
  Result<OptionValue> value = option_from_json(object.at("default"));
  if (!value) return tl::unexpected(value.error());
  if (value->index() != alternative_of(option.type)) {
    return fail(ErrorCode::bad_input, fmt::format("the default of option '{}' is no {}", option.name, type_name));
  }
  option.default_value = std::move(*value);
  option.choices = object.value("choices", std::vector<std::string>());
  option.minimum = object.value("minimum", std::int64_t{0});
  option.maximum = object.value("maximum", std::int64_t{0});
  option.help = object.value("help", std::string());
  return option;
}

Result<std::vector<Precision>> precisions_from_json(const json& names) {
  std::vector<Precision> precisions;
  for (const json& name : names) {
    const std::optional<Precision> precision = parse_precision(name.get<std::string>());
    if (!precision) return fail(ErrorCode::bad_input, fmt::format("unknown precision '{}'", name.get<std::string>()));
    precisions.push_back(*precision);
  }
  return precisions;
}

Result<std::map<Precision, std::string>> refusals_from_json(const json& reasons) {
  std::map<Precision, std::string> refusals;
  for (const auto& [name, reason] : reasons.items()) {
    const std::optional<Precision> precision = parse_precision(name);
    if (!precision) return fail(ErrorCode::bad_input, fmt::format("unknown precision '{}'", name));
    refusals.emplace(*precision, reason.get<std::string>());
  }
  return refusals;
}

Result<std::map<Precision, std::vector<std::string>>> limits_from_json(const json& limits) {
  std::map<Precision, std::vector<std::string>> only_on;
  for (const auto& [name, kinds] : limits.items()) {
    const std::optional<Precision> precision = parse_precision(name);
    if (!precision) return fail(ErrorCode::bad_input, fmt::format("unknown precision '{}'", name));
    only_on.emplace(*precision, kinds.get<std::vector<std::string>>());
  }
  return only_on;
}

json names_of(const std::vector<Precision>& precisions) {
  json names = json::array();
  for (const Precision precision : precisions) names.push_back(to_string(precision));
  return names;
}

nlohmann::ordered_json trial_to_json(const OptionTrial& trial) {
  return {{"option", trial.option}, {"values", trial.values}, {"builds_slowly", trial.builds_slowly}, {"device_kinds", trial.device_kinds}};
}

/// A value that the option does not take would be found out in the middle of a search.
Result<OptionTrial> trial_from_json(const json& object, const Descriptor& descriptor) {
  OptionTrial trial{object.at("option").get<std::string>(), object.at("values").get<std::vector<std::string>>(),
                    object.value("builds_slowly", false), object.value("device_kinds", std::vector<std::string>())};
  for (const std::string& value : trial.values) {
    if (auto resolved = resolve_options(descriptor, {{trial.option, value}}); !resolved) return tl::unexpected(resolved.error());
  }
  return trial;
}

Result<Registered> registered_from_json(const json& object) {
  Registered entry;
  Descriptor& descriptor = entry.descriptor;
  descriptor.name = object.at("name").get<std::string>();
  descriptor.engine = object.at("engine").get<std::string>();
  const std::string launch_name = object.at("launch").get<std::string>();
  const std::optional<Launch> launch = value_in(launch_names, launch_name);
  if (!launch) return fail(ErrorCode::bad_input, fmt::format("unknown launch '{}'", launch_name));
  entry.launch = *launch;
  entry.reason = object.value("reason", std::string());
  descriptor.summary = object.value("summary", std::string());
  descriptor.model_format = object.value("model_format", std::string());
  descriptor.baseline_for = object.value("baseline_for", std::vector<std::string>());
  descriptor.remedy = object.value("remedy", std::string());
  descriptor.bundled_in_default_runs = object.value("bundled_in_default_runs", true);
  descriptor.device_kinds = object.value("device_kinds", descriptor.device_kinds);
  descriptor.newest_opset = object.value("newest_opset", descriptor.newest_opset);
  descriptor.builds_slowly = object.value("builds_slowly", false);
  Result<std::vector<Precision>> precisions = precisions_from_json(object.value("precisions", json::array()));
  if (!precisions) return tl::unexpected(precisions.error());
  descriptor.precisions = std::move(*precisions);
  Result<std::vector<Precision>> narrowed = precisions_from_json(object.value("narrows_by_itself", json::array()));
  if (!narrowed) return tl::unexpected(narrowed.error());
  descriptor.narrows_by_itself = std::move(*narrowed);
  Result<std::map<Precision, std::string>> refusals = refusals_from_json(object.value("refusals", json::object()));
  if (!refusals) return tl::unexpected(refusals.error());
  descriptor.refusals = std::move(*refusals);
  Result<std::map<Precision, std::vector<std::string>>> limits = limits_from_json(object.value("only_on", json::object()));
  if (!limits) return tl::unexpected(limits.error());
  descriptor.only_on = std::move(*limits);
  for (const json& option : object.value("options", json::array())) {
    Result<OptionSpec> spec = option_spec_from_json(option);
    if (!spec) return tl::unexpected(spec.error());
    descriptor.options.push_back(std::move(*spec));
  }
  for (const json& trial : object.value("worth_trying", json::array())) {
    Result<OptionTrial> known = trial_from_json(trial, descriptor);
    if (!known) return tl::unexpected(known.error());
    descriptor.worth_trying.push_back(std::move(*known));
  }
  for (const json& profile : object.value("quantization", json::array())) {
    Result<QuantizationProfile> wanted = profile_from_json(profile);
    if (!wanted) return tl::unexpected(wanted.error());
    descriptor.quantization.push_back(std::move(*wanted));
  }
  return entry;
}

}  // namespace

std::string to_json(const Descriptor& descriptor, Launch launch) {
  json refusals = json::object();
  for (const auto& [precision, reason] : descriptor.refusals) refusals[std::string(to_string(precision))] = reason;
  json limits = json::object();
  for (const auto& [precision, kinds] : descriptor.only_on) limits[std::string(to_string(precision))] = kinds;
  nlohmann::ordered_json options = nlohmann::ordered_json::array();
  for (const OptionSpec& option : descriptor.options) options.push_back(option_spec_to_json(option));
  nlohmann::ordered_json trials = nlohmann::ordered_json::array();
  for (const OptionTrial& trial : descriptor.worth_trying) trials.push_back(trial_to_json(trial));
  nlohmann::ordered_json profiles = nlohmann::ordered_json::array();
  for (const QuantizationProfile& profile : descriptor.quantization) profiles.push_back(profile_to_json(profile));
  const nlohmann::ordered_json object = {{"name", descriptor.name},
                                         {"engine", descriptor.engine},
                                         {"summary", descriptor.summary},
                                         {"launch", name_in(launch_names, launch)},
                                         {"model_format", descriptor.model_format},
                                         {"precisions", names_of(descriptor.precisions)},
                                         {"narrows_by_itself", names_of(descriptor.narrows_by_itself)},
                                         {"only_on", limits},
                                         {"refusals", refusals},
                                         {"baseline_for", descriptor.baseline_for},
                                         {"remedy", descriptor.remedy},
                                         {"bundled_in_default_runs", descriptor.bundled_in_default_runs},
                                         {"device_kinds", descriptor.device_kinds},
                                         {"newest_opset", descriptor.newest_opset},
                                         {"options", options},
                                         {"worth_trying", trials},
                                         {"builds_slowly", descriptor.builds_slowly},
                                         {"quantization", profiles}};
  return object.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<Registered> parse_descriptor(const std::string& text) {
  Result<json> object = parse_json(text, "the description of a backend");
  if (!object) return tl::unexpected(object.error());
  if (!object->is_object()) return fail(ErrorCode::bad_input, "the description of a backend is no JSON object");
  try {
    return registered_from_json(*object);
  } catch (const json::exception& error) {
    return fail(ErrorCode::bad_input, fmt::format("the description of a backend is damaged: {}", printable(error.what())));
  }
}

}  // namespace podium::backend
