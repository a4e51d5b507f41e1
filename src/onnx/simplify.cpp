#include "onnx/simplify.h"

#include <algorithm>

#include "onnx/fold/passes.h"
#include "onnx/graph_copy.h"
#include "onnx/whole_model.h"

namespace podium::onnx {

namespace {

using ::onnx::GraphProto;

/// Constants become initializers, nodes without effect go, and the nodes are sorted.
Result<void> tidy(GraphProto& graph, Simplified& result) {
  const ValueFacts facts(graph);
  GraphEdit edit(graph);
  const std::size_t before = edit.nodes().size();
  edit.constants_to_initializers();
  result.folded_constants += static_cast<std::int64_t>(before - edit.nodes().size());
  result.removed_nodes += bypass_nodes(edit, facts);
  result.removed_nodes += edit.remove_dead();
  return edit.finish();
}

Result<void> fold(GraphProto& graph, std::int64_t opset, Simplified& result) {
  const ValueFacts facts(graph);
  GraphEdit edit(graph);
  result.folded_constants += fold_constants(edit, facts, opset);
  fold_padding(edit);
  const FoldedAffine folded = fold_affine(edit);
  result.folded_batch_norms += folded.batch_norms;
  result.removed_nodes += folded.other_nodes;
  return edit.finish();
}

}  // namespace

Result<Simplified> simplify(::onnx::ModelProto& model) {
  Simplified result;
  GraphProto& graph = *model.mutable_graph();
  drop_inputs_with_initializers(graph);
  model.set_ir_version(std::max<std::int64_t>(model.ir_version(), 4));  // from which on an initializer need not be an input
  Result<void> done = tidy(graph, result);
  if (done) done = fold(graph, opset_of(model), result);
  if (done) done = tidy(graph, result);  // what folding left without effect or reader
  if (!done) return tl::unexpected(done.error());
  return result;
}

}  // namespace podium::onnx
