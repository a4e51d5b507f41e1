#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "podium/types.h"

namespace podium::aotinductor {

/// What a package says of itself. PyTorch's own packages name neither inputs nor precision: Podium's exporter adds
/// "podium.inputs" ([{"name", "type", "shape"}] in the order of the call), "podium.outputs" (names) and "podium.precision" to their metadata.
struct Metadata {
  std::optional<std::vector<TensorSpec>> inputs;
  std::vector<std::string> outputs;
  std::optional<Precision> precision;
  std::string device;   ///< "cpu"
  std::string machine;  ///< "x86_64"
  std::string isa;      ///< "AVX512 AVX512_VNNI"
};

/// ErrorCode::bad_input where Podium's own entries are not what they should be.
[[nodiscard]] Result<Metadata> parse_metadata(const std::unordered_map<std::string, std::string>& entries);

/// Tensors that a call takes or returns, from PyTorch's description of the call's structure; nothing where it cannot be understood.
[[nodiscard]] std::optional<std::size_t> count_leaves(const std::string& call_spec);

}  // namespace podium::aotinductor
