#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

namespace podium {

/// SHA-256 (FIPS 180-4), by OpenSSL. Digests are 64 lower-case hexadecimal digits.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  Sha256& update(std::string_view bytes);
  [[nodiscard]] std::string hex_digest();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] std::string sha256_of_text(std::string_view text);
/// Of a file's content, or of a folder's files in order of name with their names.
[[nodiscard]] Result<std::string> sha256_of_path(const std::filesystem::path& path);

}  // namespace podium
