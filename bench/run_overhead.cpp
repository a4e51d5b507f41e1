// What a call of a loaded artefact costs beyond the engine's own call: the same session behind the contract, called directly. Blocks of
// both in turn, in changing order, so that drift hits both alike.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "artifact/opened.h"
#include "core/result.h"
#include "podium/artifact.h"
#include "runtime/call_check.h"
#include "runtime/engine.h"

namespace {

using namespace podium;

double nanoseconds_a_call(const std::function<void()>& call, int calls) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < calls; ++i) call();
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count() / calls;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

struct Way {
  std::string name;
  std::function<void()> call;
  std::vector<double> blocks{};
};

/// So many calls that a block takes about five milliseconds.
int calls_in_block(const Way& way) {
  const double once = nanoseconds_a_call(way.call, 20);
  return std::clamp(static_cast<int>(5e6 / once), 1, 100'000);
}

void measure(std::vector<Way>& ways, double seconds) {
  const int calls = calls_in_block(ways.front());
  std::mt19937 random(0);
  std::vector<std::size_t> order{0, 1, 2, 3};
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < end) {
    std::shuffle(order.begin(), order.end(), random);
    for (const std::size_t i : order) ways[i].blocks.push_back(nanoseconds_a_call(ways[i].call, calls));
  }
}

void print(const std::vector<Way>& ways) {
  const std::vector<double>& own = ways.front().blocks;
  fmt::print("{:<28} {:>12} {:>14} {:>10}\n", "", "median ns", "difference ns", "ratio");
  for (const Way& way : ways) {
    std::vector<double> differences;  // of neighbours in time
    for (std::size_t i = 0; i < own.size(); ++i) differences.push_back(way.blocks[i] - own[i]);
    fmt::print("{:<28} {:>12.0f} {:>14.0f} {:>10.4f}\n", way.name, median(way.blocks), median(differences),
               median(way.blocks) / median(own));
  }
  fmt::print("{} blocks of each way\n", own.size());
}

int run(const std::string& path, double seconds) {
  const Model model = load(path);
  const artifact::Opened artifact = value_or_throw(artifact::open(path, false));
  const runtime::Engine engine = value_or_throw(runtime::Engine::open(artifact.manifest));
  const ArtifactVariant& variant = artifact.manifest.variants.front();
  const std::vector<backend::InputSpec> specs = runtime::measured_specs(variant);
  const auto session = value_or_throw(engine.load(artifact, variant, specs, {})).session;
  std::vector<Tensor> inputs;
  std::vector<TensorView> views;
  for (const backend::InputSpec& spec : specs) {
    Tensor& input = inputs.emplace_back(Tensor::allocate(spec.name, spec.type, spec.shape));
    std::fill_n(static_cast<std::byte*>(input.mutable_data()), input.bytes(), std::byte{0});
    views.push_back({spec.name, spec.type, spec.shape, static_cast<std::byte*>(input.mutable_data())});
  }
  std::vector<Tensor> outputs = model.run(inputs);
  std::vector<Way> ways{{"the engine's own call",
                         [&] {
                           static_cast<void>(value_or_throw(session->run(views)));
                           value_or_throw(session->synchronize());
                         }},
                        {"run(), outputs lent", [&] { model.run(inputs, [](std::span<const Tensor>) {}); }},
                        {"run_into()", [&] { model.run_into(inputs, outputs); }},
                        {"run(), outputs copied", [&] { static_cast<void>(model.run(inputs)); }}};
  for (Way& way : ways) static_cast<void>(nanoseconds_a_call(way.call, 100));
  measure(ways, seconds);
  print(ways);
  return 0;
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) {
    fmt::print(stderr, "usage: run_overhead ARTEFACT SECONDS\n");
    return 2;
  }
  try {
    return run(words[1], std::stod(words[2]));
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
