#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"
#include "podium/types.h"

namespace podium::worker {

/// One model input in shared memory: the same shape for every batch, and where each batch starts.
struct InputLayout {
  std::string name;
  DataType type = DataType::float32;
  Shape shape;                         ///< of one batch
  std::vector<std::uint64_t> offsets;  ///< of each batch, in bytes, 64-byte aligned
};

/// Inputs of one batch size in a memfd that every worker of that batch size maps, so that all see the same bytes.
class InputMemory {
 public:
  /// `batches[b][i]` holds the bytes of input i of batch b.
  [[nodiscard]] static Result<InputMemory> create(std::vector<InputLayout> layout,
                                                  const std::vector<std::vector<std::span<const std::byte>>>& batches);
  /// Room for one batch that rewrite() fills, anew before each answer: for one worker, more batches than memory should hold.
  [[nodiscard]] static Result<InputMemory> create_rewritable(std::vector<InputLayout> layout);
  [[nodiscard]] static InputMemory empty();  ///< for a probe
  /// `inputs[i]` holds the bytes of input i. Not while the worker runs.
  [[nodiscard]] Result<void> rewrite(const std::vector<std::vector<std::byte>>& inputs);
  [[nodiscard]] int descriptor() const noexcept { return fd_.get(); }
  [[nodiscard]] const std::vector<InputLayout>& layout() const noexcept { return layout_; }
  [[nodiscard]] std::int64_t batches() const noexcept {
    return layout_.empty() ? 0 : static_cast<std::int64_t>(layout_.front().offsets.size());
  }

 private:
  UniqueFd fd_;
  std::vector<InputLayout> layout_;
};

}  // namespace podium::worker
