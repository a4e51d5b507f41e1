#include <fmt/format.h>
#include <map>

#include <algorithm>
#include <string>
#include <vector>

#include "core/text.h"
#include "podium/report.h"
#include "report/canvas.h"
#include "report/text_layout.h"

namespace podium {
namespace {

using namespace report;

std::string joined(std::vector<std::string> parts, const std::string& separator) {
  std::erase(parts, "");
  return printable(join(parts, separator));
}

std::string precisions_of(const BackendReport& backend) {
  std::vector<std::string> names;
  for (const Precision precision : backend.precisions) names.emplace_back(to_string(precision));
  return join(names, ", ");
}

/// What was found of the machine just now, in short: the results file has the rest.
std::string found_now(const std::map<std::string, std::string>& preflight) {
  std::vector<std::string> parts;
  for (const auto& [key, name] :
       {std::pair{"foreign_load", "other programs"}, {"steal", "hypervisor"}, {"pinning", "pinning"}, {"priority", "priority"}}) {
    if (const auto fact = preflight.find(key); fact != preflight.end()) parts.push_back(fmt::format("{}: {}", name, fact->second));
  }
  return printable(join(parts, "; "));
}

std::string description_of(const Gpu& gpu) {
  return joined({gpu.name, gpu.memory_bytes > 0 ? human_bytes(static_cast<double>(gpu.memory_bytes)) + " of memory" : "",
                 gpu.compute_capability.empty() ? "" : "compute capability " + gpu.compute_capability},
                ", ");
}

void draw_machine(Canvas& canvas, const Environment& machine) {
  const auto known = [](const std::string& text) { return text.empty() ? std::string("none found") : printable(text); };
  canvas.line(ink::bold, "This machine");
  std::vector<std::pair<std::string, std::string>> facts{
      {"CPU", known(machine.cpu)},
      {"usable", fmt::format("{} {}, {} of memory", machine.cores, machine.cores == 1 ? "core" : "cores",
                             human_bytes(static_cast<double>(machine.memory_bytes)))},
      {"instructions", printable(join(machine.isa, " "))},
      {"GPU", joined({known(machine.gpu), machine.driver.empty() ? "" : "driver " + machine.driver}, ", ")}};
  for (const Gpu& gpu : machine.gpus) facts.emplace_back(printable(gpu.device), description_of(gpu));
  facts.insert(facts.end(), {{"governor", known(machine.governor)},
                             {"system", known(machine.os)},
                             {"podium", joined({machine.podium_version, machine.build_type}, ", ")}});
  facts.emplace_back("now", found_now(machine.preflight));
  draw_pairs(canvas, facts);
  for (const std::string& warning : machine.warnings) canvas.paragraph(ink::yellow, printable(warning), "  ! ");
}

void draw_backend(Canvas& canvas, const BackendReport& backend, std::size_t name_width) {
  const std::string name = pad_right(printable(backend.name), name_width);
  const std::string lead = fmt::format("  {}  ", name);
  const std::string what = joined({backend.engine, backend.version}, " ");
  if (backend.available) {
    const std::string devices = joined(backend.devices, ", ");
    canvas.paragraph(ink::green, fmt::format("ready – {}", joined({what, devices, precisions_of(backend)}, "; ")), lead);
    if (!backend.place.empty())
      canvas.line(ink::dim, std::string(display_width(lead), ' ') + printable(backend.place));  // whole, to be copied
    return;
  }
  const std::string reason = backend.reason.empty() ? "it did not say why" : printable(backend.reason);
  canvas.paragraph(ink::yellow, fmt::format("missing – {}: {}", what, reason), lead);
  draw_remedy(canvas, printable(backend.remedy), std::string(lead.size(), ' '));
}

/// Below a backend's line: each device on which the tiny model was run.
void draw_self_tests(Canvas& canvas, const BackendReport& backend, std::size_t name_width) {
  const std::string indent(name_width + 4, ' ');
  for (const SelfTest& test : backend.self_tests) {
    const std::string device = printable(test.device);
    if (test.works) {
      canvas.paragraph(ink::green, fmt::format("self-test on {}: works ({:.1f} s)", device, test.seconds), indent);
      continue;
    }
    canvas.paragraph(ink::red, fmt::format("self-test on {}: does not work: {}", device, printable(test.reason)), indent);
    draw_remedy(canvas, printable(test.remedy), indent);
  }
}

/// What the self-test came to; empty where there was none.
std::string self_test_summary(const Diagnosis& diagnosis) {
  std::size_t tests = 0;
  std::size_t working = 0;
  for (const BackendReport& backend : diagnosis.backends) {
    for (const SelfTest& test : backend.self_tests) {
      ++tests;
      working += test.works ? 1 : 0;
    }
  }
  return tests == 0 ? "" : fmt::format("The self-test: {} of {} ran a tiny model and answered rightly. ", working, tests);
}

std::string values_of(const OptionSpec& option) {
  switch (option.type) {
    case OptionType::flag:
      return "on | off";
    case OptionType::integer:
      return fmt::format("{} … {}", option.minimum, option.maximum);
    case OptionType::choice:
      return join(option.choices, " | ");
    case OptionType::text:
      break;
  }
  return "any text";
}

}  // namespace

std::string to_table(const Diagnosis& diagnosis, const TableStyle& style) {
  Canvas canvas(style);
  draw_machine(canvas, diagnosis.environment);
  canvas.blank();
  canvas.line(ink::bold, "Backends");
  std::size_t widest = 0;
  for (const BackendReport& backend : diagnosis.backends) widest = std::max(widest, display_width(printable(backend.name)));
  for (const BackendReport& backend : diagnosis.backends) {
    draw_backend(canvas, backend, widest);
    draw_self_tests(canvas, backend, widest);
  }
  const auto ready =
      std::count_if(diagnosis.backends.begin(), diagnosis.backends.end(), [](const BackendReport& b) { return b.available; });
  canvas.blank();
  canvas.paragraph(ink::dim, fmt::format("{}{} of {} backends are ready.", self_test_summary(diagnosis), ready, diagnosis.backends.size()));
  canvas.line(ink::dim, "Their options: podium doctor --options");  // like every command in one line
  return canvas.take();
}

std::string to_options_table(const std::vector<BackendReport>& backends, const TableStyle& style) {
  Canvas canvas(style);
  for (const BackendReport& backend : backends) {
    if (!canvas.is_empty()) canvas.blank();
    canvas.paragraph(ink::bold, fmt::format("{} – {}", printable(backend.name), printable(backend.engine)));
    if (backend.options.empty()) canvas.line(ink::dim, "  no options");
    for (const OptionSpec& option : backend.options) {
      const std::string standard = to_string(option.default_value);
      canvas.paragraph(ink::none, fmt::format("{}.{} = {}", backend.name, option.name, values_of(option)), "  ", 2);
      canvas.paragraph(ink::dim, fmt::format("{} (default: {})", printable(option.help), standard.empty() ? "none" : printable(standard)),
                       "      ");
    }
  }
  return canvas.take();
}

}  // namespace podium
