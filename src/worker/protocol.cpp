#include "worker/protocol.h"

#include <fmt/format.h>

#include <cstdint>

namespace podium::worker {

namespace {
constexpr std::size_t length_bytes = 4;
}

std::string frame(std::string_view message) {
  std::string framed;
  framed.reserve(length_bytes + message.size());
  for (std::size_t i = 0; i < length_bytes; ++i) framed += static_cast<char>((message.size() >> (8 * i)) & 0xFFU);
  return framed.append(message);
}

Result<std::optional<std::string>> FrameReader::next() {
  if (pending_.size() < length_bytes) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) length |= std::size_t{static_cast<unsigned char>(pending_[i])} << (8 * i);
  if (length > longest_message) {
    return fail(ErrorCode::failed,
                fmt::format("a message of {} bytes is longer than the {} that the protocol allows", length, longest_message));
  }
  if (pending_.size() < length_bytes + length) return std::nullopt;
  std::string message = pending_.substr(length_bytes, length);
  pending_.erase(0, length_bytes + length);
  return message;
}

}  // namespace podium::worker
