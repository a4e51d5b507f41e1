#include "onnx/model.h"

#include "onnx/checked_model.h"
#include "onnx/facts.h"
#include "onnx/flops.h"
#include "onnx/shown_name.h"

namespace podium::onnx {

/// What was learnt from the file. The weights themselves are not kept: a model may have gigabytes.
struct Model::State {
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
  std::map<std::string, std::int64_t> opsets;
  std::map<std::string, std::int64_t> operators;
  std::map<std::string, std::int64_t> weight_bytes_by_type;
  std::int64_t parameters = 0;
  std::string producer;
  std::map<std::string, std::string, std::less<>> metadata;
  std::vector<std::string> data_files;
  std::optional<std::int64_t> flops;
};

namespace {

std::map<std::string, std::int64_t> read_opsets(const ::onnx::ModelProto& model) {
  std::map<std::string, std::int64_t> opsets;
  for (const auto& opset : model.opset_import()) opsets[opset.domain().empty() ? "ai.onnx" : shown_name(opset.domain())] = opset.version();
  return opsets;
}

}  // namespace

Model::Model(std::unique_ptr<State> state) : state_(std::move(state)) {}
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

Result<Model> Model::read(const std::filesystem::path& file, const ReadLimits& limits) {
  Result<CheckedModel> checked = read_checked(file, limits);
  if (!checked) return tl::unexpected(checked.error());
  const ::onnx::ModelProto& model = *checked->model;
  const ::onnx::GraphProto& graph = model.graph();

  auto state = std::make_unique<State>();
  state->inputs = std::move(checked->inputs);
  state->outputs = std::move(checked->outputs);
  state->opsets = read_opsets(model);
  state->operators = count_operators(graph);
  state->weight_bytes_by_type = count_weight_bytes(graph);
  state->parameters = count_parameters(graph);
  const std::string version = model.producer_version();
  for (const auto& entry : model.metadata_props()) state->metadata[entry.key()] = entry.value();
  state->producer = shown_name(version.empty() ? model.producer_name() : model.producer_name() + " " + version);
  state->data_files = std::move(checked->data_files);
  state->flops = count_flops(model);
  return Model(std::move(state));
}

std::vector<TensorSpec> Model::inputs() const {
  return state_->inputs;
}
std::vector<TensorSpec> Model::outputs() const {
  return state_->outputs;
}
std::map<std::string, std::int64_t> Model::opsets() const {
  return state_->opsets;
}
std::map<std::string, std::int64_t> Model::operators() const {
  return state_->operators;
}
std::map<std::string, std::int64_t> Model::weight_bytes_by_type() const {
  return state_->weight_bytes_by_type;
}
std::int64_t Model::parameters() const {
  return state_->parameters;
}
std::string Model::producer() const {
  return state_->producer;
}

std::optional<std::string> Model::metadata(std::string_view key) const {
  const auto found = state_->metadata.find(key);
  return found == state_->metadata.end() ? std::nullopt : std::optional(found->second);
}
std::vector<std::string> Model::data_files() const {
  return state_->data_files;
}
std::optional<std::int64_t> Model::flops() const {
  return state_->flops;
}

}  // namespace podium::onnx
