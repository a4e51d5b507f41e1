#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "podium/types.h"

namespace podium::aotinductor {

/// What Podium's exporter writes into a package ("podium.signature", JSON), since PyTorch itself keeps no names, types or shapes there.
struct Signature {
  std::vector<TensorSpec> inputs;  ///< in the order of the call
  std::vector<std::string> outputs;
  Precision precision = Precision::fp32;
  std::string torch_version;
};

/// What a package says of itself.
struct Metadata {
  std::optional<Signature> signature;  ///< nothing in a package that somebody else made
  std::string device;                  ///< "cpu"
  std::string machine;                 ///< "x86_64"
  std::string isa;                     ///< "AVX512 AVX512_VNNI"
};

/// ErrorCode::bad_input where Podium's own entry is not what it should be.
[[nodiscard]] Result<Metadata> parse_metadata(const std::unordered_map<std::string, std::string>& entries);

/// Tensors that a call takes or returns, from PyTorch's description of the call's structure; nothing where it cannot be understood.
[[nodiscard]] std::optional<std::size_t> count_leaves(const std::string& call_spec);

}  // namespace podium::aotinductor
