#include <fmt/format.h>

#include "core/numbers.h"
#include "core/text.h"
#include "machine/preflight_checks.h"

namespace podium::machine {

namespace {

/// "345 of at most 1980 MHz"
template <typename Value>
std::string of_at_most(const std::optional<Value>& now, const std::optional<Value>& limit, const char* unit) {
  if (!now) return not_readable;
  return limit ? fmt::format("{:.0f} of at most {:.0f} {}", static_cast<double>(*now), static_cast<double>(*limit), unit)
               : fmt::format("{:.0f} {}", static_cast<double>(*now), unit);
}

void tell_facts(const GpuReading& now, const GpuLimits& limits, PreflightReport& report) {
  report.facts["gpu"] = "measured on";
  report.facts["gpu_clock"] = of_at_most(now.clock_mhz, limits.clock_mhz, "MHz");
  report.facts["gpu_memory_clock"] = of_at_most(now.memory_clock_mhz, {}, "MHz");
  report.facts["gpu_power"] = of_at_most(now.power_w, limits.power_w, "W");
  report.facts["gpu_temperature"] = of_at_most(now.temperature_c, {}, "°C");
  report.facts["gpu_memory_used"] = now.memory_used_bytes ? human_bytes(static_cast<double>(*now.memory_used_bytes)) : not_readable;
  report.facts["gpu_busy"] = now.busy_share ? fmt::format("{:.0f} %", 100.0 * *now.busy_share) : not_readable;
  const std::string words = throttle_words(now.throttling.value_or(0));
  report.facts["gpu_throttle"] = !now.throttling ? not_readable : words.empty() ? "nothing" : words;
  report.facts["gpu_persistence"] = !limits.persistence ? not_readable : *limits.persistence ? "on" : "off";
}

}  // namespace

void check_gpu(const CheckInput& input, PreflightReport& report) {
  constexpr double most_busy = 0.1;
  constexpr double most_memory = 0.1;
  report.facts["gpu"] = "not measured on";
  if (input.gpu == nullptr) return;
  const GpuReading now = input.gpu->read();
  const GpuLimits limits = input.gpu->limits();
  tell_facts(now, limits, report);
  const auto find = [&report](Severity severity, std::string sentence, const char* remedy) {
    report.findings.push_back({severity, std::move(sentence), remedy});
  };
  if (now.busy_share.value_or(0.0) > most_busy)
    find(Severity::bad, fmt::format("Another program keeps the GPU busy, {:.0f} % of the time", 100.0 * *now.busy_share),
         "stop it ('nvidia-smi' shows which)");
  if (now.memory_used_bytes && now.memory_bytes &&
      static_cast<double>(*now.memory_used_bytes) > most_memory * static_cast<double>(*now.memory_bytes))
    find(Severity::warning,
         fmt::format("Other programs hold {} of the GPU's memory", human_bytes(static_cast<double>(*now.memory_used_bytes))),
         "stop them ('nvidia-smi' shows which)");
  if (is_held_back(now.throttling.value_or(0)))
    find(Severity::bad, fmt::format("The GPU's clock is lowered before anything runs: {}", throttle_words(*now.throttling)),
         "let it cool, and check its power supply");
  if (limits.persistence && !*limits.persistence)
    find(Severity::warning, "The GPU's driver is unloaded between programs, so each starts slowly and with low clocks",
         "keep it loaded with 'sudo nvidia-smi -pm 1'");
}

}  // namespace podium::machine
