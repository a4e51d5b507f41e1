// calibrate_values METHOD symmetric|asymmetric LEVELS PERCENTILE FILE…: prints the range of float32 numbers; each file is a batch of them,
// nothing else. For tests/python/test_calibration.py.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "convert/calibration/calibration.h"

namespace {

std::vector<float> read(const char* file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

}  // namespace

int main(int argc, char** argv) {
  constexpr int first_file = 5;
  const auto method = argc < first_file ? std::nullopt : podium::parse_calibration_method(argv[1]);
  if (!method) return 2;
  podium::convert::CalibrationSettings settings;
  settings.method = *method;
  settings.symmetric = std::string(argv[2]) == "symmetric";
  settings.levels = std::atoi(argv[3]);
  settings.percentile = std::atof(argv[4]);
  const auto calibrator = podium::convert::make_calibrator(settings);
  for (int i = first_file; i < argc; ++i) calibrator->observe(read(argv[i]));
  const podium::convert::Range range = calibrator->range();
  std::printf("%.9g %.9g\n", static_cast<double>(range.low), static_cast<double>(range.high));
  return 0;
}
