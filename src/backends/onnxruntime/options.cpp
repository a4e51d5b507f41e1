#include "backends/onnxruntime/options.h"

#include <onnxruntime_session_options_config_keys.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "backends/api/request_check.h"
#include "backends/onnxruntime/providers.h"

namespace podium::onnxruntime {
namespace {

using backend::flag;
using backend::integer;
using backend::text;

constexpr std::int64_t most_threads = 4096;

const std::map<std::string, GraphOptimizationLevel>& optimization_levels() {
  static const std::map<std::string, GraphOptimizationLevel> levels{
      {"disabled", ORT_DISABLE_ALL}, {"basic", ORT_ENABLE_BASIC}, {"extended", ORT_ENABLE_EXTENDED}, {"all", ORT_ENABLE_ALL}};
  return levels;
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
       choice("auto"),
       {},
       0,
       0,
       "execution provider; auto: that of the device, cpu or cuda; or another that the library was built with, by name: xnnpack, azure"},
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
      {"cuda-graph", OptionType::flag, off, {}, 0, 0, "on a GPU: capture the model once for each batch of inputs, and replay that"},
      {"nhwc", OptionType::flag, off, {}, 0, 0, "on a GPU: run convolutions with channels last"},
      {"fuse-conv-bias", OptionType::flag, off, {}, 0, 0, "on a GPU: add a convolution's bias in the same kernel"},
      {"conv-search",
       OptionType::choice,
       choice("exhaustive"),
       {"exhaustive", "heuristic", "default"},
       0,
       0,
       "on a GPU: how cuDNN's algorithm for each convolution is chosen; exhaustive times them"},
  };
}

std::vector<backend::OptionTrial> option_trials() {
  return {{"threads-policy", {"engine"}, false, {"cpu"}},
          {"spinning", {"off"}, false, {"cpu"}},
          {"cuda-graph", {"on"}, false, {"cuda"}},
          {"nhwc", {"on"}, false, {"cuda"}},
          {"fuse-conv-bias", {"on"}, false, {"cuda"}}};
}

Result<Ort::SessionOptions> session_options(const backend::LoadRequest& request, cuda::Stream stream) {
  Ort::SessionOptions options;
  options.SetGraphOptimizationLevel(optimization_levels().at(text(request.options, "graph-optimization")));
  options.SetExecutionMode(text(request.options, "execution-mode") == "parallel" ? ORT_PARALLEL : ORT_SEQUENTIAL);
  set_threads(options, request);
  set_memory(options, request.options);
  // Else its optimizer stores the weights of layers that an int8 model leaves in float as int8 too, with one scale for all channels.
  options.AddConfigEntry(kOrtSessionOptionsDisableSpecifiedOptimizers, "WeightBiasQuantization");
  if (flag(request.options, "flush-denormals")) options.AddConfigEntry(kOrtSessionOptionsConfigSetDenormalAsZero, "1");
  if (auto appended = append_provider(options, request, stream); !appended) return tl::unexpected(appended.error());
  return options;
}

}  // namespace podium::onnxruntime
