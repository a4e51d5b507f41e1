#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "commands.h"
#include "errors.h"
#include "podium/inspect.h"
#include "podium/names.h"

namespace cli {
namespace {

constexpr const char* description =
    "Say what is in a model, without running it: inputs, outputs, operators, weights.\n\n"
    "Examples:\n"
    "  podium inspect model.onnx\n"
    "  podium inspect torchvision:resnet50";

std::string shape_of(const podium::TensorSpec& tensor) {
  std::vector<std::string> axes;
  for (const podium::Dimension& axis : tensor.dimensions) {
    axes.push_back(axis.is_free() ? (axis.name.empty() ? "?" : podium::printable(axis.name)) : std::to_string(axis.size));
  }
  return axes.empty() ? "scalar" : fmt::format("{}", fmt::join(axes, " x "));
}

void print_tensors(const char* title, const std::vector<podium::TensorSpec>& tensors) {
  fmt::print("{}\n", title);
  for (const podium::TensorSpec& tensor : tensors) {
    fmt::print("  {:<24} {:<9} {}\n", podium::printable(tensor.name), podium::to_string(tensor.type), shape_of(tensor));
  }
}

/// The most frequent first.
void print_operators(const std::map<std::string, std::int64_t>& operators) {
  if (operators.empty()) return;
  std::vector<std::pair<std::string, std::int64_t>> sorted(operators.begin(), operators.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  fmt::print("operators\n");
  for (const auto& [name, count] : sorted) fmt::print("  {:>6} {}\n", count, podium::printable(name));
}

void print_facts(const podium::Inspection& inspection) {
  const podium::ModelFacts& facts = inspection.facts;
  fmt::print("model      {}\nformat     {}", podium::printable(facts.name), inspection.format);
  if (inspection.file_bytes > 0) fmt::print(", {}", podium::human_bytes(static_cast<double>(inspection.file_bytes)));
  if (!inspection.producer.empty()) fmt::print(", made by {}", podium::printable(inspection.producer));
  fmt::print("\nsha256     {}\n", facts.sha256);
  if (facts.parameters) fmt::print("parameters {:.2f} million\n", static_cast<double>(*facts.parameters) * 1e-6);
  if (facts.flops)
    fmt::print("work       {:.2f} GFLOP for one input (a multiply-add counts as two)\n", static_cast<double>(*facts.flops) * 1e-9);
  if (!facts.trained_weights) fmt::print("weights    drawn from a seed: they show speed, not accuracy\n");
  for (const auto& [domain, version] : inspection.opsets)
    fmt::print("opset      {} {}\n", domain.empty() ? "ai.onnx" : podium::printable(domain), version);
  for (const auto& [type, bytes] : inspection.weight_bytes_by_type)
    fmt::print("weights    {} of {}\n", podium::human_bytes(static_cast<double>(bytes)), type);
}

/// The command that measures this model, with what its free axes need.
std::string next_command(const podium::ModelFacts& facts) {
  std::string command = "podium bench " + podium::printable(facts.name);
  for (const podium::TensorSpec& input : facts.inputs) {
    const bool free_inside = std::any_of(input.dimensions.begin() + (input.dimensions.empty() ? 0 : 1), input.dimensions.end(),
                                         [](const auto& axis) { return axis.is_free(); });
    if (!free_inside) continue;
    std::vector<std::string> sizes;
    for (std::size_t i = 0; i < input.dimensions.size(); ++i) {
      const podium::Dimension& axis = input.dimensions[i];
      sizes.push_back(i == 0 && axis.is_free() ? "1" : axis.is_free() ? "SIZE" : std::to_string(axis.size));
    }
    command += fmt::format(" --shape {}={}", podium::printable(input.name), fmt::join(sizes, "x"));
  }
  return command;
}

int run(const std::string& model) {
  const podium::Inspection inspection = podium::inspect(model);
  print_facts(inspection);
  print_tensors("inputs", inspection.facts.inputs);
  print_tensors("outputs", inspection.facts.outputs);
  print_operators(inspection.operators);
  fmt::print("\nNext: {}\n", next_command(inspection.facts));
  return exit_done;
}

}  // namespace

void add_inspect_command(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("inspect", description);
  const auto model = std::make_shared<std::string>();
  command->add_option("MODEL", *model, "as for 'podium bench'")->required();
  command->callback([model, &status] { status = run(*model); });
}

}  // namespace cli
