#include "api/run_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "api/accuracy_question.h"
#include "api/packaged_photos.h"
#include "api/python_samples.h"
#include "core/sha256.h"
#include "core/tensor_view.h"
#include "core/text.h"

namespace podium::api {
namespace {

namespace fs = std::filesystem;

std::string absolute_text(const fs::path& path) {
  if (is_python_function(path) || is_packaged(path)) return path.string();
  if (path.empty()) return {};
  std::error_code error;
  const fs::path whole = fs::absolute(path, error);
  return (error ? path : whole.lexically_normal()).string();
}

std::string shortened(const std::string& sha256) {
  constexpr std::size_t digits = 12;
  return printable(sha256.substr(0, digits));
}

Result<void> other_inputs(const std::string& what, const std::string& flag, const std::string& now, const std::string& recorded) {
  return fail(ErrorCode::bad_input,
              fmt::format("{} are not those that were measured with: their SHA-256 begins with {}, the recorded one with {}", what,
                          shortened(now), shortened(recorded)),
              fmt::format("put the data back, or measure with the new data by podium bench {}", flag));
}

constexpr const char* latency_alone = "latency";
constexpr const char* with_throughput = "both";

}  // namespace

RunSettings settings_of(const BenchRequest& request) {
  RunSettings settings;
  std::error_code error;
  settings.model = fs::exists(request.model, error) ? absolute_text(request.model) : request.model;
  settings.weights = absolute_text(request.weights);
  settings.data = absolute_text(request.data);
  settings.samples = request.samples;
  settings.labels = is_label_word(request.labels) ? request.labels : absolute_text(request.labels);
  settings.preprocess = absolute_text(request.preprocess);
  settings.metric = request.metric;
  settings.max_drop = request.max_drop;
  settings.calibration = absolute_text(request.calibration);
  settings.backends = request.backends;
  for (const Precision precision : request.precisions) settings.precisions.emplace_back(to_string(precision));
  settings.batches = request.batches;
  settings.shapes = request.shapes;
  settings.option_values = request.option_values;
  settings.threads = request.threads;
  settings.device = request.device;
  settings.budget_s = request.budget.count();
  settings.mode = request.mode == Mode::both ? with_throughput : latency_alone;
  settings.launches = request.launches;
  settings.rebuilds = request.rebuilds;
  settings.interval_target = request.interval_target;
  settings.warm_up_s = request.warm_up.count();
  settings.high_priority = request.high_priority;
  settings.self_check = request.self_check;
  settings.allow_fallback = request.allow_fallback;
  settings.allow_other_precision = request.allow_other_precision;
  // The file holds signed numbers; a seed beyond them comes back as the same bits.
  settings.seed = static_cast<std::int64_t>(request.seed);
  return settings;
}

BenchRequest request_of(const Results& recorded, const std::vector<const Cell*>& cells) {
  const RunSettings& settings = recorded.settings;
  BenchRequest request;
  request.model = settings.model;
  request.weights = settings.weights;
  request.data = settings.data;
  request.samples = settings.samples;
  request.labels = settings.labels;
  request.preprocess = settings.preprocess;
  request.metric = settings.metric;
  request.max_drop = settings.max_drop;
  request.calibration = settings.calibration;
  request.calibration_sha256 = settings.calibration_sha256;
  if (const auto method = parse_calibration_method(settings.method)) request.method = *method;
  if (settings.percentile > 0.0) request.percentile = settings.percentile;
  request.shapes = settings.shapes;
  request.threads = settings.threads;
  request.device = settings.device;
  request.timing_boundary = parse_timing_boundary(settings.timing_boundary);
  request.seed = static_cast<std::uint64_t>(settings.seed);
  request.model_sha256 = recorded.model.sha256;
  request.data_sha256 = settings.data_sha256;
  request.mode = settings.mode == with_throughput ? Mode::both : Mode::latency;
  request.launches = settings.launches;
  request.rebuilds = settings.rebuilds;
  request.interval_target = settings.interval_target;
  request.warm_up = std::chrono::duration<double>(settings.warm_up_s);
  request.high_priority = settings.high_priority;
  request.self_check = settings.self_check;
  request.allow_fallback = settings.allow_fallback;
  request.allow_other_precision = settings.allow_other_precision;
  for (const Cell* cell : cells) {
    if (std::find(request.batches.begin(), request.batches.end(), cell->batch) == request.batches.end())
      request.batches.push_back(cell->batch);
    request.backends.push_back(cell->backend);
    request.precisions.push_back(cell->precision);
    request.only_cells.push_back(cell->id);
  }
  for (const auto& [name, values] : settings.option_values) {
    const std::string backend = name.substr(0, name.find('.'));
    if (std::find(request.backends.begin(), request.backends.end(), backend) != request.backends.end())
      request.option_values[name] = values;
  }
  return request;
}

std::string sha256_of_inputs(const data::InputSet& inputs) {
  Sha256 hash;
  for (const data::WantedInput& input : inputs.inputs)
    hash.update(fmt::format("{}:{} {} {}\n", input.name.size(), input.name, to_string(input.type), to_string(input.shape)));
  for (const data::Sample& sample : inputs.samples) {
    for (const std::vector<std::byte>& bytes : sample) hash.update({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  return hash.hex_digest();
}

Result<void> check_same_model(const BenchRequest& request, const ModelFacts& model) {
  if (request.model_sha256.empty() || request.model_sha256 == model.sha256) return {};
  return fail(ErrorCode::bad_input,
              fmt::format("the model '{}' is not the one that was measured: its SHA-256 begins with {}, the recorded one with {}",
                          printable(request.model), shortened(model.sha256), shortened(request.model_sha256)),
              "put the model back, or measure the new one with podium bench");
}

Result<void> check_same_data(const BenchRequest& request, const std::string& data_sha256) {
  if (request.data_sha256.empty() || request.data_sha256 == data_sha256) return {};
  const std::string what =
      request.data.empty() ? "the generated inputs" : fmt::format("the inputs in '{}'", printable(request.data.string()));
  return other_inputs(what, "--data", data_sha256, request.data_sha256);
}

Result<void> check_same_calibration(const BenchRequest& request, const std::string& calibration_sha256) {
  if (request.calibration_sha256.empty() || request.calibration_sha256 == calibration_sha256) return {};
  return other_inputs("the calibration inputs", "--calibrate", calibration_sha256, request.calibration_sha256);
}

}  // namespace podium::api
