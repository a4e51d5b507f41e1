#include "convert/quantize/placement.h"

#include <algorithm>

#include "convert/quantize/layer_ends.h"
#include "onnx/attributes.h"

namespace podium::convert {
namespace {

using ::onnx::NodeProto;

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_curve(const NodeProto& node) {
  const OperatorRule* rule = find_rule(node);
  return rule != nullptr && rule->role == Role::curve;
}

/// The other input of an Add or Mul; empty where both are `value`.
std::string other_input(const NodeProto& node, const std::string& value) {
  if (node.input_size() != 2) return {};
  if (node.input(0) != value) return node.input(0);
  return node.input(1) != value ? node.input(1) : std::string();
}

}  // namespace

Placement::Placement(const ::onnx::GraphProto& graph, const QuantizationProfile& profile, const std::set<std::string>& exclude)
    : view_(graph), facts_(graph), profile_(profile), exclude_(exclude) {
  find_sites();
  leave_first_and_last();
  for (Site& site : sites_) {
    if (hosts_.contains(site.node)) site.alive = false;  // it runs as the end of a site before it
    if (site.alive) find_ends(site);
  }
  settle();
}

void Placement::find_sites() {
  for (const NodeProto& node : view_.graph().node()) {
    const OperatorRule* rule = find_rule(node);
    if (rule == nullptr) {
      if (holds_graphs(node)) left_wide_.emplace(node.name(), "the graphs inside it stay as they are");
      if (is_arithmetic_without_rule(node)) left_wide_.emplace(node.name(), "static int8 has no form of " + node.op_type());
      continue;
    }
    if (is_excluded(node)) {
      left_wide_.emplace(node.name(), "it was excluded");
      continue;
    }
    if (!is_float(node.output_size() > 0 ? node.output(0) : "") && rule->role != Role::product) continue;  // of shapes, indices
    Result<Quantizable> look = look_at(node, *rule, view_, facts_, profile_);
    if (!look) {
      left_wide_.emplace(node.name(), look.error().message);
      continue;
    }
    sites_.push_back({&node, *look, {}, look->activations, true});
  }
}

void Placement::leave_first_and_last() {
  if (profile_.quantize_first_layers && profile_.quantize_last_layers) return;
  std::set<const NodeProto*> products;
  for (const Site& site : sites_) {
    if (site.look.rule->role == Role::product) products.insert(site.node);
  }
  const LayerEnds layer_ends = find_layer_ends(view_, products);
  for (Site& site : sites_) {
    const bool is_first = !profile_.quantize_first_layers && layer_ends.first.contains(site.node);
    const bool is_last = !profile_.quantize_last_layers && layer_ends.last.contains(site.node);
    if (!is_first && !is_last) continue;
    site.alive = false;
    left_wide_.emplace(site.node->name(),
                       is_first ? "first layers stay in float for this engine" : "last layers stay in float for this engine");
  }
  std::erase_if(sites_, [](const Site& site) { return !site.alive; });
}

void Placement::find_ends(Site& site) {
  hosts_.emplace(site.node, static_cast<std::size_t>(&site - sites_.data()));
  if (site.look.rule->role == Role::move || site.look.rule->role == Role::curve || site.node->output_size() != 1) return;
  while (true) {
    const std::string value = site.last().output(0);
    if (add_swish(site, value)) continue;
    const NodeProto* end = next_end(site, value);
    if (end == nullptr) break;
    if (!is_curve(*end)) {
      const std::string other = other_input(*end, value);
      if (view_.constant(other) == nullptr) site.activations.push_back(other);
    }
    add_end(site, *end);
  }
}

void Placement::add_end(Site& site, const NodeProto& end) {
  site.ends.push_back(&end);
  hosts_.emplace(&end, static_cast<std::size_t>(&site - sites_.data()));
  left_wide_.erase(end.name());
}

const NodeProto* Placement::next_end(const Site& site, const std::string& value) const {
  const NodeProto* reader = view_.only_reader(value);
  if (reader == nullptr || !onnx::is_standard(*reader) || hosts_.contains(reader) || is_excluded(*reader) || reader->output_size() != 1)
    return nullptr;
  if (is_curve(*reader)) return reader->input(0) == value && contains(profile_.fused_ends, reader->op_type()) ? reader : nullptr;
  const bool is_fused_add = reader->op_type() == "Add" && !profile_.quantize_residual_adds && site.look.rule->role == Role::product;
  const bool has_residual = site.activations.size() > site.look.activations.size();
  if (!is_fused_add) return nullptr;
  const std::string other = other_input(*reader, value);
  if (view_.constant(other) != nullptr) return reader;
  return !has_residual && is_float(other) ? reader : nullptr;
}

/// x · sigmoid(x), which exporters write as two nodes.
bool Placement::add_swish(Site& site, const std::string& value) {
  if (!contains(profile_.fused_ends, "Swish") || view_.is_output(value)) return false;
  std::vector<const NodeProto*> readers = view_.readers(value);
  if (readers.size() != 2) return false;
  if (readers[0]->op_type() == "Mul") std::swap(readers[0], readers[1]);
  const NodeProto& gate = *readers[0];
  const NodeProto& product = *readers[1];
  const bool is_gate = (gate.op_type() == "Sigmoid" || gate.op_type() == "HardSigmoid") && gate.output_size() == 1;
  if (!is_gate || product.op_type() != "Mul" || view_.only_reader(gate.output(0)) != &product) return false;
  if (other_input(product, value) != gate.output(0) || is_excluded(gate) || is_excluded(product) || hosts_.contains(&product)) return false;
  add_end(site, gate);
  add_end(site, product);
  return true;
}

void Placement::settle() {
  for (bool changed = true; changed;) {
    changed = false;
    for (Site& site : sites_) {
      if (!site.alive || is_worth_it(site)) continue;
      site.alive = false;
      changed = true;
      left_wide_.emplace(site.node->name(), "int8 gains nothing there: no node before or behind it runs in int8");
    }
  }
}

bool Placement::is_worth_it(const Site& site) const {
  if (site.look.rule->role == Role::product) return true;
  if (site.look.rule->role == Role::sum && stands_between_int8(site)) return true;
  const auto& outputs = site.last().output();
  if (std::none_of(outputs.begin(), outputs.end(), [this](const std::string& value) { return is_read_in_int8(value); })) return false;
  const auto from_int8 = [this](const std::string& value) { return comes_from_int8(value); };
  if (std::any_of(site.activations.begin(), site.activations.end(), from_int8)) return true;
  return site.look.rule->role == Role::move &&
         std::all_of(outputs.begin(), outputs.end(), [this](const std::string& value) { return is_read_in_int8_only(value); });
}

/// All its inputs are written as int8 whatever becomes of it.
bool Placement::stands_between_int8(const Site& site) const {
  return std::all_of(site.activations.begin(), site.activations.end(), [this](const std::string& value) {
    const Site* source = site_of(view_.producer(value));
    return source != nullptr && needs_quantized_output(*source);
  });
}

const Site* Placement::site_of(const NodeProto* node) const {
  const auto found = hosts_.find(node);
  return found != hosts_.end() && sites_[found->second].alive ? &sites_[found->second] : nullptr;
}

bool Placement::comes_from_int8(const std::string& value) const {
  return site_of(view_.producer(value)) != nullptr;
}

bool Placement::reads_in_int8(const NodeProto& reader, const std::string& value) const {
  const Site* site = site_of(&reader);
  return site != nullptr && contains(site->activations, value);
}

bool Placement::is_read_in_int8(const std::string& value) const {
  const auto& readers = view_.readers(value);
  return std::any_of(readers.begin(), readers.end(), [&](const NodeProto* reader) { return reads_in_int8(*reader, value); });
}

bool Placement::is_read_in_int8_only(const std::string& value) const {
  const auto& readers = view_.readers(value);
  return !view_.is_output(value) &&
         std::all_of(readers.begin(), readers.end(), [&](const NodeProto* reader) { return reads_in_int8(*reader, value); });
}

bool Placement::is_excluded(const NodeProto& node) const {
  return exclude_.contains(node.name()) || exclude_.contains(node.op_type());
}

std::string Placement::scale_source(std::string value) const {
  while (!profile_.quantize_behind_moves) {
    const Site* site = site_of(view_.producer(value));
    if (site == nullptr || site->look.rule->role != Role::move) break;
    value = site->activations.front();
  }
  return value;
}

bool Placement::needs_quantized_output(const Site& site) const {
  if (site.look.rule->role == Role::move) return profile_.quantize_behind_moves;
  return !contains(profile_.float_outputs, site.node->op_type());
}

}  // namespace podium::convert
