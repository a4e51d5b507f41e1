#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "podium/types.h"

/// What every backend has to judge in the same words, so that the same finding reads alike on all engines.
namespace podium::backend {

/// Nodes that do the model's arithmetic (convolutions, matrix products and the like) by the type that they compute in.
using NodesByType = std::map<std::string, std::int64_t>;

/// A sentence where arithmetic is another than `asked`, else empty. Where int8 is asked for: where no node computes in it. Else one node in
/// a narrower float type, or in another of the same width, is enough; wider types are told only where most nodes have them: engines keep
/// single nodes wide for the answers' sake. Integers, and types that are not known, are not judged then: a model that is itself quantized
/// computes in them under any name.
[[nodiscard]] std::string other_precision(Precision asked, const NodesByType& arithmetic);

/// Of those nodes, the share in 8-bit integers; nothing where there are none.
[[nodiscard]] std::optional<double> int8_share(const NodesByType& arithmetic);

}  // namespace podium::backend
