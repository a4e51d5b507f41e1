#pragma once

#include <set>
#include <string>

#include "core/result.h"
#include "onnx-ml.pb.h"

namespace podium::convert {

/// Adds the names and the operator types of a graph's nodes, those of graphs inside them too: what can stand in ConvertSettings::exclude.
void add_excludable(const ::onnx::GraphProto& graph, std::set<std::string>& names);

/// wrong_use that names the first of `exclude` that is none of `known`: a node that was misspelt would be converted unnoticed.
[[nodiscard]] Result<void> check_exclusions(const std::set<std::string>& exclude, const std::set<std::string>& known);

}  // namespace podium::convert
