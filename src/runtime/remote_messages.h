#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "backends/api/backend.h"
#include "core/result.h"
#include "core/tensor_view.h"
#include "core/unique_fd.h"

/// What a program and podium-host say to each other: a message is a JSON text, tensors lie in memory that both have mapped.
namespace podium::runtime {

/// Descriptors that podium-host is started with.
inline constexpr int host_socket = 3;
inline constexpr int host_inputs = 4;
inline constexpr int host_outputs = 5;
/// What a call is asked for with. The answer is an error, or the outputs.
inline constexpr const char* call_message = "\"call\"";

/// Memory that two processes share; it grows where the other one has made it larger.
class SharedRegion {
 public:
  explicit SharedRegion(UniqueFd fd) : fd_(std::move(fd)) {}
  SharedRegion(SharedRegion&& other) noexcept;
  SharedRegion& operator=(SharedRegion&&) = delete;
  SharedRegion(const SharedRegion&) = delete;
  SharedRegion& operator=(const SharedRegion&) = delete;
  ~SharedRegion();
  /// A new one, of no bytes yet.
  [[nodiscard]] static Result<SharedRegion> create(const char* name);
  /// Makes it at least so large.
  [[nodiscard]] Result<void> grow(std::size_t bytes);
  /// Maps at least so many bytes of it; an error where it has not so many.
  [[nodiscard]] Result<void> map(std::size_t bytes);
  [[nodiscard]] std::byte* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] int descriptor() const noexcept { return fd_.get(); }

 private:
  void unmap() noexcept;

  UniqueFd fd_;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Tensors one behind the other, each at an address that engines like. `views` get their data pointers; returns the bytes of all.
std::size_t lay_out(std::span<TensorView> views, std::byte* memory);

[[nodiscard]] std::string specs_to_text(const std::vector<backend::InputSpec>& specs);
[[nodiscard]] Result<std::vector<backend::InputSpec>> specs_from_text(const std::string& text);

/// The answer to a call, or to being started.
[[nodiscard]] std::string outputs_to_text(std::span<const TensorView> outputs);
[[nodiscard]] std::string error_to_text(const Error& error);
/// The error that it tells, or the outputs, which lie nowhere yet.
[[nodiscard]] Result<std::vector<TensorView>> outputs_from_text(const std::string& text);

/// What differs from where a variant was measured.
[[nodiscard]] std::string notices_to_text(const std::vector<std::string>& notices);
[[nodiscard]] Result<std::vector<std::string>> notices_from_text(const std::string& text);

[[nodiscard]] Result<void> send_message(int socket, const std::string& text);
/// The next message; empty where the other side is gone.
[[nodiscard]] Result<std::string> receive_message(int socket);

}  // namespace podium::runtime
