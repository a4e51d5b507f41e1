// calibrate_model MODEL.onnx DATA METHOD [SAMPLES]: finds the range of every float value of a model, as `podium convert` does for the ones
// that it quantizes, and prints the time and the memory. The engine is ONNX Runtime.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "backends/api/registry.h"
#include "convert/calibration/calibration.h"
#include "core/install_paths.h"
#include "onnx/whole_model.h"
#include "search/engine_activations.h"

namespace {

namespace search = podium::search;
namespace data = podium::data;
namespace convert = podium::convert;
using podium::value_or_throw;

/// Peak resident memory of this process, in MiB.
double peak_mib() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kib = 0.0;
    if (word == "VmHWM:" && status >> kib) return kib / 1024.0;
  }
  return 0.0;
}

search::LentEngine engine() {
  const podium::InstallPaths paths = podium::find_install_paths();
  for (const podium::backend::Registered& it : value_or_throw(podium::backend::read_registry(paths.backends))) {
    if (it.descriptor.name != "onnxruntime") continue;
    return {{{paths.worker.string(), "--module", it.module.string()}, {}}, {}, value_or_throw(podium::backend::resolve_options(it.descriptor, {})), 0};
  }
  throw podium::Exception({podium::ErrorCode::unavailable, "ONNX Runtime is not built", {}});
}

/// What every node makes, integers left out, as far as the operator's name tells.
std::vector<std::string> float_values(const ::onnx::ModelProto& model) {
  std::vector<std::string> values;
  for (const auto& node : model.graph().node()) {
    const bool is_integer = node.op_type() == "Shape" || node.op_type() == "Constant" || node.op_type() == "Cast";
    if (!is_integer && node.output_size() > 0) values.push_back(node.output(0));
  }
  return values;
}

void run(const char* file, const char* data_file, podium::CalibrationMethod method, std::size_t samples) {
  const auto model = value_or_throw(podium::onnx::read_whole(file));
  podium::ModelFacts facts;
  facts.inputs = value_or_throw(podium::onnx::Model::read(file)).inputs();
  const auto inputs = value_or_throw(search::concrete_inputs(facts, {}));
  std::vector<data::WantedInput> wanted;
  for (const search::ConcreteInput& input : inputs.inputs) wanted.push_back({input.name, input.type, input.shape, input.has_batch_axis});
  const data::InputSet set = value_or_throw(data::read_inputs(data_file, wanted, samples));
  const auto start = std::chrono::steady_clock::now();
  search::EngineActivations source(engine(), inputs, 1, data::stream_of(set.samples), {});
  convert::CalibrationSettings settings;
  settings.method = method;
  const auto ranges = value_or_throw(convert::calibrate(*model, float_values(*model), settings, source, {}));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("%zu values, %zu samples, %s: %.2f s, %.0f MiB without the worker\n", ranges.size(), set.samples.size(),
              std::string(to_string(method)).c_str(), seconds, peak_mib());
}

}  // namespace

int main(int argc, char** argv) {
  const auto method = argc > 3 ? podium::parse_calibration_method(argv[3]) : std::nullopt;
  if (!method) return std::fputs("calibrate_model MODEL.onnx DATA METHOD [SAMPLES]\n", stderr), 2;
  try {
    run(argv[1], argv[2], *method, argc > 4 ? std::strtoul(argv[4], nullptr, 10) : 64);
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "%s\n", error.what()), 1;
  }
  return 0;
}
