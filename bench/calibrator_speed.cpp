// What observing costs: nanoseconds for each number and milliseconds to find the range, by method and distribution. Measures calibrators
// alone, in one thread; bench/calibration measures whole conversions.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "convert/calibration/calibration.h"

namespace {

using podium::convert::CalibrationSettings;
using Clock = std::chrono::steady_clock;

constexpr std::size_t count = std::size_t{1} << 20U;
constexpr int repetitions = 20;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Distribution {
  const char* name;
  float (*of_normal)(float);
};
constexpr Distribution distributions[] = {
    {"two-sided", [](float x) { return x; }},
    {"behind a ReLU", [](float x) { return std::max(x, 0.0F); }},
    {"behind a SiLU", [](float x) { return x / (1.0F + std::exp(-x)); }},
    {"all equal", [](float) { return 0.5F; }},
};

void measure(podium::CalibrationMethod method, const Distribution& distribution) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = distribution.of_normal(normal(random));
  CalibrationSettings settings;
  settings.method = method;
  const auto calibrator = podium::convert::make_calibrator(settings);
  calibrator->observe(values);
  const auto start = Clock::now();
  for (int i = 0; i < repetitions; ++i) calibrator->observe(values);
  const double observing = seconds_since(start);
  const auto middle = Clock::now();
  const podium::convert::Range range = calibrator->range();
  const double finding = seconds_since(middle);
  std::printf("%-16s %-16s %6.2f ns a number  %8.3f ms to find [%.3f, %.3f]\n", std::string(to_string(method)).c_str(), distribution.name,
              observing * 1e9 / (static_cast<double>(count) * repetitions), finding * 1e3, static_cast<double>(range.low),
              static_cast<double>(range.high));
}

}  // namespace

int main() {
  for (const podium::CalibrationMethod method : podium::all_calibration_methods()) {
    for (const Distribution& distribution : distributions) measure(method, distribution);
  }
  return 0;
}
