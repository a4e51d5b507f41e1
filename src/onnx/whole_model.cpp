#include "onnx/whole_model.h"

#include "core/environment.h"
#include "onnx/checked_model.h"
#include "onnx/external_data.h"
#include "onnx/tensor_check.h"
#include "onnx/tensor_types.h"

namespace podium::onnx {

namespace fs = std::filesystem;

namespace {

using ::onnx::GraphProto;
using ::onnx::TensorProto;

/// Calls `visit(tensor)` for every stored tensor, those of inner graphs and the indices of sparse ones included, until one fails.
template <typename Visit>
Result<void> change_stored_tensors(GraphProto& graph, const Visit& visit) {
  Result<void> done;
  const auto next = [&done, &visit](TensorProto& tensor) {
    if (done) done = visit(tensor);
  };
  for (TensorProto& tensor : *graph.mutable_initializer()) next(tensor);
  for (::onnx::SparseTensorProto& tensor : *graph.mutable_sparse_initializer()) {
    if (tensor.has_values()) next(*tensor.mutable_values());
    if (tensor.has_indices()) next(*tensor.mutable_indices());
  }
  for (::onnx::NodeProto& node : *graph.mutable_node()) {
    for (::onnx::AttributeProto& attribute : *node.mutable_attribute()) {
      if (attribute.has_t()) next(*attribute.mutable_t());
      if (done && attribute.has_g()) done = change_stored_tensors(*attribute.mutable_g(), visit);
      for (GraphProto& inner : *attribute.mutable_graphs()) {
        if (done) done = change_stored_tensors(inner, visit);
      }
    }
  }
  return done;
}

}  // namespace

Result<std::unique_ptr<::onnx::ModelProto>> read_whole(const fs::path& file, const ReadLimits& limits) {
  Result<CheckedModel> checked = read_checked(file, limits);
  if (!checked) return tl::unexpected(checked.error());
  ExternalData external(file);
  const std::int64_t most_bytes = limits.weight_bytes > 0 ? limits.weight_bytes : available_memory_bytes();
  const Result<void> done = change_stored_tensors(*checked->model->mutable_graph(), [&](TensorProto& tensor) -> Result<void> {
    if (tensor.data_location() != TensorProto::EXTERNAL) return {};
    if (Result<void> good = check_tensor(tensor, external); !good) return good;
    const std::optional<std::int64_t> bytes = stored_bytes(*element_type(tensor.data_type()), *element_count(tensor));
    if (!bytes) {
      return fail(ErrorCode::bad_input, "a tensor of texts lies in a data file, where ONNX allows none", "export the model again");
    }
    return external.bring_in(tensor, *bytes, most_bytes);
  });
  if (!done) return in_file(file, done.error());
  return std::move(checked->model);
}

std::int64_t opset_of(const ::onnx::ModelProto& model) noexcept {
  for (const auto& opset : model.opset_import()) {
    if (opset.domain().empty() || opset.domain() == "ai.onnx") return opset.version();
  }
  return 1;
}

}  // namespace podium::onnx
