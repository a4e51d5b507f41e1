#include <algorithm>
#include <unordered_set>

#include "onnx/attributes.h"
#include "onnx/fold/evaluate.h"
#include "onnx/fold/passes.h"
#include "onnx/shape_table.h"
#include "onnx/tensor_check.h"
#include "onnx/tensor_data.h"
#include "onnx/tensor_types.h"

namespace podium::onnx {

namespace {

using ::onnx::NodeProto;
using ::onnx::TensorProto;

constexpr std::int64_t most_of_one = std::int64_t{4} << 20;  // bytes
constexpr std::int64_t most_of_all = std::int64_t{64} << 20;

std::int64_t bytes_of(const TensorProto& tensor) {
  const std::optional<ElementType> type = element_type(tensor.data_type());
  return type ? stored_bytes(*type, element_count(tensor).value_or(0)).value_or(0) : 0;
}

class ConstantFolder {
 public:
  ConstantFolder(GraphEdit& edit, const ValueFacts& facts, std::int64_t opset, std::int64_t budget)
      : edit_(edit), facts_(facts), opset_(opset), budget_(budget) {}

  /// Whether the node went.
  bool fold(NodeProto& node) {
    const bool has_results = node.output_size() > 0 && std::none_of(node.output().begin(), node.output().end(), [this](const auto& value) {
                               return value.empty() || edit_.is_output(value) || edit_.initializer(value) != nullptr;
                             });
    if (!is_standard(node) || !has_results) return false;
    return fold_known(node) || fold_computed(node);
  }

 private:
  /// A small tensor of whole numbers, of which the shape rules know the content.
  bool fold_known(NodeProto& node) {
    if (node.output_size() != 1) return false;
    const std::string output = node.output(0);
    const std::vector<std::int64_t>* values = facts_.integers(output);
    const Shape* shape = facts_.shape(output);
    const int type = facts_.type(output);
    const bool is_whole = type == TensorProto::INT64 || type == TensorProto::INT32;
    if (values == nullptr || shape == nullptr || !is_whole) return false;
    if (checked_product(*shape) != static_cast<std::int64_t>(values->size())) return false;
    edit_.remove(node);
    edit_.add_initializer(integer_tensor(output, *shape, *values, type == TensorProto::INT64 ? DataType::int64 : DataType::int32));
    return true;
  }

  bool fold_computed(NodeProto& node) {
    if (find_mover(node.op_type()) == nullptr && find_calculation(node.op_type()) == nullptr) return false;
    std::int64_t input_bytes = 0;
    for (const std::string& input : node.input()) {
      const TensorProto* tensor = input.empty() ? nullptr : edit_.initializer(input);
      if (!input.empty() && tensor == nullptr) return false;
      if (tensor != nullptr) input_bytes += bytes_of(*tensor);
    }
    const std::int64_t most = std::min(std::max(most_of_one, 2 * input_bytes), budget_ - input_bytes);
    if (most <= 0) return false;
    std::vector<std::optional<Dense>> inputs;
    for (const std::string& input : node.input()) {
      inputs.push_back(input.empty() ? std::nullopt : to_dense(*edit_.initializer(input)));
      if (!input.empty() && !inputs.back()) return false;
    }
    budget_ -= input_bytes;
    return replace(node, inputs, most);
  }

  bool replace(NodeProto& node, const std::vector<std::optional<Dense>>& inputs, std::int64_t most) {
    FoldNode fold{node, opset_, {}, most};
    for (const std::optional<Dense>& input : inputs) fold.inputs.push_back(input ? &*input : nullptr);
    Evaluated results = evaluate(fold);
    if (!results || results->size() != static_cast<std::size_t>(node.output_size())) return false;
    const std::vector<std::string> outputs(node.output().begin(), node.output().end());
    edit_.remove(node);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      budget_ -= static_cast<std::int64_t>((*results)[i].bytes.size());
      edit_.add_initializer(to_tensor(std::move((*results)[i]), outputs[i]));
    }
    return true;
  }

  GraphEdit& edit_;
  const ValueFacts& facts_;
  std::int64_t opset_;
  std::int64_t budget_;  // bytes that may still be read and written
};

}  // namespace

std::int64_t fold_constants(GraphEdit& edit, const ValueFacts& facts, std::int64_t opset) {
  std::int64_t weights = 0;
  std::unordered_set<const TensorProto*> counted;
  for (const NodeProto* node : edit.nodes()) {
    for (const std::string& input : node->input()) {
      const TensorProto* tensor = edit.initializer(input);
      if (tensor != nullptr && counted.insert(tensor).second) weights += bytes_of(*tensor);
    }
  }
  ConstantFolder folder(edit, facts, opset, most_of_all + 4 * weights);
  std::int64_t folded = 0;
  for (NodeProto* node : edit.nodes()) folded += folder.fold(*node) ? 1 : 0;
  return folded;
}

}  // namespace podium::onnx
