// Several threads call one loaded artefact for a while; prints what memory the process holds as time goes by, and how fast it grows.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <fstream>
#include <span>
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

/// Least squares over equally spaced looks, in kB a look. Warm-up grows memory for good reasons, so the first fifth is left out.
double growth_a_look(std::span<const long> resident) {
  const std::span<const long> late = resident.subspan(resident.size() / 5);
  const auto count = static_cast<double>(late.size());
  const double middle = (count - 1.0) / 2.0;
  double mean = 0.0;
  for (const long value : late) mean += static_cast<double>(value) / count;
  double above = 0.0;
  double below = 0.0;
  for (std::size_t i = 0; i < late.size(); ++i) {
    const double away = static_cast<double>(i) - middle;
    above += away * (static_cast<double>(late[i]) - mean);
    below += away * away;
  }
  return below > 0.0 ? above / below : 0.0;
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
  constexpr int looks = 60;
  constexpr int looks_a_line = 6;
  std::vector<long> resident;
  const Clock::time_point start = Clock::now();
  fmt::print("{:>10} {:>14} {:>16}\n", "seconds", "calls", "resident kB");
  for (int look = 1; look <= looks; ++look) {
    std::this_thread::sleep_until(start +
                                  std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds * look / looks)));
    resident.push_back(resident_kb());
    if (look % looks_a_line == 0) fmt::print("{:>10.1f} {:>14} {:>16}\n", seconds * look / looks, calls.load(), resident.back());
  }
  ends = true;
  const double kb_a_minute = growth_a_look(resident) * looks / seconds * 60.0;
  fmt::print("{} threads, {} calls, resident memory grows by {:.1f} kB a minute ({:.4f} bytes a call), the first fifth left out\n", threads,
             calls.load(), kb_a_minute, kb_a_minute * 1024.0 / 60.0 * seconds / static_cast<double>(std::max(calls.load(), 1L)));
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
