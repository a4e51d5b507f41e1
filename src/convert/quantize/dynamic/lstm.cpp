#include "convert/quantize/dynamic/dynamic_edit.h"
#include "convert/quantize/stored_weight.h"
#include "onnx/attributes.h"
#include "onnx/tensor_data.h"

namespace podium::convert {
namespace {

using ::onnx::NodeProto;
using ::onnx::TensorProto;

constexpr int first_scale_input = 8;  // behind the eight inputs of ONNX's LSTM

/// [directions, gates, inputs] → [directions, inputs, gates], with a scale for each direction and gate.
Result<StoredWeight> store_turned(const TensorProto& tensor, const QuantizationProfile& profile) {
  const Result<std::vector<float>> values = finite_floats(tensor);
  if (!values) return tl::unexpected(values.error());
  const Shape shape = onnx::shape_of(tensor);
  const auto directions = static_cast<std::size_t>(shape[0]);
  const auto gates = static_cast<std::size_t>(shape[1]);
  const auto inputs = static_cast<std::size_t>(shape[2]);
  // Directions and gates together are the channels.
  const ChannelLayout layout{1, shape[0] * shape[1], shape[2]};
  StoredWeight stored{{shape[0], shape[2], shape[1]}, {}, weight_scales(*values, layout, largest_weight(profile))};
  const std::vector<std::int64_t> numbers = quantize_weights(*values, layout, stored.scales, largest_weight(profile));
  stored.numbers.resize(numbers.size());
  for (std::size_t direction = 0; direction < directions; ++direction) {
    for (std::size_t gate = 0; gate < gates; ++gate) {
      for (std::size_t input = 0; input < inputs; ++input) {
        stored.numbers[(direction * inputs + input) * gates + gate] = numbers[(direction * gates + gate) * inputs + input];
      }
    }
  }
  return stored;
}

const TensorProto* stored_matrix(const DynamicEdit& graph, const NodeProto& node, int input) {
  const TensorProto* tensor = node.input_size() > input ? graph.view().constant(node.input(input)) : nullptr;
  const bool fits = tensor != nullptr && tensor->data_type() == TensorProto::FLOAT && tensor->dims_size() == 3;
  return fits ? tensor : nullptr;
}

}  // namespace

/// As ONNX Runtime's DynamicQuantizeLSTM (docs/ContribOperators.md of ONNX Runtime) takes it: the inputs of LSTM, then scale and zero point
/// of W and of R.
Result<void> lstm_form(DynamicEdit& graph, NodeProto& node) {
  const TensorProto* input_weight = stored_matrix(graph, node, 1);
  const TensorProto* state_weight = stored_matrix(graph, node, 2);
  if (input_weight == nullptr || state_weight == nullptr) return fail(ErrorCode::unsupported, "its weights are not stored as float32");
  if (onnx::integer_attribute(node, "layout", 0) != 0) return fail(ErrorCode::unsupported, "it has the batch as its first axis");
  const Result<StoredWeight> stored_input = store_turned(*input_weight, graph.profile());
  if (!stored_input) return tl::unexpected(stored_input.error());
  const Result<StoredWeight> stored_state = store_turned(*state_weight, graph.profile());
  if (!stored_state) return tl::unexpected(stored_state.error());

  const Shape per_gate{stored_input->shape[0], stored_input->shape[2]};
  int scale_input = first_scale_input;
  const auto put = [&](int input, const StoredWeight& stored) {
    const std::string name = node.input(input);
    graph.edit().set_input(node, input, graph.add_int8(name + "_quantized", stored.shape, stored.numbers));
    graph.edit().set_input(node, scale_input++, graph.add_floats(name + "_scale", per_gate, stored.scales));
    const std::vector<std::int64_t> zeros(stored.scales.size(), 0);
    graph.edit().set_input(node, scale_input++, graph.add_int8(name + "_zero_point", per_gate, zeros));
  };
  put(1, *stored_input);
  put(2, *stored_state);
  node.set_op_type("DynamicQuantizeLSTM");
  node.set_domain("com.microsoft");
  return {};
}

}  // namespace podium::convert
