#include "core/sha256.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "core/unique_fd.h"

namespace podium {

namespace fs = std::filesystem;

namespace {

struct ContextDeleter {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

void check(int status) {
  if (status != 1) throw std::runtime_error("OpenSSL refused to compute a SHA-256 digest");
}

tl::unexpected<Error> cannot_read(const fs::path& path, const std::error_code& error) {
  return fail(error.value() == ENOENT ? ErrorCode::bad_input : ErrorCode::io,
              fmt::format("cannot read '{}': {}", path.string(), error.message()));
}

tl::unexpected<Error> cannot_read(const fs::path& path) {
  return cannot_read(path, {errno, std::generic_category()});
}

Result<void> add_file(Sha256& digest, const fs::path& file) {
  // O_NONBLOCK: opening a pipe that nobody writes to must not hang.
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return cannot_read(file);
  std::vector<char> buffer(std::size_t{1} << 20);
  while (true) {
    const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return cannot_read(file);
    if (count == 0) return {};
    digest.update({buffer.data(), static_cast<std::size_t>(count)});
  }
}

Result<std::vector<fs::path>> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->is_regular_file(error)) files.push_back(it->path().lexically_relative(folder));
  }
  if (error) return cannot_read(folder, error);
  std::sort(files.begin(), files.end());
  return files;
}

Result<void> add_folder(Sha256& digest, const fs::path& folder) {
  const Result<std::vector<fs::path>> files = files_below(folder);
  if (!files) return tl::unexpected(files.error());
  for (const fs::path& file : *files) {
    // Name and content are each hashed by themselves, so that no other split of the same bytes gives the same digest.
    Sha256 content;
    if (Result<void> added = add_file(content, folder / file); !added) return added;
    digest.update(sha256_of_text(file.generic_string())).update(content.hex_digest());
  }
  return {};
}

}  // namespace

struct Sha256::State {
  std::unique_ptr<EVP_MD_CTX, ContextDeleter> context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  if (!state_->context) throw std::bad_alloc();
  check(EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr));
}

Sha256::~Sha256() = default;

Sha256& Sha256::update(std::string_view bytes) {
  check(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()));
  return *this;
}

std::string Sha256::hex_digest() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  check(EVP_DigestFinal_ex(state_->context.get(), digest.data(), &size));
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

std::string sha256_of_text(std::string_view text) {
  return Sha256().update(text).hex_digest();
}

Result<std::string> sha256_of_path(const fs::path& path) {
  Sha256 digest;
  std::error_code error;
  const bool is_folder = fs::is_directory(path, error);
  if (Result<void> added = is_folder ? add_folder(digest, path) : add_file(digest, path); !added) return tl::unexpected(added.error());
  return digest.hex_digest();
}

}  // namespace podium
