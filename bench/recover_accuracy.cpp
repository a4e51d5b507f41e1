// recover_accuracy MODEL.onnx DATA.npz METHOD FOLDER [BOUND_DB]: writes int8 models, one for each way of recovery, and prints the signal to
// noise of each on the calibration data. With a bound, layers are given back until it holds, and as many drawn by lot for comparison.
// `bench/judge_outputs` compares what the models answer on other data. The engine is ONNX Runtime.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "backends/api/registry.h"
#include "convert/recovery/give_back.h"
#include "convert/recovery/output_quality.h"
#include "convert/recovery/recovery.h"
#include "convert/recovery/static_conversion.h"
#include "core/install_paths.h"
#include "onnx/simplify.h"
#include "onnx/whole_model.h"
#include "search/engine_activations.h"

namespace {

using namespace podium;

search::LentEngine engine() {
  const InstallPaths paths = find_install_paths();
  for (const backend::Registered& it : value_or_throw(backend::read_registry(paths.backends))) {
    if (it.descriptor.name != "onnxruntime") continue;
    return {
        {{paths.worker.string(), "--module", it.module.string()}, {}}, {}, value_or_throw(backend::resolve_options(it.descriptor, {})), 0};
  }
  throw Exception({ErrorCode::unavailable, "ONNX Runtime is not built", {}});
}

class Recovery {
 public:
  Recovery(const ::onnx::ModelProto& model, convert::ActivationSource& source, CalibrationMethod method, std::filesystem::path folder)
      : model_(model), source_(source), folder_(std::move(folder)) {
    settings_.method = method;
    baseline_ = value_or_throw(convert::run_outputs(model, source, source.batches(), {}));
  }

  void calibrate(const ::onnx::ModelProto& model, const std::set<std::string>& exclude) {
    plan_ = value_or_throw(convert::plan_static(model, profile_, exclude));
    ranges_ = value_or_throw(convert::calibrate(model, plan_.activations, settings_, source_, {}));
  }

  void print(const char* name, const ::onnx::ModelProto& model) {
    value_or_throw(podium::onnx::write_model(model, folder_ / (std::string(name) + ".onnx")));
    const auto outputs = value_or_throw(convert::run_outputs(model, source_, source_.batches(), {}));
    std::printf("%-22s SQNR %.2f dB\n", name, convert::sqnr_db(baseline_, outputs));
    std::fflush(stdout);
  }

  ::onnx::ModelProto quantize(const ::onnx::ModelProto& model, const convert::StaticPlan& plan) {
    ::onnx::ModelProto quantized = model;
    value_or_throw(convert::apply_static(quantized, plan, profile_, ranges_));
    return quantized;
  }

  /// Quantizes `model`, whose float outputs are those of the original, with and without correction.
  void try_out(const std::string& name, const ::onnx::ModelProto& model, const std::set<std::string>& exclude) {
    calibrate(model, exclude);
    ::onnx::ModelProto quantized = quantize(model, plan_);
    print(name.c_str(), quantized);
    const std::int64_t corrected = value_or_throw(convert::correct_biases(model, quantized, source_, {}));
    print((name + "+corrected").c_str(), quantized);
    std::printf("  %lld biases corrected\n", static_cast<long long>(corrected));
  }

  void give_back(double bound_db) {
    calibrate(model_, {});
    const auto holds = [&](const ::onnx::ModelProto& model) -> Result<bool> {
      const auto outputs = convert::run_outputs(model, source_, source_.batches(), {});
      if (!outputs) return tl::unexpected(outputs.error());
      return convert::sqnr_db(baseline_, *outputs) >= bound_db;
    };
    const auto start = std::chrono::steady_clock::now();
    const convert::Progress progress;
    convert::StaticConversion conversion(model_, plan_, profile_, ranges_, settings_, source_, progress);
    const auto found = value_or_throw(convert::give_back(model_, conversion, source_, holds, progress));
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::printf("bound %.1f dB: %zu of %zu layers given back, %s, in %.1f s\n", bound_db, found.layers.size(), conversion.layers().size(),
                found.holds ? "holds" : "does not hold", seconds);
    for (const std::string& node : found.layers) std::printf("  %s\n", node.c_str());
    print("given-back", value_or_throw(conversion.without({found.layers.begin(), found.layers.end()})));
    draw_by_lot(found.layers.size());
  }

 private:
  ::onnx::ModelProto without(const std::vector<std::string>& wide) {
    const auto plan = convert::plan_static(model_, profile_, {wide.begin(), wide.end()});
    return quantize(model_, value_or_throw(Result<convert::StaticPlan>(plan)));
  }

  /// As many layers with weights, but no matter which.
  void draw_by_lot(std::size_t count) {
    std::vector<std::string> layers;
    for (const auto& node : model_.graph().node()) {
      const bool is_layer = node.op_type() == "Conv" || node.op_type() == "Gemm" || node.op_type() == "MatMul";
      if (is_layer && std::find(plan_.nodes.begin(), plan_.nodes.end(), node.name()) != plan_.nodes.end()) layers.push_back(node.name());
    }
    std::mt19937 generator(1);
    for (int draw = 1; draw <= 3; ++draw) {
      std::shuffle(layers.begin(), layers.end(), generator);
      const std::vector<std::string> drawn(layers.begin(), layers.begin() + static_cast<std::ptrdiff_t>(std::min(count, layers.size())));
      print(("by-lot-" + std::to_string(draw)).c_str(), without(drawn));
    }
  }

  const ::onnx::ModelProto& model_;
  convert::ActivationSource& source_;
  std::filesystem::path folder_;
  QuantizationProfile profile_;
  convert::CalibrationSettings settings_;
  convert::Outputs baseline_;
  convert::StaticPlan plan_;
  std::map<std::string, convert::Range> ranges_;
};

void run(const char* file, const char* data_file, CalibrationMethod method, const char* folder, const char* bound_db) {
  const auto model = value_or_throw(podium::onnx::read_whole(file));
  ModelFacts facts;
  facts.inputs = value_or_throw(podium::onnx::Model::read(file)).inputs();
  const auto inputs = value_or_throw(search::concrete_inputs(facts, {}));
  std::vector<data::WantedInput> wanted;
  for (const search::ConcreteInput& input : inputs.inputs) wanted.push_back({input.name, input.type, input.shape, input.has_batch_axis});
  const data::InputSet set = value_or_throw(data::read_inputs(data_file, wanted, 1000));
  search::EngineActivations source(engine(), inputs, 8, data::stream_of(set.samples), {});
  value_or_throw(podium::onnx::simplify(*model));
  convert::name_nodes(*model->mutable_graph());
  std::filesystem::create_directories(folder);

  Recovery recovery(*model, source, method, folder);
  recovery.try_out("int8", *model, {});
  ::onnx::ModelProto equalized = *model;
  const std::int64_t pairs = value_or_throw(convert::equalize_layers(equalized));
  std::printf("%lld pairs of layers to equalize\n", static_cast<long long>(pairs));
  if (pairs > 0) recovery.try_out("equalized", equalized, {});
  for (const double alpha : {0.3, 0.5, 0.7}) {
    ::onnx::ModelProto smooth = *model;
    const convert::Smoothed smoothed = value_or_throw(convert::smooth(smooth, alpha, source, {}));
    if (smoothed.layers == 0) break;
    std::printf("%lld layers smoothed at %.1f, %zu Mul inserted\n", static_cast<long long>(smoothed.layers), alpha,
                smoothed.inserted.size());
    recovery.try_out("smooth" + std::to_string(static_cast<int>(alpha * 10.0 + 0.5)), smooth,
                     {smoothed.inserted.begin(), smoothed.inserted.end()});
  }
  if (bound_db != nullptr) recovery.give_back(std::strtod(bound_db, nullptr));
}

}  // namespace

int main(int argc, char** argv) {
  const auto method = argc > 4 ? parse_calibration_method(argv[3]) : std::nullopt;
  if (!method) return std::fputs("recover_accuracy MODEL.onnx DATA.npz METHOD FOLDER [BOUND_DB]\n", stderr), 2;
  try {
    run(argv[1], argv[2], *method, argv[4], argc > 5 ? argv[5] : nullptr);
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "%s\n", error.what()), 1;
  }
  return 0;
}
