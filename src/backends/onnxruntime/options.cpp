#include "backends/onnxruntime/options.h"

#include <fmt/format.h>
#include <onnxruntime_session_options_config_keys.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/api/request_check.h"
#include "core/text.h"

namespace podium::onnxruntime {
namespace {

using backend::flag;
using backend::integer;
using backend::text;

constexpr const char* cpu_provider = "CPUExecutionProvider";
constexpr std::int64_t most_threads = 4096;

const std::map<std::string, GraphOptimizationLevel>& optimization_levels() {
  static const std::map<std::string, GraphOptimizationLevel> levels{
      {"disabled", ORT_DISABLE_ALL}, {"basic", ORT_ENABLE_BASIC}, {"extended", ORT_ENABLE_EXTENDED}, {"all", ORT_ENABLE_ALL}};
  return levels;
}

constexpr std::string_view provider_suffix = "ExecutionProvider";

std::string in_lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

/// "XnnpackExecutionProvider" → "xnnpack".
std::string short_name(const std::string& listed) {
  const std::string stem = listed.ends_with(provider_suffix) ? listed.substr(0, listed.size() - provider_suffix.size()) : listed;
  return in_lower_case(stem);
}

/// The provider as the library lists it, asked for by its short or its full name; nothing where the library has none such.
std::optional<std::string> listed_provider(const std::string& asked) {
  for (const std::string& listed : Ort::GetAvailableProviders()) {
    if (asked == listed || in_lower_case(asked) == short_name(listed)) return listed;
  }
  return std::nullopt;
}

/// Names under which ONNX Runtime appends providers; where it is not listed here, the name is that of the list without its ending.
std::string appended_name(const std::string& listed) {
  static const std::map<std::string, std::string> unlike{{"XnnpackExecutionProvider", "XNNPACK"}, {"AzureExecutionProvider", "AZURE"}};
  const auto found = unlike.find(listed);
  return found != unlike.end() ? found->second : listed.substr(0, listed.rfind(provider_suffix));
}

Error no_such_provider(const std::string& asked) {
  std::vector<std::string> usable{"cpu"};
  for (const std::string& listed : Ort::GetAvailableProviders()) {
    if (listed != cpu_provider) usable.push_back(short_name(listed));
  }
  return {ErrorCode::unsupported,
          fmt::format("this build of ONNX Runtime has no execution provider '{}'; it has: {}", printable(asked), join(usable, ", ")),
          "--set onnxruntime.provider=cpu"};
}

Result<void> append_provider(Ort::SessionOptions& options, const std::string& asked) {
  const std::optional<std::string> listed = listed_provider(asked);
  if (!listed) return tl::unexpected(no_such_provider(asked));
  // The CPU provider is always there, behind whatever is appended: what the other cannot run falls back to it, and the audit says so.
  if (*listed == cpu_provider) return {};
  try {
    options.AppendExecutionProvider(appended_name(*listed));
  } catch (const Ort::Exception& exception) {
    return fail(ErrorCode::unsupported,
                fmt::format("ONNX Runtime lists the execution provider '{}' and does not start it: {}", printable(*listed),
                            backend::engine_message(exception.what())),
                "--set onnxruntime.provider=cpu");
  }
  return {};
}

void set_threads(Ort::SessionOptions& options, const backend::LoadRequest& request) {
  // Each request's caller computes beside the pool that all share: with so many callers, the pool is so much smaller.
  const std::int64_t shared = std::max<std::int64_t>(request.threads - (request.requests - 1), 1);
  if (text(request.options, "threads-policy") == "podium") options.SetIntraOpNumThreads(static_cast<int>(shared));
  const std::int64_t inter_op = integer(request.options, "inter-op-threads");
  if (inter_op > 0) options.SetInterOpNumThreads(static_cast<int>(inter_op));
  const char* spinning = flag(request.options, "spinning") ? "1" : "0";
  options.AddConfigEntry(kOrtSessionOptionsConfigAllowIntraOpSpinning, spinning);
  options.AddConfigEntry(kOrtSessionOptionsConfigAllowInterOpSpinning, spinning);
}

void set_memory(Ort::SessionOptions& options, const OptionValues& values) {
  if (!flag(values, "memory-pattern")) options.DisableMemPattern();
  if (!flag(values, "cpu-arena")) options.DisableCpuMemArena();
}

}  // namespace

std::vector<OptionSpec> option_specs() {
  const auto on = OptionValue{true};
  const auto off = OptionValue{false};
  const auto choice = [](const char* value) { return OptionValue{std::string{value}}; };
  return {
      {"provider",
       OptionType::text,
       choice("cpu"),
       {},
       0,
       0,
       "execution provider: cpu, or another that the library was built with, by name: xnnpack, azure"},
      {"graph-optimization",
       OptionType::choice,
       choice("all"),
       {"disabled", "basic", "extended", "all"},
       0,
       0,
       "how far the graph is rewritten when it is loaded"},
      {"threads-policy",
       OptionType::choice,
       choice("podium"),
       {"podium", "engine"},
       0,
       0,
       "podium: as many threads as --threads says; engine: one thread for each physical core, pinned"},
      {"inter-op-threads",
       OptionType::integer,
       OptionValue{std::int64_t{0}},
       {},
       0,
       most_threads,
       "threads that run independent nodes under execution-mode=parallel; 0: the engine's default"},
      {"execution-mode",
       OptionType::choice,
       choice("sequential"),
       {"sequential", "parallel"},
       0,
       0,
       "one node after the other, or independent ones at once"},
      {"spinning", OptionType::flag, on, {}, 0, 0, "idle threads spin for a while before they sleep"},
      {"memory-pattern", OptionType::flag, on, {}, 0, 0, "plan one allocation for all activations after the first run"},
      {"cpu-arena", OptionType::flag, on, {}, 0, 0, "keep freed memory in an arena"},
      {"flush-denormals", OptionType::flag, off, {}, 0, 0, "treat denormal numbers as zero"},
      {"fixed-shapes",
       OptionType::flag,
       on,
       {},
       0,
       0,
       "tell the optimizer the sizes of the cell's free axes; off: shapes are found while running"},
  };
}

std::vector<backend::OptionTrial> option_trials() {
  return {{"threads-policy", {"engine"}}, {"spinning", {"off"}}};
}

Result<Ort::SessionOptions> session_options(const backend::LoadRequest& request) {
  Ort::SessionOptions options;
  options.SetGraphOptimizationLevel(optimization_levels().at(text(request.options, "graph-optimization")));
  options.SetExecutionMode(text(request.options, "execution-mode") == "parallel" ? ORT_PARALLEL : ORT_SEQUENTIAL);
  set_threads(options, request);
  set_memory(options, request.options);
  // Else its optimizer stores the weights of layers that an int8 model leaves in float as int8 too, with one scale for all channels.
  options.AddConfigEntry(kOrtSessionOptionsDisableSpecifiedOptimizers, "WeightBiasQuantization");
  if (flag(request.options, "flush-denormals")) options.AddConfigEntry(kOrtSessionOptionsConfigSetDenormalAsZero, "1");
  if (auto appended = append_provider(options, text(request.options, "provider")); !appended) return tl::unexpected(appended.error());
  return options;
}

std::string provider_name(const OptionValues& options) {
  return listed_provider(text(options, "provider")).value_or(cpu_provider);
}

}  // namespace podium::onnxruntime
