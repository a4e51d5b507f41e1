#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "convert/quantize/operator_rules.h"

namespace podium::convert {

/// A node that runs in int8, with the nodes that run as its end.
struct Site {
  const ::onnx::NodeProto* node = nullptr;
  Quantizable look;
  std::vector<const ::onnx::NodeProto*> ends;  ///< in order: activation functions, a residual Add
  std::vector<std::string> activations;        ///< quantized for it: look's, and what its ends read besides
  bool alive = true;

  [[nodiscard]] const ::onnx::NodeProto& last() const { return ends.empty() ? *node : *ends.back(); }
};

/// Decides which nodes run in int8. Products always do; what lies between them does where it saves a way out of int8 and back.
class Placement {
 public:
  /// `exclude`: names of nodes, or operator types.
  Placement(const ::onnx::GraphProto& graph, const QuantizationProfile& profile, const std::set<std::string>& exclude);

  [[nodiscard]] const std::vector<Site>& sites() const noexcept { return sites_; }  ///< in the order of the graph; dead ones too
  [[nodiscard]] const std::map<std::string, std::string>& left_wide() const noexcept { return left_wide_; }
  /// The value whose scale this one has: the input of the moves before it, where the engine takes scales through them.
  [[nodiscard]] std::string scale_source(std::string value) const;
  /// The engine runs the site in int8 only where its output is quantized too.
  [[nodiscard]] bool needs_quantized_output(const Site& site) const;

 private:
  void find_sites();
  void find_ends(Site& site);
  void add_end(Site& site, const ::onnx::NodeProto& end);
  [[nodiscard]] const ::onnx::NodeProto* next_end(const Site& site, const std::string& value) const;
  bool add_swish(Site& site, const std::string& value);
  void leave_first_and_last();
  void settle();
  [[nodiscard]] bool is_worth_it(const Site& site) const;
  [[nodiscard]] bool stands_between_int8(const Site& site) const;
  [[nodiscard]] bool comes_from_int8(const std::string& value) const;
  [[nodiscard]] bool is_read_in_int8(const std::string& value) const;
  [[nodiscard]] bool is_read_in_int8_only(const std::string& value) const;
  [[nodiscard]] bool reads_in_int8(const ::onnx::NodeProto& reader, const std::string& value) const;
  [[nodiscard]] bool is_excluded(const ::onnx::NodeProto& node) const;
  [[nodiscard]] bool is_float(const std::string& value) const { return facts_.type(value) == ::onnx::TensorProto::FLOAT; }
  [[nodiscard]] const Site* site_of(const ::onnx::NodeProto* node) const;

  GraphView view_;
  onnx::ValueFacts facts_;
  const QuantizationProfile& profile_;
  const std::set<std::string>& exclude_;
  std::vector<Site> sites_;
  std::unordered_map<const ::onnx::NodeProto*, std::size_t> hosts_;  ///< node → index of the site that it heads or ends
  std::map<std::string, std::string> left_wide_;
};

}  // namespace podium::convert
