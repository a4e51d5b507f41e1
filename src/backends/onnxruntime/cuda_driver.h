#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/result.h"

/// NVIDIA's driver as far as this backend calls it: memory and copies to and from it, a stream, and its clock.
/// Declared here from its documentation: its header comes with CUDA's toolkit, its library with every driver.
namespace podium::onnxruntime::cuda {

using Status = int;  ///< 0 is success
using Address = std::uint64_t;
using Context = struct OpaqueContext*;
using Stream = struct OpaqueStream*;
using Event = struct OpaqueEvent*;

struct Functions {
  Status (*init)(unsigned int) = nullptr;
  Status (*count)(int*) = nullptr;
  Status (*retain_context)(Context*, int) = nullptr;
  Status (*release_context)(int) = nullptr;
  Status (*set_context)(Context) = nullptr;
  Status (*allocate)(Address*, std::size_t) = nullptr;
  Status (*free)(Address) = nullptr;
  Status (*copy_in)(Address, const void*, std::size_t) = nullptr;
  Status (*copy_out)(void*, Address, std::size_t) = nullptr;
  Status (*copy)(Address, Address, std::size_t, Stream) = nullptr;
  Status (*create_stream)(Stream*, unsigned int) = nullptr;
  Status (*destroy_stream)(Stream) = nullptr;
  Status (*wait_for_stream)(Stream) = nullptr;
  Status (*create_event)(Event*, unsigned int) = nullptr;
  Status (*destroy_event)(Event) = nullptr;
  Status (*record)(Event, Stream) = nullptr;
  Status (*wait)(Event) = nullptr;
  Status (*elapsed_ms)(float*, Event, Event) = nullptr;
  Status (*name_of)(Status, const char**) = nullptr;
};

/// The GPUs that the driver shows to this process; 0 where there is no driver.
[[nodiscard]] int gpus();

/// One GPU: its primary context, which the engine computes in too, with a stream and two events of ours.
class Gpu {
 public:
  [[nodiscard]] static Result<std::shared_ptr<Gpu>> open(int index);
  Gpu(const Gpu&) = delete;
  Gpu& operator=(const Gpu&) = delete;
  ~Gpu();

  [[nodiscard]] int index() const noexcept { return index_; }
  /// Waits for no other stream, and none waits for it.
  [[nodiscard]] Stream stream() const noexcept { return stream_; }
  /// Memory that nobody else is given before it is freed, from any thread; it keeps the GPU open.
  [[nodiscard]] static Result<std::shared_ptr<void>> allocate(const std::shared_ptr<Gpu>& gpu, std::size_t bytes);
  /// Both return when the bytes are there. From any thread.
  [[nodiscard]] Result<void> copy_in(void* device, const std::byte* host, std::size_t bytes) const;
  [[nodiscard]] Result<void> copy_out(std::byte* host, const void* device, std::size_t bytes) const;
  /// Between any two places, of the GPU or of the host; likewise.
  [[nodiscard]] Result<void> copy(void* to, const void* from, std::size_t bytes) const;
  /// Marks a moment of the stream: the first and the second of a pair.
  [[nodiscard]] Result<void> mark(int moment) const;
  /// Nanoseconds of the GPU between the two marks, once the second is passed.
  [[nodiscard]] Result<std::int64_t> between_marks_ns() const;

 private:
  Gpu(const Functions& functions, int index) : functions_(functions), index_(index) {}
  [[nodiscard]] Result<void> begin();
  [[nodiscard]] Result<void> checked(Status status, const char* doing) const;

  const Functions& functions_;
  int index_;
  Context context_ = nullptr;
  Stream stream_ = nullptr;
  Event marks_[2] = {nullptr, nullptr};
};

}  // namespace podium::onnxruntime::cuda
