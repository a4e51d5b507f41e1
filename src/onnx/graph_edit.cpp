#include "onnx/graph_edit.h"

#include <fmt/format.h>

#include <algorithm>

#include "onnx/attributes.h"
#include "onnx/captures.h"
#include "onnx/graph_walk.h"
#include "onnx/order.h"
#include "onnx/shown_name.h"

namespace podium::onnx {

namespace {

using ::onnx::GraphProto;
using ::onnx::NodeProto;
using ::onnx::TensorProto;

template <typename Map>
auto* found_in(const Map& map, std::string_view key) {
  const auto found = map.find(std::string(key));
  return found != map.end() ? found->second : nullptr;
}

/// Keeps the elements that `is_kept` says, in their order, without copying.
template <typename Element, typename IsKept>
void keep_if(google::protobuf::RepeatedPtrField<Element>& elements, const IsKept& is_kept) {
  int kept = 0;
  for (int i = 0; i < elements.size(); ++i) {
    if (is_kept(elements.Get(i))) elements.SwapElements(i, kept++);
  }
  elements.DeleteSubrange(kept, elements.size() - kept);
}

}  // namespace

GraphEdit::GraphEdit(GraphProto& graph) : graph_(graph) {
  for (TensorProto& tensor : *graph.mutable_initializer()) initializers_.emplace(tensor.name(), &tensor);
  for (const auto& input : graph.input()) {
    if (!initializers_.contains(input.name())) inputs_.insert(input.name());
  }
  for (const auto& output : graph.output()) outputs_.insert(output.name());
  for (NodeProto& node : *graph.mutable_node()) index_node(node);

  for_each_graph(graph, [this](const GraphProto& inner) {  // a new name must not hide, or be hidden by, one of an inner graph
    for (const auto& value : inner.input()) names_.insert(value.name());
    for (const auto& value : inner.output()) names_.insert(value.name());
    for (const auto& tensor : inner.initializer()) names_.insert(tensor.name());
    for (const auto& tensor : inner.sparse_initializer()) names_.insert(tensor.values().name());
    for (const NodeProto& node : inner.node()) {
      names_.insert(node.name());
      names_.insert(node.input().begin(), node.input().end());
      names_.insert(node.output().begin(), node.output().end());
    }
  });
}

void GraphEdit::index_node(NodeProto& node) {
  positions_[&node] = nodes_.size();
  nodes_.push_back(&node);
  for (const std::string& input : node.input()) add_use(input, node);
  for (const std::string& output : node.output()) {
    if (!output.empty()) producers_.emplace(output, &node);
  }
  std::vector<std::string> captures = captures_of(node);
  if (captures.empty()) return;
  for (const std::string& value : captures) {
    ++captured_[value];
    add_use(value, node);
  }
  captures_[&node] = std::move(captures);
}

void GraphEdit::add_use(const std::string& value, NodeProto& node) {
  if (!value.empty()) consumers_[value].insert(&node);
}

void GraphEdit::drop_use(const std::string& value, NodeProto& node) {
  const auto users = consumers_.find(value);
  if (users != consumers_.end()) users->second.erase(&node);
}

bool GraphEdit::reads(const NodeProto& node, const std::string& value) const {
  if (std::find(node.input().begin(), node.input().end(), value) != node.input().end()) return true;
  const auto captures = captures_.find(&node);
  return captures != captures_.end() && std::binary_search(captures->second.begin(), captures->second.end(), value);
}

std::vector<NodeProto*> GraphEdit::nodes() const {
  std::vector<NodeProto*> left;
  std::copy_if(nodes_.begin(), nodes_.end(), std::back_inserter(left), [](const NodeProto* node) { return node != nullptr; });
  return left;
}

NodeProto* GraphEdit::producer(std::string_view value) const {
  return found_in(producers_, value);
}

std::vector<NodeProto*> GraphEdit::consumers(std::string_view value) const {
  const auto found = consumers_.find(std::string(value));
  if (found == consumers_.end()) return {};
  std::vector<NodeProto*> users(found->second.begin(), found->second.end());
  std::sort(users.begin(), users.end(), [this](const NodeProto* a, const NodeProto* b) { return positions_.at(a) < positions_.at(b); });
  return users;
}

std::size_t GraphEdit::count_consumers(std::string_view value) const {
  const auto found = consumers_.find(std::string(value));
  return found != consumers_.end() ? found->second.size() : 0;
}

bool GraphEdit::is_captured(std::string_view value) const {
  const auto found = captured_.find(std::string(value));
  return found != captured_.end() && found->second > 0;
}

bool GraphEdit::is_input(std::string_view value) const {
  return inputs_.contains(value);
}

bool GraphEdit::is_output(std::string_view value) const {
  return outputs_.contains(value);
}

TensorProto* GraphEdit::initializer(std::string_view value) const {
  return found_in(initializers_, value);
}

std::string GraphEdit::unique_name(const std::string& wanted) {
  std::string name = wanted;
  while (name.empty() || !names_.insert(name).second) name = fmt::format("{}_{}", wanted, ++numbers_[wanted]);
  return name;
}

NodeProto& GraphEdit::add_node(std::string_view type, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs,
                               const std::string& name, std::string_view domain) {
  NodeProto& node = *graph_.add_node();
  node.set_op_type(std::string(type));
  node.set_name(name);
  if (!domain.empty()) node.set_domain(std::string(domain));
  for (const std::string& input : inputs) node.add_input(input);
  for (const std::string& output : outputs) node.add_output(output);
  names_.insert(name);
  names_.insert(outputs.begin(), outputs.end());
  index_node(node);
  return node;
}

TensorProto& GraphEdit::add_initializer(TensorProto tensor) {
  TensorProto& added = *graph_.add_initializer();
  added.Swap(&tensor);
  names_.insert(added.name());
  initializers_[added.name()] = &added;
  return added;
}

void GraphEdit::set_input(NodeProto& node, int index, const std::string& value) {
  while (node.input_size() <= index) node.add_input();
  const std::string old = node.input(index);
  node.set_input(index, value);
  if (!old.empty() && !reads(node, old)) drop_use(old, node);
  add_use(value, node);
}

void GraphEdit::set_output(NodeProto& node, int index, const std::string& value) {
  while (node.output_size() <= index) node.add_output();
  const auto old = producers_.find(node.output(index));
  if (old != producers_.end() && old->second == &node) producers_.erase(old);
  node.set_output(index, value);
  if (value.empty()) return;
  producers_[value] = &node;
  names_.insert(value);
}

void GraphEdit::replace_uses(const std::string& old_value, const std::string& new_value, const NodeProto* except) {
  for (NodeProto* node : consumers(old_value)) {
    if (node == except) continue;
    for (int i = 0; i < node->input_size(); ++i) {
      if (node->input(i) == old_value) set_input(*node, i, new_value);
    }
  }
}

void GraphEdit::remove(NodeProto& node) {
  for (const std::string& input : node.input()) drop_use(input, node);
  for (const std::string& output : node.output()) {
    const auto made = producers_.find(output);
    if (made != producers_.end() && made->second == &node) producers_.erase(made);
  }
  const auto captures = captures_.find(&node);
  if (captures != captures_.end()) {
    for (const std::string& value : captures->second) {
      --captured_[value];
      drop_use(value, node);
    }
    captures_.erase(captures);
  }
  nodes_[positions_.at(&node)] = nullptr;
  positions_.erase(&node);
}

void GraphEdit::constants_to_initializers() {
  for (NodeProto* node : nodes()) {
    const ::onnx::AttributeProto* value = find_attribute(*node, "value");
    const bool is_constant = node->op_type() == "Constant" && is_standard(*node) && node->output_size() == 1;
    if (!is_constant || value == nullptr || !value->has_t() || initializer(node->output(0)) != nullptr) continue;
    TensorProto tensor = value->t();
    tensor.set_name(node->output(0));
    remove(*node);
    add_initializer(std::move(tensor));
  }
}

std::int64_t GraphEdit::remove_dead() {
  std::unordered_set<const NodeProto*> live;
  std::vector<const NodeProto*> to_visit;
  const auto visit_producer = [&](const std::string& value) {
    const NodeProto* maker = producer(value);
    if (maker != nullptr && live.insert(maker).second) to_visit.push_back(maker);
  };
  for (const std::string& output : outputs_) visit_producer(output);
  while (!to_visit.empty()) {
    const NodeProto* node = to_visit.back();
    to_visit.pop_back();
    for (const std::string& input : node->input()) visit_producer(input);
    const auto captures = captures_.find(node);
    if (captures == captures_.end()) continue;
    for (const std::string& value : captures->second) visit_producer(value);
  }
  std::int64_t removed = 0;
  for (NodeProto* node : nodes()) {
    if (live.contains(node)) continue;
    remove(*node);
    ++removed;
  }
  return removed;
}

std::vector<std::size_t> GraphEdit::positions_read_by(const NodeProto& node) const {
  std::vector<std::size_t> positions;
  const auto add = [&](const std::string& value) {
    const NodeProto* maker = producer(value);
    if (maker != nullptr) positions.push_back(positions_.at(maker));
  };
  for (const std::string& input : node.input()) add(input);
  const auto captures = captures_.find(&node);
  if (captures == captures_.end()) return positions;
  for (const std::string& value : captures->second) add(value);
  return positions;
}

void GraphEdit::write_back(const std::vector<NodeProto*>& order) {
  google::protobuf::RepeatedPtrField<NodeProto> nodes;
  nodes.Reserve(static_cast<int>(order.size()));
  for (NodeProto* node : order) nodes.Add()->Swap(node);
  graph_.mutable_node()->Swap(&nodes);

  const auto is_read = [this](const std::string& value) {
    const auto users = consumers_.find(value);
    return outputs_.contains(value) || (users != consumers_.end() && !users->second.empty());
  };
  // An input that only gave its initializer's type (IR version 3 and older) goes with it.
  keep_if(*graph_.mutable_input(), [&](const auto& input) { return inputs_.contains(input.name()) || is_read(input.name()); });
  keep_if(*graph_.mutable_initializer(), [&](const TensorProto& tensor) { return is_read(tensor.name()); });
  keep_if(*graph_.mutable_value_info(), [&](const auto& value) { return producers_.contains(value.name()) || is_read(value.name()); });
}

Result<void> GraphEdit::check_makers() const {
  for (const NodeProto* node : nodes()) {
    for (const std::string& output : node->output()) {
      if (output.empty() || (producer(output) == node && !is_input(output) && initializer(output) == nullptr)) continue;
      return fail(ErrorCode::bad_input, fmt::format("the model's value '{}' is made twice", shown_name(output)), "export the model again");
    }
  }
  return {};
}

Result<void> GraphEdit::finish() {
  if (Result<void> checked = check_makers(); !checked) return checked;
  std::vector<std::vector<std::size_t>> needs(nodes_.size());
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i] != nullptr) needs[i] = positions_read_by(*nodes_[i]);
  }
  const tl::expected<std::vector<std::size_t>, std::size_t> order = order_by_needs(needs);
  if (!order) {
    const NodeProto& node = *nodes_[order.error()];
    return fail(ErrorCode::bad_input,
                fmt::format("the model's node '{}' ({}) lies on a cycle", shown_name(node.name()), shown_name(node.op_type())),
                "export the model again");
  }
  std::vector<NodeProto*> sorted;
  for (const std::size_t position : *order) {
    if (nodes_[position] != nullptr) sorted.push_back(nodes_[position]);
  }
  write_back(sorted);
  return {};
}

}  // namespace podium::onnx
