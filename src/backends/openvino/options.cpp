#include "backends/openvino/options.h"

#include <algorithm>
#include <map>
#include <openvino/runtime/intel_cpu/properties.hpp>
#include <openvino/runtime/properties.hpp>
#include <string>

#include "backends/api/request_check.h"

namespace podium::openvino {
namespace {

using backend::flag;
using backend::integer;
using backend::text;

constexpr std::int64_t most_streams = 4096;

/// What a choice of an option sets; a choice that is not listed leaves the engine's own setting alone.
using ChoiceTable = std::map<std::string, std::map<std::string, ov::AnyMap>>;

const ChoiceTable& choice_table() {
  static const ChoiceTable table{
      {"performance-hint",
       {{"latency", {ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY)}},
        {"throughput", {ov::hint::performance_mode(ov::hint::PerformanceMode::THROUGHPUT)}}}},
      {"cpu-pinning", {{"on", {ov::hint::enable_cpu_pinning(true)}}, {"off", {ov::hint::enable_cpu_pinning(false)}}}},
      {"hyper-threading", {{"on", {ov::hint::enable_hyper_threading(true)}}, {"off", {ov::hint::enable_hyper_threading(false)}}}},
      {"core-type",
       {{"performance", {ov::hint::scheduling_core_type(ov::hint::SchedulingCoreType::PCORE_ONLY)}},
        {"efficient", {ov::hint::scheduling_core_type(ov::hint::SchedulingCoreType::ECORE_ONLY)}}}},
      {"tbb-partitioner",
       {{"static", {ov::intel_cpu::tbb_partitioner(ov::intel_cpu::TbbPartitioner::STATIC)}},
        {"auto", {ov::intel_cpu::tbb_partitioner(ov::intel_cpu::TbbPartitioner::AUTO)}}}},
  };
  return table;
}

/// Nothing below the asked precision, in any corner: OpenVINO's own defaults also quantize key-value caches and the activations of
/// compressed weights. The other policies exist to measure what the engine does by itself, and to show that the audit sees it.
void set_arithmetic(ov::AnyMap& properties, const backend::LoadRequest& request) {
  const std::string& policy = text(request.options, "precision-policy");
  if (policy == "engine") return;
  const Precision asked = policy == "bf16" ? Precision::bf16 : request.precision;
  const ov::element::Type type = asked == Precision::bf16   ? ov::element::bf16
                                 : asked == Precision::fp16 ? ov::element::f16
                                                            : ov::element::f32;
  properties.insert(ov::hint::inference_precision(type));
  properties.insert(ov::hint::kv_cache_precision(type));
  properties.insert(ov::hint::dynamic_quantization_group_size(0));
}

/// As many as asked for; else one for each request in flight, as far as each has a thread.
std::int64_t streams_for(const backend::LoadRequest& request) {
  const std::int64_t asked = integer(request.options, "streams");
  if (asked > 0 || request.requests == 1) return asked;
  return std::clamp<std::int64_t>(request.requests, 1, std::max<std::int64_t>(request.threads, 1));
}

}  // namespace

std::vector<OptionSpec> option_specs() {
  const auto choice = [](const char* value) { return OptionValue{std::string{value}}; };
  return {
      {"performance-hint",
       OptionType::choice,
       choice("latency"),
       {"latency", "throughput"},
       0,
       0,
       "what the number of streams is chosen for"},
      {"streams",
       OptionType::integer,
       OptionValue{std::int64_t{0}},
       {},
       0,
       most_streams,
       "inferences that may run at once, which share the threads; 0: one for each request in flight, or as the performance hint says for "
       "one"},
      {"threads-policy",
       OptionType::choice,
       choice("podium"),
       {"podium", "engine"},
       0,
       0,
       "podium: as many threads as --threads says; engine: as many as OpenVINO chooses"},
      {"precision-policy",
       OptionType::choice,
       choice("as-asked"),
       {"as-asked", "engine", "bf16"},
       0,
       0,
       "as-asked: compute in the cell's precision; engine: in what OpenVINO chooses; bf16: in bfloat16. The audit rejects what differs"},
      {"cpu-pinning", OptionType::choice, choice("engine"), {"engine", "on", "off"}, 0, 0, "bind threads to cores"},
      {"hyper-threading", OptionType::choice, choice("engine"), {"engine", "on", "off"}, 0, 0, "use both threads of a core"},
      {"core-type",
       OptionType::choice,
       choice("any"),
       {"any", "performance", "efficient"},
       0,
       0,
       "kind of core to use on a hybrid processor"},
      {"tbb-partitioner", OptionType::choice, choice("engine"), {"engine", "static", "auto"}, 0, 0, "how work is cut up among threads"},
      {"flush-denormals", OptionType::flag, OptionValue{false}, {}, 0, 0, "treat denormal numbers as zero"},
      {"fixed-shapes",
       OptionType::flag,
       OptionValue{true},
       {},
       0,
       0,
       "reshape the model to the cell's shapes before it is compiled; off: free axes stay free"},
  };
}

std::vector<backend::OptionTrial> option_trials() {
  return {{"threads-policy", {"engine"}}, {"hyper-threading", {"off"}}};
}

ov::AnyMap compile_properties(const backend::LoadRequest& request) {
  ov::AnyMap properties;
  set_arithmetic(properties, request);
  for (const auto& [option, choices] : choice_table()) {
    const auto chosen = choices.find(text(request.options, option));
    if (chosen != choices.end()) properties.insert(chosen->second.begin(), chosen->second.end());
  }
  if (text(request.options, "threads-policy") == "podium")
    properties.insert(ov::inference_num_threads(static_cast<std::int32_t>(request.threads)));
  if (const std::int64_t streams = streams_for(request); streams > 0)
    properties.insert(ov::num_streams(static_cast<std::int32_t>(streams)));
  if (flag(request.options, "flush-denormals")) properties.insert(ov::intel_cpu::denormals_optimization(true));
  return properties;
}

}  // namespace podium::openvino
