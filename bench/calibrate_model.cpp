// calibrate_model MODEL.onnx DATA METHOD [SAMPLES [OPTION VALUE]]: finds the range of every float value of a model, as `podium convert`
// does for the ones that it quantizes, and prints the time and the memory; before that, what running the model alone takes. The engine is
// ONNX Runtime, with an option of its backend where one is given.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <span>
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

search::LentEngine engine(const std::map<std::string, std::string>& options) {
  const podium::InstallPaths paths = podium::find_install_paths();
  for (const podium::backend::Registered& it : value_or_throw(podium::backend::read_registry(paths.backends))) {
    if (it.descriptor.name != "onnxruntime") continue;
    return {{{paths.worker.string(), "--module", it.module.string()}, {}},
            {},
            value_or_throw(podium::backend::resolve_options(it.descriptor, options)),
            0};
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

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Nothing is done with the values.
void run_alone(const ::onnx::ModelProto& model, std::span<const std::string> values, search::EngineActivations& source) {
  const auto start = std::chrono::steady_clock::now();
  double ready = 0.0;
  const auto tapped = value_or_throw(convert::with_outputs(model, values));
  value_or_throw(source.run(tapped, [&](std::int64_t batch, std::span<const convert::Activation>) -> podium::Result<void> {
    if (batch == 0) ready = seconds_since(start);
    return {};
  }));
  std::printf("engine alone: %.2f s, %.2f s of it up to the first batch\n", seconds_since(start), ready);
}

void run(const char* file, const char* data_file, podium::CalibrationMethod method, std::size_t samples,
         const std::map<std::string, std::string>& options) {
  const auto model = value_or_throw(podium::onnx::read_whole(file));
  podium::ModelFacts facts;
  facts.inputs = value_or_throw(podium::onnx::Model::read(file)).inputs();
  const auto inputs = value_or_throw(search::concrete_inputs(facts, {}));
  std::vector<data::WantedInput> wanted;
  for (const search::ConcreteInput& input : inputs.inputs) wanted.push_back({input.name, input.type, input.shape, input.has_batch_axis});
  const data::InputSet set = value_or_throw(data::read_inputs(data_file, wanted, samples));
  search::EngineActivations source(engine(options), inputs, 1, data::stream_of(set.samples), {});
  const std::vector<std::string> values = float_values(*model);
  run_alone(*model, values, source);
  const auto start = std::chrono::steady_clock::now();
  convert::CalibrationSettings settings;
  settings.method = method;
  const auto ranges = value_or_throw(convert::calibrate(*model, values, settings, source, {}));
  const double seconds = seconds_since(start);
  std::printf("%zu values, %zu samples, %s: %.2f s, %.0f MiB without the worker\n", ranges.size(), set.samples.size(),
              std::string(to_string(method)).c_str(), seconds, peak_mib());
}

}  // namespace

int main(int argc, char** argv) {
  const auto method = argc > 3 ? podium::parse_calibration_method(argv[3]) : std::nullopt;
  if (!method) return std::fputs("calibrate_model MODEL.onnx DATA METHOD [SAMPLES [OPTION VALUE]]\n", stderr), 2;
  try {
    std::map<std::string, std::string> options;
    if (argc > 6) options[argv[5]] = argv[6];
    run(argv[1], argv[2], *method, argc > 4 ? std::strtoul(argv[4], nullptr, 10) : 64, options);
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "%s\n", error.what()), 1;
  }
  return 0;
}
