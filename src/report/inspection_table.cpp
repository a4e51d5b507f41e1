#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/text.h"
#include "podium/report.h"
#include "report/canvas.h"
#include "report/figures.h"

namespace podium {
namespace {

using namespace report;
using Pairs = std::vector<std::pair<std::string, std::string>>;

/// "float32 [batch, 3, 224, 224]"; a free axis shows its name, or "?".
std::string type_and_shape(const TensorSpec& tensor) {
  std::vector<std::string> axes;
  for (const Dimension& axis : tensor.dimensions) {
    if (axis.is_free())
      axes.push_back(axis.name.empty() ? "?" : axis.name);
    else
      axes.push_back(std::to_string(axis.size));
  }
  return printable(fmt::format("{} [{}]", to_string(tensor.type), join(axes, ", ")));
}

Pairs pairs_of(const std::vector<TensorSpec>& tensors) {
  Pairs pairs;
  for (const TensorSpec& tensor : tensors) pairs.emplace_back(printable(tensor.name), type_and_shape(tensor));
  return pairs;
}

/// Largest first: what a model is made of shows in the first lines.
template <typename Format>
Pairs sorted_pairs(const std::map<std::string, std::int64_t>& counts, Format&& format) {
  std::vector<std::pair<std::string, std::int64_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  Pairs pairs;
  for (const auto& [name, count] : sorted) pairs.emplace_back(printable(name), format(count));
  return pairs;
}

void section(Canvas& canvas, const std::string& title, const Pairs& pairs) {
  if (pairs.empty()) return;
  canvas.blank();
  canvas.line(ink::bold, title);
  draw_pairs(canvas, pairs);
}

std::string opsets_of(const Inspection& inspection) {
  std::vector<std::string> opsets;
  for (const auto& [domain, version] : inspection.opsets)
    opsets.push_back(fmt::format("{} {}", domain.empty() ? "ai.onnx" : domain, version));
  return printable(join(opsets, ", "));
}

Pairs facts_of(const Inspection& inspection) {
  const ModelFacts& facts = inspection.facts;
  return {{"format", printable(inspection.format)},
          {"size", inspection.file_bytes > 0 ? human_bytes(static_cast<double>(inspection.file_bytes)) : ""},
          {"producer", printable(inspection.producer)},
          {"opsets", opsets_of(inspection)},
          {"parameters", facts.parameters ? fmt::format("{} ({})", large_count(*facts.parameters), *facts.parameters) : ""},
          {"work", facts.flops ? operations(*facts.flops) + " an input" : ""},
          {"weights", facts.trained_weights ? "" : "not trained: from a seed"},
          {"sha256", printable(facts.sha256)}};
}

std::string quoted_for_shell(const std::string& text) {
  const bool is_plain =
      !text.empty() &&
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:+,=@") == std::string::npos;
  if (is_plain) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

bool wants_shape(const TensorSpec& input) {
  const auto& axes = input.dimensions;
  return std::any_of(axes.begin() + (axes.empty() ? 0 : 1), axes.end(), [](const Dimension& axis) { return axis.is_free(); });
}

/// The command that measures this model, with --shape where a free axis that is not the batch's wants a size.
std::string next_command(const ModelFacts& facts) {
  std::string command = "podium bench " + quoted_for_shell(facts.name);
  for (const TensorSpec& input : facts.inputs) {
    const auto& axes = input.dimensions;
    if (!wants_shape(input)) continue;
    std::vector<std::string> sizes;
    for (const Dimension& axis : axes) sizes.push_back(axis.is_free() ? (sizes.empty() ? "1" : "128") : std::to_string(axis.size));
    command += " --shape " + quoted_for_shell(input.name + "=" + join(sizes, "x"));
  }
  const bool has_batch = std::any_of(facts.inputs.begin(), facts.inputs.end(), [](const TensorSpec& input) {
    return !input.dimensions.empty() && input.dimensions.front().is_free();
  });
  return printable(command + (has_batch ? " --batch 1,8" : ""));
}

}  // namespace

std::string to_table(const Inspection& inspection, const TableStyle& style) {
  Canvas canvas(style);
  canvas.paragraph(ink::bold, printable(inspection.facts.name));
  draw_pairs(canvas, facts_of(inspection));
  section(canvas, "Inputs", pairs_of(inspection.facts.inputs));
  section(canvas, "Outputs", pairs_of(inspection.facts.outputs));
  section(canvas, "Operators", sorted_pairs(inspection.operators, [](std::int64_t count) { return std::to_string(count); }));
  section(canvas, "Weights",
          sorted_pairs(inspection.weight_bytes_by_type, [](std::int64_t bytes) { return human_bytes(static_cast<double>(bytes)); }));
  canvas.blank();
  if (std::any_of(inspection.facts.inputs.begin(), inspection.facts.inputs.end(), wants_shape))
    canvas.paragraph(ink::dim, "128 below stands for sizes that the model leaves open: put in what yours are.");
  canvas.line(ink::dim, "Measure it: " + next_command(inspection.facts));
  return canvas.take();
}

}  // namespace podium
