#include "search/cell_key.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/sha256.h"
#include "core/tensor_view.h"

namespace podium::search {
namespace {

/// Fields with their lengths before them, so that no text in one can pass for another.
class Canonical {
 public:
  void add(std::string_view name, std::string_view value) { text_ += fmt::format("{}={}:{}\n", name, value.size(), value); }
  void add(std::string_view name, std::int64_t value) { add(name, std::to_string(value)); }
  [[nodiscard]] std::string hash() const { return sha256_of_text(text_); }

 private:
  std::string text_;
};

void add_machine(Canonical& canonical, const Environment& environment) {
  canonical.add("cpu", environment.cpu);
  std::vector<std::string> isa = environment.isa;
  std::sort(isa.begin(), isa.end());
  for (const std::string& set : isa) canonical.add("isa", set);
  canonical.add("cores", environment.cores);
  canonical.add("gpu", environment.gpu);
  canonical.add("driver", environment.driver);
  canonical.add("governor", environment.governor);
  canonical.add("os", environment.os);  // with the kernel: its scheduler and mitigations cost time
  canonical.add("podium", environment.podium_version);
  canonical.add("build type", environment.build_type);
}

}  // namespace

std::string cell_key(const Cell& cell, const Environment& environment, const ModelFacts& model, const RunSettings& settings) {
  Canonical canonical;
  canonical.add("format", "podium.cell-key/2");
  canonical.add("model", model.sha256);
  canonical.add("variant", cell.variant_sha256);
  canonical.add("inputs", settings.data_sha256);
  for (const auto& [input, shape] : settings.shapes) {
    canonical.add("input", input);
    canonical.add("shape", to_string(shape));
  }
  canonical.add("backend", cell.backend);
  const auto version = environment.versions.find(cell.backend);
  canonical.add("engine version", version == environment.versions.end() ? std::string() : version->second);
  canonical.add("precision", to_string(cell.precision));
  canonical.add("batch", cell.batch);
  canonical.add("device", cell.device);
  for (const auto& [name, value] : cell.options) {
    canonical.add("option", name);
    canonical.add("type", static_cast<std::int64_t>(value.index()));  // the text "on" is not the flag that is on
    canonical.add("value", to_string(value));
  }
  canonical.add("threads", settings.threads > 0 ? settings.threads : environment.cores);  // 0 stands for the usable CPUs
  canonical.add("boundary", cell.timing_boundary);
  canonical.add("mode", cell.mode);
  canonical.add("concurrency", cell.concurrency);
  add_machine(canonical, environment);
  return canonical.hash();
}

}  // namespace podium::search
