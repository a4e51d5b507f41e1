#include "onnx/checked_model.h"

#include <fmt/format.h>

#include "core/text.h"
#include "onnx/external_data.h"
#include "onnx/graph_walk.h"
#include "onnx/parse.h"
#include "onnx/tensor_check.h"
#include "onnx/value_types.h"

namespace podium::onnx {

namespace {

/// The data files that the tensors lie in.
Result<std::vector<std::string>> check_tensors(const ::onnx::GraphProto& graph, const std::filesystem::path& file) {
  ExternalData external(file);
  Result<void> checked;
  for_each_stored_tensor(graph, [&](const ::onnx::TensorProto& tensor) {
    if (checked) checked = check_tensor(tensor, external);
  });
  if (!checked) return tl::unexpected(checked.error());
  return external.locations();
}

}  // namespace

tl::unexpected<Error> in_file(const std::filesystem::path& file, Error error) {
  error.message = fmt::format("'{}': {}", printable(file.string()), error.message);
  return tl::unexpected(std::move(error));
}

Result<CheckedModel> read_checked(const std::filesystem::path& file, const ReadLimits& limits) {
  Result<std::unique_ptr<::onnx::ModelProto>> model = parse(file, limits);
  if (!model) return tl::unexpected(model.error());
  const ::onnx::GraphProto& graph = (*model)->graph();
  Result<std::vector<TensorSpec>> inputs = read_inputs(graph);
  if (!inputs) return in_file(file, inputs.error());
  Result<std::vector<TensorSpec>> outputs = read_outputs(graph);
  if (!outputs) return in_file(file, outputs.error());
  Result<std::vector<std::string>> data_files = check_tensors(graph, file);
  if (!data_files) return in_file(file, data_files.error());
  return CheckedModel{std::move(*model), std::move(*inputs), std::move(*outputs), std::move(*data_files)};
}

}  // namespace podium::onnx
