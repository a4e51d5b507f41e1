#include "podium/run_artifact.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>
#include <optional>

#include "api/accuracy_question.h"
#include "api/one_clock.h"
#include "api/python_samples.h"
#include "api/tokenizer_files.h"
#include "artifact/opened.h"
#include "core/result.h"
#include "core/tensor_view.h"
#include "core/text.h"
#include "data/input_set.h"
#include "data/write_npz.h"
#include "podium/artifact.h"
#include "runtime/call_check.h"
#include "search/model_inputs.h"

namespace podium {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t generated_samples = 16;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The model as data are read for it.
ModelFacts facts_of(const Manifest& manifest) {
  ModelFacts facts;
  facts.name = manifest.model;
  facts.inputs = manifest.inputs;
  facts.outputs = manifest.outputs;
  facts.preprocess = manifest.preprocess;
  facts.trained_weights = manifest.trained_weights;
  return facts;
}

std::map<std::string, Shape> shapes_of(const ArtifactVariant& variant) {
  std::map<std::string, Shape> shapes;
  for (const TensorSpec& input : variant.inputs) {
    for (const Dimension& axis : input.dimensions) shapes[input.name].push_back(axis.size);
  }
  return shapes;
}

/// Runs an artefact over samples, batch by batch.
class Runner {
 public:
  Runner(const RunRequest& request, BenchObserver& observer, const CancelToken& cancel)
      : request_(request), observer_(observer), cancel_(cancel) {}
  RunReport run();

 private:
  void read_samples();
  void run_batch(const Model& model, std::size_t first, std::size_t rows);
  void keep(const std::vector<Tensor>& outputs, std::size_t rows);
  void write_outputs() const;
  [[nodiscard]] std::int64_t batch() const;
  [[nodiscard]] std::string engine_that_answers() const;

  const RunRequest& request_;
  BenchObserver& observer_;
  const CancelToken& cancel_;
  Manifest manifest_;
  search::ModelInputs inputs_;
  data::InputSet samples_;
  data::InputSet outputs_;  ///< as what is written: an "input" for each output
  RunReport report_;
  bool keeps_ = true;  ///< the first pass alone
};

RunReport Runner::run() {
  const Clock::time_point start = Clock::now();
  LoadOptions options;
  options.threads = request_.threads;
  const Model model = load(request_.artifact, options);
  report_.load_s = seconds_since(start);
  report_.notices = model.notices();
  manifest_ = model.manifest();
  read_samples();
  const auto rows = static_cast<std::size_t>(batch());
  report_.engine = engine_that_answers();
  const Clock::time_point begin = Clock::now();
  for (std::int64_t pass = 0; pass < request_.repeat; ++pass) {
    for (std::size_t at = 0; at < samples_.samples.size(); at += rows) {
      if (cancel_.requested()) throw Exception({ErrorCode::cancelled, "stopped before all inputs were answered", "let it run to its end"});
      run_batch(model, at, rows);
    }
    keeps_ = false;
  }
  report_.seconds = seconds_since(begin);
  report_.samples = static_cast<std::int64_t>(samples_.samples.size());
  for (const data::WantedInput& output : outputs_.inputs) {
    Shape shape = output.shape;
    if (output.has_batch_axis) shape.erase(shape.begin());
    shape.insert(shape.begin(), static_cast<std::int64_t>(outputs_.samples.size()));
    report_.outputs.push_back({output.name, output.type, shape});
  }
  write_outputs();
  return report_;
}

std::int64_t Runner::batch() const {
  if (request_.batch > 0) return request_.batch;
  const auto& first = manifest_.variants.front().inputs;
  const auto with_batch = std::find_if(inputs_.inputs.begin(), inputs_.inputs.end(), [](const auto& it) { return it.has_batch_axis; });
  if (with_batch == inputs_.inputs.end()) return 1;
  return std::max<std::int64_t>(1, first[static_cast<std::size_t>(with_batch - inputs_.inputs.begin())].dimensions.front().size);
}

std::string Runner::engine_that_answers() const {
  std::vector<backend::InputSpec> call;
  for (const search::ConcreteInput& input : inputs_.inputs) call.push_back({input.name, input.type, input.at_batch(batch())});
  const ArtifactVariant& variant = *value_or_throw(runtime::variant_for(manifest_, call));
  return fmt::format("{} {}, {}", variant.engine, variant.engine_version, to_string(variant.precision));
}

void Runner::read_samples() {
  const ModelFacts facts = facts_of(manifest_);
  inputs_ = value_or_throw(search::concrete_inputs(facts, shapes_of(manifest_.variants.front())));
  const std::vector<data::WantedInput> wanted = search::wanted_inputs(inputs_);
  observer_.on_progress({"data", request_.data.string(), 0, 0, {}, std::chrono::duration<double>(-1)});
  if (request_.data.empty()) {
    const std::size_t count = request_.samples > 0 ? static_cast<std::size_t>(request_.samples) : generated_samples;
    samples_ = value_or_throw(data::generate_inputs(wanted, count, request_.seed));
  } else {
    BenchRequest how;
    how.samples = request_.samples > 0 ? request_.samples : std::numeric_limits<std::int32_t>::max();
    how.labels = "none";
    how.preprocess = request_.preprocess;
    data::ReadOptions options = value_or_throw(api::read_options(how, facts));
    std::optional<artifact::Opened> opened;  // an archive's tokenizer lies where this has unpacked it
    if (request_.data.extension() == ".txt") {
      opened.emplace(value_or_throw(artifact::open(request_.artifact, false)));
      options.tokenizer = api::tokenizer_in(manifest_, opened->folder);
      options.cuts_texts = true;
    }
    samples_ = value_or_throw(api::read_samples(request_.data, wanted, options, cancel_));
  }
  report_.data = samples_.description;
}

/// The last batch is filled up from the first samples, and what is answered to those is left out.
void Runner::run_batch(const Model& model, std::size_t first, std::size_t rows) {
  std::vector<Tensor> call;
  for (std::size_t i = 0; i < inputs_.inputs.size(); ++i) {
    const search::ConcreteInput& input = inputs_.inputs[i];
    Tensor& tensor = call.emplace_back(Tensor::allocate(input.name, input.type, input.at_batch(static_cast<std::int64_t>(rows))));
    auto* to = static_cast<std::byte*>(tensor.mutable_data());
    for (std::size_t row = 0; row < (input.has_batch_axis ? rows : 1); ++row) {
      const std::vector<std::byte>& bytes = samples_.samples[(first + row) % samples_.samples.size()][i];
      std::copy(bytes.begin(), bytes.end(), to);
      to += bytes.size();
    }
  }
  const std::vector<Tensor> outputs = model.run(call);
  ++report_.calls;
  if (keeps_) keep(outputs, std::min(rows, samples_.samples.size() - first));
}

/// An output without the batch as its first axis is kept whole, once for each call.
void Runner::keep(const std::vector<Tensor>& outputs, std::size_t rows) {
  const auto batch_rows = batch();
  const bool splits = std::all_of(outputs.begin(), outputs.end(),
                                  [&](const Tensor& it) { return !it.shape().empty() && it.shape().front() == batch_rows; });
  if (outputs_.inputs.empty()) {
    for (const Tensor& output : outputs) {
      Shape shape = output.shape();
      if (splits) shape.front() = 1;
      outputs_.inputs.push_back({output.name(), output.type(), shape, splits});
    }
  }
  const std::size_t parts = splits ? static_cast<std::size_t>(batch_rows) : 1;
  for (std::size_t part = 0; part < (splits ? rows : 1); ++part) {
    data::Sample& sample = outputs_.samples.emplace_back();
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const std::size_t bytes = outputs[i].bytes() / parts;
      const auto* from = static_cast<const std::byte*>(outputs[i].data()) + part * bytes;
      sample.emplace_back(from, from + bytes);
      if (bytes == size_of(outputs_.inputs[i].type) * element_count(outputs_.inputs[i].shape)) continue;
      throw Exception(
          {ErrorCode::unsupported,
           fmt::format("output '{}' has another size for other inputs, which an array cannot hold", printable(outputs[i].name())),
           "leave out -o, or run the samples one by one with --samples 1"});
    }
  }
}

void Runner::write_outputs() const {
  if (!request_.output.empty()) value_or_throw(data::write_npz(request_.output, outputs_));
}

}  // namespace

RunReport run_artifact(const RunRequest& request, BenchObserver& observer, const CancelToken& cancel) {
  api::OneClock watched(observer);
  return Runner(request, watched, cancel).run();
}

}  // namespace podium
