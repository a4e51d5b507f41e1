#include "convert/calibration/ends.h"

#include <cmath>

#include "onnx/graph_edit.h"

namespace podium::convert {
namespace {

struct Figure {
  const char* operator_type;
  const char* suffix;
};
constexpr Figure figures[] = {{"ReduceMin", "_least"}, {"ReduceMax", "_greatest"}, {"ReduceSum", "_sum"}};

void set_keepdims(::onnx::NodeProto& node, std::int64_t value) {
  ::onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name("keepdims");
  attribute.set_type(::onnx::AttributeProto::INT);
  attribute.set_i(value);
}

}  // namespace

Result<::onnx::ModelProto> with_ends(const ::onnx::ModelProto& model, std::span<const std::string> values) {
  Result<::onnx::ModelProto> tapped = with_outputs(model, values);
  if (!tapped) return tapped;
  ::onnx::GraphProto& graph = *tapped->mutable_graph();
  std::vector<::onnx::ValueInfoProto> wanted(graph.output().begin(), graph.output().end());
  graph.clear_output();
  onnx::GraphEdit edit(graph);
  for (::onnx::ValueInfoProto& value : wanted) {
    for (const Figure& figure : figures) {
      const std::string name = edit.unique_name(value.name() + figure.suffix);
      set_keepdims(edit.add_node(figure.operator_type, {value.name()}, {name}, name), 0);
      ::onnx::ValueInfoProto& output = *graph.add_output();
      output = value;
      output.set_name(name);
    }
  }
  if (Result<void> finished = edit.finish(); !finished) return tl::unexpected(finished.error());
  return tapped;
}

Result<Ends> ends_of(std::span<const Activation> told, std::size_t values) {
  constexpr std::size_t each = std::size(figures);
  Ends ends;
  bool are_numbers = told.size() == values * each;
  for (std::size_t i = 0; are_numbers && i < told.size(); ++i) are_numbers = told[i].values.size() == 1;
  if (!are_numbers)
    return fail(ErrorCode::failed, "the engine that runs the calibration data returned other figures than it was asked for");
  for (; !told.empty(); told = told.subspan(each)) {
    const float least = told[0].values.front();
    const float greatest = told[1].values.front();
    ends.of_values.push_back({least, greatest});
    ends.are_finite = ends.are_finite && std::isfinite(least) && std::isfinite(greatest) && std::isfinite(told[2].values.front());
  }
  return ends;
}

}  // namespace podium::convert
