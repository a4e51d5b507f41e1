#include "search/engine_activations.h"

#include <utility>

#include "core/environment.h"
#include "core/numbers.h"
#include "core/temporary_folder.h"
#include "core/tensor_view.h"
#include "onnx/whole_model.h"
#include "search/batches.h"

namespace podium::search {
namespace {

Error error_of(const worker::WorkerError& error) {
  return {error.error.code, "the engine that runs the calibration data failed: " + error.error.message, error.error.remedy};
}

/// Float outputs are looked at where they lie, others are turned into floats, which `converted` holds.
std::vector<convert::Activation> activations_of(std::vector<worker::LentTensor> outputs, std::vector<std::vector<float>>& converted) {
  std::vector<convert::Activation> activations;
  converted.reserve(outputs.size());
  for (worker::LentTensor& output : outputs) {
    const std::size_t count = element_count(output.shape);
    std::span<const float> values(reinterpret_cast<const float*>(output.bytes.data()), count);
    if (output.type != DataType::float32) values = converted.emplace_back(to_floats(output.bytes.data(), output.type, count));
    activations.push_back({std::move(output.name), std::move(output.shape), values});
  }
  return activations;
}

}  // namespace

EngineActivations::EngineActivations(LentEngine engine, ModelInputs inputs, std::int64_t batch, std::unique_ptr<data::SampleStream> samples,
                                     CancelToken cancel)
    : engine_(std::move(engine)), inputs_(std::move(inputs)), batch_(batch), samples_(std::move(samples)), cancel_(std::move(cancel)) {}

std::int64_t EngineActivations::batches() const {
  return (static_cast<std::int64_t>(samples_->size()) + batch_ - 1) / batch_;
}

Result<void> EngineActivations::run(const ::onnx::ModelProto& model, const convert::OnActivations& sink) {
  const Result<TemporaryFolder> folder = TemporaryFolder::create({}, "podium-activations-");
  if (!folder) return tl::unexpected(folder.error());
  const auto file = folder->path() / "model.onnx";
  if (auto written = onnx::write_model(model, file); !written) return tl::unexpected(written.error());
  std::vector<worker::InputLayout> layout;
  for (const ConcreteInput& input : inputs_.inputs) layout.push_back({input.name, input.type, input.at_batch(batch_), {}});
  Result<worker::InputMemory> memory = worker::InputMemory::create_rewritable(std::move(layout));
  if (!memory) return tl::unexpected(memory.error());
  auto worker = worker::Worker::start(engine_.command, engine_.limits, *memory, folder->path() / "log", cancel_);
  if (!worker) return tl::unexpected(error_of(worker.error()));
  const std::int64_t threads = engine_.threads > 0 ? engine_.threads : usable_cpus();
  const auto loaded = worker->load({file, Precision::fp32, "cpu", threads, engine_.options, input_specs(*memory), {}});
  if (!loaded) return tl::unexpected(error_of(loaded.error()));
  return feed(*worker, *memory, sink);
}

Result<void> EngineActivations::feed(worker::Worker& worker, worker::InputMemory& memory, const convert::OnActivations& sink) {
  for (std::int64_t batch = 0; batch < batches(); ++batch) {
    const Result<std::vector<std::vector<std::byte>>> inputs = gather(batch);
    if (!inputs) return tl::unexpected(inputs.error());
    if (auto written = memory.rewrite(*inputs); !written) return written;
    auto answer = worker.answer(0);
    if (!answer) return tl::unexpected(error_of(answer.error()));
    std::vector<std::vector<float>> converted;
    if (auto taken = sink(batch, activations_of(std::move(answer->outputs), converted)); !taken) return taken;
  }
  worker.quit();
  return {};
}

/// The bytes of each input: samples one behind the other, or the first sample's where an input has no batch axis.
Result<std::vector<std::vector<std::byte>>> EngineActivations::gather(std::int64_t batch) {
  std::vector<std::vector<std::byte>> inputs(inputs_.inputs.size());
  const auto rows = static_cast<std::size_t>(batch_);
  for (std::size_t row = 0; row < rows; ++row) {
    const Result<data::Sample> sample = samples_->read((static_cast<std::size_t>(batch) * rows + row) % samples_->size());
    if (!sample) return tl::unexpected(sample.error());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (row == 0 || inputs_.inputs[i].has_batch_axis) inputs[i].insert(inputs[i].end(), (*sample)[i].begin(), (*sample)[i].end());
    }
  }
  return inputs;
}

}  // namespace podium::search
