#include "onnx/facts.h"

#include <limits>

#include "onnx/graph_walk.h"
#include "onnx/shown_name.h"
#include "onnx/tensor_check.h"
#include "onnx/tensor_types.h"

namespace podium::onnx {

using ::onnx::GraphProto;
using ::onnx::TensorProto;

std::map<std::string, std::int64_t> count_operators(const GraphProto& graph) {
  std::map<std::string, std::int64_t> counts;
  for_each_graph(graph, [&counts](const GraphProto& inner) {
    for (const ::onnx::NodeProto& node : inner.node()) {
      const bool is_standard = node.domain().empty() || node.domain() == "ai.onnx";
      ++counts[shown_name(is_standard ? node.op_type() : node.domain() + "." + node.op_type())];
    }
  });
  return counts;
}

std::map<std::string, std::int64_t> count_weight_bytes(const GraphProto& graph) {
  std::map<std::string, std::int64_t> bytes;
  for_each_stored_tensor(graph, [&bytes](const TensorProto& tensor) {
    const std::optional<ElementType> type = element_type(tensor.data_type());
    const std::optional<std::int64_t> count = element_count(tensor);
    if (!type || !count || *count == 0) return;
    std::int64_t& sum = bytes[std::string(type->name)];
    // External data may be shared, so the sum of what hostile tensors claim can pass 64 bits.
    if (__builtin_add_overflow(sum, stored_bytes(*type, *count).value_or(0), &sum)) sum = std::numeric_limits<std::int64_t>::max();
  });
  return bytes;
}

std::int64_t count_parameters(const GraphProto& graph) {
  std::int64_t parameters = 0;
  for_each_stored_tensor(graph, [&parameters](const TensorProto& tensor) {
    const int type = tensor.data_type();
    const bool is_weight = type != TensorProto::INT64 && type != TensorProto::BOOL && type != TensorProto::STRING && tensor.dims_size() > 0;
    if (is_weight && __builtin_add_overflow(parameters, element_count(tensor).value_or(0), &parameters))
      parameters = std::numeric_limits<std::int64_t>::max();
  });
  return parameters;
}

}  // namespace podium::onnx
