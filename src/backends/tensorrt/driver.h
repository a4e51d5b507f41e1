#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "backends/tensorrt/driver_functions.h"
#include "core/result.h"

namespace podium::tensorrt::cuda {

/// A handle, or memory, that goes with its owner; without a way to release it, somebody else's.
template <typename Handle>
class Owned {
 public:
  using Release = Status (*)(Handle);
  Owned() = default;
  Owned(Handle handle, Release release) : handle_(handle), release_(release) {}
  Owned(Owned&& other) noexcept : handle_(std::exchange(other.handle_, Handle{})), release_(other.release_) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(handle_, other.handle_);
    std::swap(release_, other.release_);
    return *this;
  }
  ~Owned() {
    if (handle_ != Handle{} && release_ != nullptr) (void)release_(handle_);  // a GPU that failed has lost it already
  }
  [[nodiscard]] Handle get() const noexcept { return handle_; }

 private:
  Handle handle_{};
  Release release_ = nullptr;
};

/// What TensorRT's choices depend on.
struct GpuFacts {
  std::string name;
  int capability_major = 0;
  int capability_minor = 0;
};

/// The driver's library, opened once for the process and never closed. Every failure becomes an Error that says what was being done.
class Driver {
 public:
  /// $PODIUM_CUDA_DRIVER, or libcuda.so.1.
  [[nodiscard]] static Result<const Driver*> open();
  [[nodiscard]] static Result<Driver> open(const char* file);

  [[nodiscard]] Result<int> gpu_count() const;
  [[nodiscard]] Result<GpuFacts> facts(int gpu) const;
  /// Makes `gpu` the one that this thread's calls go to. The context is the one that CUDA's runtime shares, and is kept for the process.
  [[nodiscard]] Result<Context> context(int gpu) const;
  [[nodiscard]] Result<void> use(Context context) const;

  [[nodiscard]] Result<Owned<Stream>> stream() const;
  [[nodiscard]] Result<Owned<Event>> event() const;
  [[nodiscard]] Result<Owned<Address>> memory(std::size_t bytes) const;
  [[nodiscard]] Result<Owned<void*>> host_memory(std::size_t bytes) const;  ///< that the GPU copies to directly

  [[nodiscard]] Result<void> copy_in(Address to, const void* from, std::size_t bytes, Stream stream) const;
  [[nodiscard]] Result<void> copy_out(void* to, Address from, std::size_t bytes, Stream stream) const;
  /// Between any two places, of the GPU or of the host.
  [[nodiscard]] Result<void> copy(void* to, const void* from, std::size_t bytes, Stream stream) const;
  [[nodiscard]] Result<void> synchronize(Stream stream) const;
  [[nodiscard]] Result<void> record(Event event, Stream stream) const;
  [[nodiscard]] Result<std::int64_t> elapsed_ns(Event from, Event to) const;

  [[nodiscard]] Result<void> begin_capture(Stream stream) const;
  /// What was enqueued since, as one graph.
  [[nodiscard]] Result<Owned<GraphExec>> end_capture(Stream stream) const;
  [[nodiscard]] Result<void> launch(GraphExec graph, Stream stream) const;

 private:
  [[nodiscard]] Result<void> check(Status status, std::string_view doing) const;

  Functions call_;
};

}  // namespace podium::tensorrt::cuda
