// Several threads call one loaded artefact for a while; prints what memory the process holds as time goes by.
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "podium/artifact.h"

namespace {

using namespace podium;
using Clock = std::chrono::steady_clock;

/// Resident memory in kB.
long resident_kb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(std::strlen("VmRSS:")));
  }
  return 0;
}

std::vector<Tensor> zeros_for(const Model& model) {
  std::vector<Tensor> inputs;
  for (const TensorSpec& input : model.manifest().variants.front().inputs) {
    Shape shape;
    for (const Dimension& axis : input.dimensions) shape.push_back(axis.size);
    Tensor& tensor = inputs.emplace_back(Tensor::allocate(input.name, input.type, shape));
    std::memset(tensor.mutable_data(), 0, tensor.bytes());
  }
  return inputs;
}

int run(const std::string& path, double seconds, int threads) {
  const Model model = load(path);
  std::atomic<bool> ends = false;
  std::atomic<long> calls = 0;
  std::vector<std::jthread> running;
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([&] {
      const std::vector<Tensor> inputs = zeros_for(model);
      while (!ends) {
        static_cast<void>(model.run(inputs));
        ++calls;
      }
    });
  }
  constexpr int looks = 10;
  const Clock::time_point start = Clock::now();
  fmt::print("{:>10} {:>14} {:>16}\n", "seconds", "calls", "resident kB");
  for (int look = 1; look <= looks; ++look) {
    std::this_thread::sleep_until(start +
                                  std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds * look / looks)));
    fmt::print("{:>10.1f} {:>14} {:>16}\n", seconds * look / looks, calls.load(), resident_kb());
  }
  ends = true;
  return 0;
}

}  // namespace

int main(int count, char** words) {
  if (count != 4) {
    fmt::print(stderr, "usage: run_soak ARTEFACT SECONDS THREADS\n");
    return 2;
  }
  try {
    return run(words[1], std::stod(words[2]), std::stoi(words[3]));
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
