#include "completion/value_kinds.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <stdexcept>

#include <CLI/CLI.hpp>

#include "allow_different.h"
#include "completion/scripts.h"
#include "podium/calibration.h"
#include "podium/doctor.h"
#include "podium/error.h"
#include "podium/metrics.h"
#include "podium/optimize.h"
#include "podium/types.h"
#include "reference/command_facts.h"
#include "report_formats.h"

namespace cli {
namespace {

using Suggestions = std::vector<Suggestion>;

template <typename Values>
Suggestions spelled(const Values& values) {
  Suggestions words;
  for (const auto& value : values) words.push_back({std::string(podium::to_string(value)), {}});
  return words;
}

Suggestions bare(const std::vector<std::string>& texts) {
  Suggestions words;
  for (const std::string& text : texts) words.push_back({text, {}});
  return words;
}

/// Of every backend that the build knows. Completion has nothing to say where they cannot be read: the command itself will.
std::vector<podium::BackendReport> backends() {
  try {
    return podium::known_backends();
  } catch (const podium::Exception&) {
    return {};
  }
}

Suggestions backend_names(const CLI::App&, std::string_view) {
  Suggestions words;
  for (const podium::BackendReport& backend : backends()) words.push_back({backend.name, backend.engine});
  return words;
}

std::vector<std::string> values_of(const podium::OptionSpec& option) {
  return option.type == podium::OptionType::flag ? std::vector<std::string>{"on", "off"} : option.choices;
}

/// "ENGINE.spinning=" and, once that is typed, "ENGINE.spinning=on". Of a list of values the last is what is completed.
Suggestions settings(const CLI::App&, std::string_view typed) {
  Suggestions words;
  for (const podium::BackendReport& backend : backends()) {
    for (const podium::OptionSpec& option : backend.options) {
      const std::string name = backend.name + "." + option.name + "=";
      if (!typed.starts_with(name)) {
        words.push_back({name, option.help});
        continue;
      }
      const std::size_t last = std::max(name.size(), typed.rfind(',') == std::string_view::npos ? 0 : typed.rfind(',') + 1);
      for (const std::string& value : values_of(option)) words.push_back({std::string(typed.substr(0, last)) + value, option.help});
    }
  }
  return words;
}

Suggestions precisions(const CLI::App&, std::string_view) {
  return spelled(podium::all_precisions());
}

Suggestions methods(const CLI::App&, std::string_view) {
  return spelled(podium::all_calibration_methods());
}

Suggestions metrics(const CLI::App&, std::string_view) {
  Suggestions words;
  for (const podium::MetricName& metric : podium::metric_names()) words.push_back({metric.name, metric.help});
  return words;
}

Suggestions goals(const CLI::App&, std::string_view) {
  using podium::Goal;
  return spelled(std::array{Goal::latency, Goal::throughput, Goal::p99, Goal::memory, Goal::artifact_size, Goal::energy});
}

Suggestions presets(const CLI::App&, std::string_view) {
  return spelled(std::array{podium::SearchPreset::constrained, podium::SearchPreset::unconstrained});
}

Suggestions report_formats(const CLI::App&, std::string_view) {
  return bare(report_format_names());
}

Suggestions what_may_differ(const CLI::App&, std::string_view) {
  return bare(allow_different_words());
}

Suggestions ways_to_label(const CLI::App&, std::string_view) {
  return bare({"file-names", "folders", "none"});
}

Suggestions ways_to_name_a_model(const CLI::App&, std::string_view) {
  return {{"torchvision:", "a model of torchvision, by its name"},
          {"hf:", "a folder of a Hugging Face model"},
          {"python:", "a function of yours, package.module:function"}};
}

Suggestions shells(const CLI::App&, std::string_view) {
  return bare(shell_names());
}

Suggestions commands(const CLI::App& app, std::string_view) {
  Suggestions words;
  for (const CLI::App* command : commands_of(app)) words.push_back({command->get_name(), command->get_description()});
  return words;
}

constexpr bool list = true;
constexpr bool file = true;
constexpr ValueKind kinds[] = {
    {"FILE", !list, file},
    {"PATH", !list, file},
    {"DATA", !list, file},
    {"DIR", !list, file},
    {"RESULTS", !list, file},
    {"BEFORE", !list, file},
    {"AFTER", !list, file},
    {"MORE", !list, file},
    {"MODEL", !list, file, ways_to_name_a_model},
    {"HOW|FILE", !list, file, ways_to_label},
    {"P,...", list, !file, precisions},
    {"PRECISION", !list, !file, precisions},
    {"METHOD", !list, !file, methods},
    {"METRIC", !list, !file, metrics},
    {"GOAL", list, !file, goals},
    {"PRESET", !list, !file, presets},
    {"FORMAT", !list, !file, report_formats},
    {"WHAT,...", list, !file, what_may_differ},
    {"NAME", !list, !file, backend_names},
    {"NAME,...", list, !file, backend_names},
    {"BACKEND.OPTION=V1,V2", !list, !file, settings},
    {"SHELL", !list, !file, shells},
    {"COMMAND", !list, !file, commands},
    // What only the user knows: numbers, and names that stand in a model or a file.
    {"N"},
    {"N,..."},
    {"P"},
    {"DB"},
    {"ID"},
    {"NAME=1x128"},
    {"NAME=1x16:128:512"},
    {"NODE|TYPE,..."},
};

bool is_example(std::string_view name) {
  return std::isdigit(static_cast<unsigned char>(name.front())) != 0;
}

bool is_list_of_words(std::string_view name) {
  return std::islower(static_cast<unsigned char>(name.front())) != 0;
}

/// "host|device". "cuda:N" stands for the first GPU.
Suggestions words_in(std::string_view name) {
  Suggestions words;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('|', begin), name.size());
    std::string word(name.substr(begin, end - begin));
    if (word.ends_with(":N")) word.back() = '0';
    words.push_back({std::move(word), {}});
    begin = end + 1;
  }
  return words;
}

}  // namespace

ValueKind kind_of(const CLI::Option& option) {
  const std::string name = value_name_of(option);
  const auto* const found = std::find_if(std::begin(kinds), std::end(kinds), [&](const ValueKind& kind) { return name == kind.name; });
  if (found != std::end(kinds)) return *found;
  if (name.empty() || (!is_example(name) && !is_list_of_words(name)))
    throw std::logic_error("nothing says how a value called '" + name + "' is completed: add it to cli/completion/value_kinds.cpp");
  return {};
}

std::vector<Suggestion> words_of(const CLI::Option& option, const CLI::App& app, std::string_view typed) {
  const ValueKind kind = kind_of(option);
  if (kind.words != nullptr) return kind.words(app, typed);
  const std::string name = value_name_of(option);
  return kind.name.empty() && is_list_of_words(name) ? words_in(name) : Suggestions{};
}

}  // namespace cli
