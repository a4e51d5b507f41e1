#pragma once

#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

/// What the hand-written loops share: their arguments, the inputs in memory, and the conversation with bench/compare_with_handwritten.
/// Nothing of Podium is in here: the loops show what an engine does without it.
namespace handwritten {

struct Arguments {
  std::string model;
  int threads = 1;
  std::vector<std::int64_t> shape;  ///< of one batch of the only input, float32
  std::vector<float> values;        ///< of all batches, one behind the other
  std::size_t batch_values = 1;

  [[nodiscard]] std::size_t batches() const { return values.size() / batch_values; }
};

/// PROGRAM MODEL INPUTS THREADS DIMENSION… ; INPUTS is a file of raw float32 values.
inline Arguments read_arguments(int count, char** words) {
  if (count < 5) throw std::runtime_error("usage: PROGRAM MODEL INPUTS THREADS DIMENSION...");
  Arguments arguments;
  arguments.model = words[1];
  arguments.threads = std::stoi(words[3]);
  for (int i = 4; i < count; ++i) arguments.shape.push_back(std::stoll(words[i]));
  for (const std::int64_t size : arguments.shape) arguments.batch_values *= static_cast<std::size_t>(size);
  std::ifstream file(words[2], std::ios::binary | std::ios::ate);
  arguments.values.resize(static_cast<std::size_t>(file.tellg()) / sizeof(float));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(arguments.values.data()), static_cast<std::streamsize>(arguments.values.size() * sizeof(float)));
  if (!file || arguments.batches() == 0) throw std::runtime_error("the file of inputs cannot be read or holds no whole batch");
  return arguments;
}

/// Each line on standard input is a number of seconds; the answer is a line of nanoseconds, one for each call of `run(batch)` in that time.
template <typename Run>
void serve(Arguments& arguments, Run&& run) {
  using Clock = std::chrono::steady_clock;
  std::vector<std::int64_t> samples;
  std::size_t next = 0;
  std::cout << "ready" << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    samples.clear();
    const auto end = Clock::now() + std::chrono::duration<double>(std::stod(line));
    Clock::time_point after;
    do {
      float* batch = arguments.values.data() + next++ % arguments.batches() * arguments.batch_values;
      const auto before = Clock::now();
      run(batch);
      after = Clock::now();
      samples.push_back(std::chrono::duration_cast<std::chrono::nanoseconds>(after - before).count());
    } while (after < end);
    for (const std::int64_t sample : samples) std::cout << sample << ' ';
    std::cout << std::endl;
  }
}

template <typename Measure>
int guarded_main(int count, char** words, Measure&& measure) {
  try {
    Arguments arguments = read_arguments(count, words);
    measure(arguments);
    return 0;
  } catch (const std::exception& exception) {
    std::cerr << "error: " << exception.what() << '\n';
    return 1;
  }
}

}  // namespace handwritten
