#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

/// Messages of docs/worker-protocol.md: a 4-byte little-endian length, then that many bytes of JSON.
namespace podium::worker {

inline constexpr int protocol_version = 1;
inline constexpr std::size_t longest_message = std::size_t{64} << 20U;

/// A message with its length before it.
[[nodiscard]] std::string frame(std::string_view message);

/// Puts messages together from whatever pieces the socket gives.
class FrameReader {
 public:
  void add(std::string_view bytes) { pending_ += bytes; }
  /// The next whole message, nothing while it is not complete, or an error where its length is over the limit.
  [[nodiscard]] Result<std::optional<std::string>> next();
  /// Whether a message has begun and not ended.
  [[nodiscard]] bool in_the_middle() const noexcept { return !pending_.empty(); }

 private:
  std::string pending_;
};

}  // namespace podium::worker
