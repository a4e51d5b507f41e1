#include "report/missing.h"

#include <fmt/format.h>

#include <map>
#include <string_view>

namespace podium::report {
namespace {

using Sentences = std::map<std::string, std::string, std::less<>>;

const Sentences& sentences_for_measured_cells() {
  static const Sentences sentences{
      {"accuracy", "there are no labels to judge accuracy by"},
      {"accuracy.agreement", "it is given beside top-1 and top-5"},
      {"accuracy.agreement_ci95", "it is given beside top-1 and top-5"},
      {"accuracy.baseline", "it is the baseline, or the metric has none"},
      {"accuracy.ci95", "this metric gives no interval, or the samples are too few for one"},
      {"accuracy.drop", "it is the baseline, or the metric has none to drop from"},
      {"accuracy.drop_bounds", "there is no drop, or the samples are too few to bound it"},
      {"accuracy.gained", "samples are counted for shares only"},
      {"accuracy.lost", "samples are counted for shares only"},
      {"accuracy.max_drop", "no --max-drop was given"},
      {"accuracy.p_value", "there was nothing to test"},
      {"accuracy.samples_needed", "the verdict needs no more, or no number would do"},
      {"accuracy.value", "the outputs are the baseline's to the last bit: there is no noise"},
      {"artifact_bytes", "the size of the model file was not recorded"},
      {"audit", "the engine does not tell what ran"},
      {"audit.fallback_share", "the engine does not tell which nodes fell back"},
      {"audit.fused_nodes", "the engine does not tell what it merged"},
      {"audit.graph_breaks", "the engine runs a whole graph or none"},
      {"audit.int8_share", "the engine does not tell the arithmetic of each node"},
      {"build_s", "nothing was built for this cell"},
      {"device_clock", "the device's own clock was not read"},
      {"energy_j_per_inference", "energy was not measured"},
      {"first_inference_ms", "the first inference was not timed apart"},
      {"latency_ms.ci95", "an interval needs at least two rounds"},
      {"latency_ms.p90_ci95", "an interval needs at least two blocks"},
      {"latency_ms.p99_ci95", "an interval needs a p99 and at least two blocks"},
      {"memory.device_bytes", "the cell uses no memory of a device"},
      {"memory.idle_bytes", "the engine's own memory was not taken before the model was loaded"},
      {"output_error.sqnr_db", "the outputs are the baseline's to the last bit: there is no noise"},
      {"rank", "ranks are given when the batch size is done"},
      {"ratio_to_baseline", "the baseline was not measured in the same rounds"},
      {"ratio_to_baseline.ci95", "an interval needs at least two rounds in common"},
      {"ratio_to_best", "the fastest cell was not measured in the same rounds"},
      {"throughput", "throughput mode was not measured; add --mode both"},
      {"throughput.ci95", "an interval needs at least two launches"},
      {"throughput.warm_up", "the warm-up was not recorded"},
      {"throughput_per_s", "throughput mode was not measured; add --mode both"},
      {"ratio_to_best.ci95", "an interval needs at least two rounds in common"},
      {"spread", "deviations need scored blocks"},
      {"spread.between_blocks", "deviations between blocks need two blocks in a launch"},
      {"spread.between_builds", "deviations between builds need two builds of the artefact"},
      {"spread.between_launches", "deviations between launches need two launches"},
      {"spread.within_blocks", "deviations within blocks need two samples in a block"},
      {"warm_up", "the warm-up was not recorded"},
  };
  return sentences;
}

const Sentences& sentences_for_facts() {
  static const Sentences sentences{
      {"clocks", "clock frequencies are not read"},
      {"driver", "there is no GPU driver"},
      {"flops", "a shape in the model is not known before it runs"},
      {"governor", "the kernel shows no frequency governor here"},
      {"gpu", "no GPU was found"},
      {"parameters", "the model's weights were not counted"},
  };
  return sentences;
}

std::string sentence(const Sentences& sentences, std::string_view key) {
  const auto found = sentences.find(key);
  return found == sentences.end() ? "it was not recorded" : found->second;
}

bool is_told_otherwise(std::string_view key) {
  return key == "failure" || key == "failure.signal" || key == "missing";
}

void collect_nulls(const Json& object, const std::string& prefix, std::vector<std::string>& keys) {
  for (const auto& [name, value] : object.items()) {
    const std::string key = prefix + name;
    if (is_told_otherwise(key)) continue;
    if (value.is_null()) keys.push_back(key);
    if (value.is_object()) collect_nulls(value, key + ".", keys);
  }
}

/// What is only known when a cell, or its batch size, is done.
bool is_told_at_the_end(std::string_view key) {
  return key == "audit" || key == "memory.steady_bytes" || key == "ratio_to_best";
}

std::string reason_for_unmeasured(const Cell& cell) {
  if (cell.status == CellStatus::partial) return "the run ended before this cell was measured";
  return fmt::format("the cell is {}", to_string(cell.status)) + (cell.reason.empty() ? "" : ": " + cell.reason);
}

}  // namespace

std::vector<std::string> null_figures(const Json& object) {
  std::vector<std::string> keys;
  collect_nulls(object, "", keys);
  return keys;
}

std::string reason_for_missing(const Cell& cell, const std::string& key) {
  if (const auto own = cell.missing.find(key); own != cell.missing.end()) return own->second;
  if (key == "latency_ms.p99" && cell.latency_ms) return fmt::format("{} samples are too few to know it", cell.latency_ms->n);
  if (key.starts_with("output_error.")) {
    if (cell.output_error.verdict == Verdict::not_checked) {
      return cell.output_error.reason.empty() ? "the outputs were not compared" : cell.output_error.reason;
    }
    if (key != "output_error.sqnr_db" || cell.output_error.verdict != Verdict::agrees) return "the outputs hold values that are not finite";
  }
  if (!cell.latency_ms && !key.starts_with("accuracy")) return reason_for_unmeasured(cell);
  if (cell.status == CellStatus::partial && is_told_at_the_end(key)) return "the run ended before this cell was done";
  return sentence(sentences_for_measured_cells(), key);
}

std::string reason_for_missing_fact(const std::string& key) {
  return sentence(sentences_for_facts(), key);
}

}  // namespace podium::report
