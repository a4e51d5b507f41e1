// convert-half IN OUT fp16|bf16 [narrow-io] [wide=NAME …]: prints the report, or the error, as JSON.

#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "convert/half.h"
#include "onnx/whole_model.h"

namespace {

nlohmann::json error_of(const podium::Error& error) {
  return {{"error", error.message}, {"unsupported", error.code == podium::ErrorCode::unsupported}};
}

nlohmann::json converted(const std::vector<std::string>& arguments) {
  auto model = podium::onnx::read_whole(arguments.at(0));
  if (!model) return error_of(model.error());
  podium::convert::HalfRequest request;
  request.type = arguments.at(2) == "bf16" ? podium::DataType::bfloat16 : podium::DataType::float16;
  for (std::size_t i = 3; i < arguments.size(); ++i) {
    if (arguments[i] == "narrow-io") request.keep_io = false;
    if (arguments[i].starts_with("wide=")) request.wide.insert(arguments[i].substr(5));
  }
  const auto made = podium::convert::to_half(**model, request, nullptr, {});
  if (!made) return error_of(made.error());
  const podium::ConversionReport& report = made->report;
  if (const auto written = podium::onnx::write_model(**model, arguments.at(1)); !written) return error_of(written.error());
  return {{"converted", report.converted}, {"nodes", report.nodes}, {"left_wide", report.left_wide}, {"notes", report.notes}};
}

}  // namespace

int main(int count, char** values) {
  std::cout << converted({values + 1, values + count}) << "\n";
}
