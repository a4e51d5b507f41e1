// Takes the quantization out of an ONNX file as the backend tensorrt does for int8=ranges, and prints the ranges, one a line.
// usage: test_take_out_quantization FROM TO
#include <fmt/format.h>

#include <cstdio>

#include "backends/tensorrt/ranges.h"
#include "core/files.h"

int main(int count, char** words) {
  if (count != 3) return 2;
  const auto file = podium::read_text_file(words[1]);
  const auto taken = file ? podium::tensorrt::take_out_quantization(*file) : tl::unexpected(file.error());
  const auto written = taken ? podium::write_file_atomically(words[2], taken->onnx) : tl::unexpected(taken.error());
  if (!written) {
    std::fputs((written.error().message + "\n").c_str(), stderr);
    return 1;
  }
  for (const auto& [value, range] : taken->ranges) std::puts(fmt::format("{} {}", value, range).c_str());
  return 0;
}
