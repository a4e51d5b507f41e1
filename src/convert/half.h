#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "convert/activations.h"
#include "convert/progress.h"
#include "podium/convert.h"

namespace podium::convert {

struct HalfRequest {
  DataType type = DataType::float16;  ///< or bfloat16
  bool keep_io = true;                ///< inputs and outputs stay float32, with a Cast behind and before them
  std::set<std::string> wide = {};    ///< names of nodes, or operator types, that stay float32 besides those that always do
  std::map<std::string, std::string> known_wide = {};  ///< names of nodes that are known to stay float32, with the reason
  bool convert_islands = false;  ///< nodes between float32 nodes too, where the Casts around them cost more than 16 bits save
};

/// Nodes that stay wide, or are converted, together: one that computes, with those that only move its numbers about.
struct NodeGroup {
  std::string name;                ///< of the node that computes
  std::vector<std::string> nodes;  ///< names of all
};

/// What was made of a model.
struct Halved {
  ConversionReport report;
  std::vector<NodeGroup> groups;  ///< of nodes that compute in 16 bits, in the order of the graph, inner graphs' behind their node
};

/// Turns a float32 model into one that computes in half precision. With a source, real activations are looked at first: a node whose input
/// or output passes the type's range, or lies below its normal numbers for the most part, stays wide, and the report says so.
[[nodiscard]] Result<Halved> to_half(::onnx::ModelProto& model, const HalfRequest& request, ActivationSource* source,
                                     const Progress& progress);

}  // namespace podium::convert
