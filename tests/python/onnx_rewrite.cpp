// onnx-rewrite STEPS IN OUT [IN OUT …]: reads, rewrites and writes models for test_rewrite.py. STEPS: "simplify" and "opset=17", with
// commas between them. Prints a line for each model: "ok", or the error.
#include <charconv>
#include <iostream>
#include <string>

#include "core/text.h"
#include "onnx/opset.h"
#include "onnx/simplify.h"
#include "onnx/whole_model.h"

namespace {

using podium::Result;

Result<void> rewrite(::onnx::ModelProto& model, const std::string& step) {
  if (step == "simplify") {
    const auto done = podium::onnx::simplify(model);
    return done ? Result<void>() : tl::unexpected(done.error());
  }
  std::int64_t version = 0;
  const std::string text = step.substr(step.find('=') + 1);
  std::from_chars(text.data(), text.data() + text.size(), version);
  return podium::onnx::convert_opset(model, version);
}

Result<void> rewrite_file(const std::string& steps, const char* from, const char* to) {
  const auto model = podium::onnx::read_whole(from);
  if (!model) return tl::unexpected(model.error());
  for (const std::string& step : podium::split(steps, ',')) {
    if (Result<void> done = rewrite(**model, step); !done) return done;
  }
  const auto written = podium::onnx::write_model(**model, to);
  return written ? Result<void>() : tl::unexpected(written.error());
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) return 2;
  for (int i = 2; i + 1 < count; i += 2) {
    const Result<void> done = rewrite_file(arguments[1], arguments[i], arguments[i + 1]);
    std::cout << (done ? "ok" : done.error().message) << std::endl;
  }
  return 0;
}
