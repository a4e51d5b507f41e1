#include "api/self_test.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

#include "api/take_in.h"
#include "api/workers.h"
#include "cache/cache.h"
#include "core/environment.h"
#include "core/temporary_folder.h"
#include "onnx-ml.pb.h"
#include "onnx/whole_model.h"
#include "podium/bench.h"
#include "worker/worker.h"

namespace podium {
namespace api {
namespace {

// relu(x · W + b). Small whole numbers: every precision holds them, and every order of adding gives the same answer.
constexpr std::array<float, 4> x{1.0F, 2.0F, -1.0F, 3.0F};
constexpr std::array<float, 12> weights{1.0F, 0.0F, 2.0F, -1.0F, 1.0F, 0.0F, 2.0F, 3.0F, 1.0F, 0.0F, -2.0F, 1.0F};  // 4 × 3
constexpr std::array<float, 3> bias{4.0F, 1.0F, -1.0F};
constexpr std::array<float, 3> expected{1.0F, 0.0F, 3.0F};  // before relu: 1, -6, 3
constexpr float tolerance = 1e-3F;

constexpr std::int64_t cache_limit = std::int64_t{1} << 30;
constexpr std::chrono::seconds load_timeout{300};
constexpr std::chrono::seconds run_timeout{60};
constexpr double share_of_memory = 0.8;

void describe(::onnx::ValueInfoProto& value, const char* name, std::int64_t columns) {
  value.set_name(name);
  auto& tensor = *value.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(::onnx::TensorProto::FLOAT);
  tensor.mutable_shape()->add_dim()->set_dim_value(1);
  tensor.mutable_shape()->add_dim()->set_dim_value(columns);
}

void add_weights(::onnx::GraphProto& graph, const char* name, std::initializer_list<std::int64_t> shape, std::span<const float> values) {
  auto& tensor = *graph.add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(::onnx::TensorProto::FLOAT);
  for (const std::int64_t size : shape) tensor.add_dims(size);
  for (const float value : values) tensor.add_float_data(value);
}

void add_node(::onnx::GraphProto& graph, const char* type, std::initializer_list<const char*> inputs, const char* output) {
  auto& node = *graph.add_node();
  node.set_op_type(type);
  node.set_name(output);
  for (const char* input : inputs) node.add_input(input);
  node.add_output(output);
}

::onnx::ModelProto tiny_model() {
  constexpr std::int64_t opset = 17;
  constexpr std::int64_t ir_version = 8;
  ::onnx::ModelProto model;
  model.set_ir_version(ir_version);
  model.set_producer_name("podium doctor --self-test");
  model.add_opset_import()->set_version(opset);
  auto& graph = *model.mutable_graph();
  graph.set_name("self_test");
  describe(*graph.add_input(), "x", x.size());
  describe(*graph.add_output(), "y", expected.size());
  add_weights(graph, "weights", {x.size(), expected.size()}, weights);
  add_weights(graph, "bias", {expected.size()}, bias);
  add_node(graph, "MatMul", {"x", "weights"}, "product");
  add_node(graph, "Add", {"product", "bias"}, "sum");
  add_node(graph, "Relu", {"sum"}, "y");
  return model;
}

Result<worker::InputMemory> input_memory() {
  const worker::InputLayout layout{"x", DataType::float32, {1, x.size()}, {0}};
  const std::vector<std::span<const std::byte>> batch{std::as_bytes(std::span(x))};
  return worker::InputMemory::create({layout}, {batch});
}

/// Empty where the answer is the known one.
std::string fault_of(const worker::Answers& answers) {
  const auto& outputs = answers.batches.front();
  const std::vector<float> values = outputs.empty() ? std::vector<float>() : outputs.front().values;
  const auto is_near = [](float a, float b) { return std::abs(a - b) <= tolerance; };
  if (std::equal(values.begin(), values.end(), expected.begin(), expected.end(), is_near)) return {};
  return fmt::format("its answer is [{}], and should be [{}]", fmt::join(values, ", "), fmt::join(expected, ", "));
}

Precision precision_for(const backend::Descriptor& descriptor) {
  const auto& all = descriptor.precisions;
  return all.empty() || std::find(all.begin(), all.end(), Precision::fp32) != all.end() ? Precision::fp32 : all.front();
}

}  // namespace

struct SelfTestModel::State {
  TemporaryFolder folder;
  cache::Cache cache;
  import::ImportedModel model;
};

SelfTestModel::SelfTestModel(std::unique_ptr<State> state) : state_(std::move(state)) {}
SelfTestModel::SelfTestModel(SelfTestModel&&) noexcept = default;
SelfTestModel::~SelfTestModel() = default;

Result<SelfTestModel> SelfTestModel::create(const CancelToken& cancel) {
  auto folder = TemporaryFolder::create({}, "podium-self-test");
  if (!folder) return tl::unexpected(folder.error());
  const auto file = folder->path() / "tiny.onnx";
  if (auto written = onnx::write_model(tiny_model(), file); !written) return tl::unexpected(written.error());
  auto cache = cache::Cache::open(folder->path() / "cache", cache_limit);
  if (!cache) return tl::unexpected(cache.error());
  auto model = take_in(file.string(), {}, {}, *cache, cancel, [](const std::string&) {});
  if (!model) return tl::unexpected(model.error());
  return SelfTestModel(std::make_unique<State>(State{std::move(*folder), std::move(*cache), std::move(*model)}));
}

SelfTest SelfTestModel::run(const backend::Registered& backend, const std::string& device, const CancelToken& cancel) const {
  const auto begin = std::chrono::steady_clock::now();
  const auto try_it = [&]() -> Result<void> {
    const auto command = worker_command(backend);
    if (!command) return tl::unexpected(command.error());
    auto options = backend::resolve_options(backend.descriptor, {});
    if (!options) return tl::unexpected(options.error());
    const auto inputs = input_memory();
    if (!inputs) return tl::unexpected(inputs.error());
    const std::vector<backend::InputSpec> specs{{"x", DataType::float32, {1, x.size()}}};
    const Precision precision = precision_for(backend.descriptor);
    import::VariantRequest wanted{backend.descriptor.model_format, precision, specs, *options, usable_cpus()};
    const auto variant = state_->model.variant(wanted, cancel, [](const std::string&) {});
    if (!variant) return tl::unexpected(variant.error());
    const worker::WorkerLimits limits{load_timeout, run_timeout,
                                      static_cast<std::int64_t>(share_of_memory * static_cast<double>(available_memory_bytes()))};
    auto worker = worker::Worker::start(*command, limits, *inputs, state_->folder.path() / (backend.descriptor.name + ".log"), cancel);
    if (!worker) return tl::unexpected(worker.error().error);
    const auto loaded = worker->load({variant->path, precision, device, usable_cpus(), std::move(*options), specs, {}});
    if (!loaded) return tl::unexpected(loaded.error().error);
    const auto answers = worker->answers(1);
    if (!answers) return tl::unexpected(answers.error().error);
    worker->quit();
    if (const std::string fault = fault_of(*answers); !fault.empty())
      return fail(ErrorCode::check_failed, fault, "install this engine again, or leave it out with --backends");
    return {};
  };
  const Result<void> done = try_it();
  SelfTest test;
  test.device = device;
  test.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  test.works = done.has_value();
  if (!done) {
    test.reason = done.error().message;
    test.remedy = done.error().remedy.empty() ? backend.descriptor.remedy : done.error().remedy;
  }
  return test;
}

}  // namespace api

void self_test(Diagnosis& diagnosis, BenchObserver& observer, const CancelToken& cancel) {
  const auto begin = std::chrono::steady_clock::now();
  const auto model = value_or_throw(api::SelfTestModel::create(cancel));
  const auto backends = value_or_throw(api::read_backends());
  for (BackendReport& report : diagnosis.backends) {
    const auto entry =
        std::find_if(backends.begin(), backends.end(), [&](const backend::Registered& b) { return b.descriptor.name == report.name; });
    // What pretends to be an engine has no answer that could be known.
    if (!report.available || entry == backends.end() || !entry->descriptor.bundled_in_default_runs) continue;
    for (const std::string& device : report.devices) {
      if (cancel.requested()) return;
      observer.on_progress(
          {"self-test", report.name + " on " + device, 0, 0, std::chrono::steady_clock::now() - begin, std::chrono::duration<double>(-1)});
      report.self_tests.push_back(model.run(*entry, device, cancel));
    }
  }
}

}  // namespace podium
