#include "backends/onnxruntime/cuda_driver.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>

namespace podium::onnxruntime::cuda {
namespace {

constexpr const char* library_name = "libcuda.so.1";
constexpr Status out_of_memory = 2;
constexpr unsigned int non_blocking = 1;

template <typename Function>
bool find(void* library, Function& function, const char* name) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

/// Null where there is no driver, or one older than any that today's engines take.
const Functions* load() {
  static const Functions* const loaded = []() -> const Functions* {
    static Functions f;
    void* library = ::dlopen(library_name, RTLD_NOW | RTLD_LOCAL);  // never closed: it starts threads
    if (library == nullptr) return nullptr;
    const bool complete = find(library, f.init, "cuInit") && find(library, f.count, "cuDeviceGetCount") &&
                          find(library, f.retain_context, "cuDevicePrimaryCtxRetain") &&
                          find(library, f.release_context, "cuDevicePrimaryCtxRelease_v2") &&
                          find(library, f.set_context, "cuCtxSetCurrent") && find(library, f.allocate, "cuMemAlloc_v2") &&
                          find(library, f.free, "cuMemFree_v2") && find(library, f.copy_in, "cuMemcpyHtoD_v2") &&
                          find(library, f.copy_out, "cuMemcpyDtoH_v2") && find(library, f.copy, "cuMemcpyAsync") &&
                          find(library, f.create_stream, "cuStreamCreate") && find(library, f.destroy_stream, "cuStreamDestroy_v2") &&
                          find(library, f.wait_for_stream, "cuStreamSynchronize") && find(library, f.create_event, "cuEventCreate") &&
                          find(library, f.destroy_event, "cuEventDestroy_v2") && find(library, f.record, "cuEventRecord") &&
                          find(library, f.wait, "cuEventSynchronize") && find(library, f.elapsed_ms, "cuEventElapsedTime") &&
                          find(library, f.name_of, "cuGetErrorName");
    return complete && f.init(0) == 0 ? &f : nullptr;
  }();
  return loaded;
}

}  // namespace

int gpus() {
  const Functions* const functions = load();
  int count = 0;
  return functions != nullptr && functions->count(&count) == 0 ? count : 0;
}

Result<std::shared_ptr<Gpu>> Gpu::open(int index) {
  const Functions* const functions = load();
  if (functions == nullptr) return fail(ErrorCode::unavailable, "NVIDIA's driver is not here", "install NVIDIA's driver");
  std::shared_ptr<Gpu> gpu(new Gpu(*functions, index));
  if (auto begun = gpu->begin(); !begun) return tl::unexpected(begun.error());
  return gpu;
}

Result<void> Gpu::begin() {
  if (auto done = checked(functions_.retain_context(&context_, index_), "taking its context"); !done) return done;
  if (auto done = checked(functions_.set_context(context_), "entering its context"); !done) return done;
  if (auto done = checked(functions_.create_stream(&stream_, non_blocking), "making a stream"); !done) return done;
  for (Event& mark : marks_) {
    if (auto done = checked(functions_.create_event(&mark, 0), "making an event"); !done) return done;
  }
  return {};
}

Gpu::~Gpu() {
  if (context_ == nullptr) return;
  functions_.set_context(context_);
  for (const Event mark : marks_) {
    if (mark != nullptr) functions_.destroy_event(mark);
  }
  if (stream_ != nullptr) functions_.destroy_stream(stream_);
  functions_.release_context(index_);
}

Result<std::shared_ptr<void>> Gpu::allocate(const std::shared_ptr<Gpu>& gpu, std::size_t bytes) {
  Address address = 0;
  gpu->functions_.set_context(gpu->context_);
  const std::size_t asked = std::max<std::size_t>(bytes, 1);  // of no bytes there is no address
  if (auto done = gpu->checked(gpu->functions_.allocate(&address, asked), "allocating memory"); !done) return tl::unexpected(done.error());
  const auto free = [gpu](void* memory) {
    gpu->functions_.set_context(gpu->context_);
    gpu->functions_.free(reinterpret_cast<Address>(memory));
  };
  return std::shared_ptr<void>(reinterpret_cast<void*>(address), free);
}

Result<void> Gpu::copy_in(void* device, const std::byte* host, std::size_t bytes) const {
  if (bytes == 0) return {};
  functions_.set_context(context_);
  return checked(functions_.copy_in(reinterpret_cast<Address>(device), host, bytes), "copying inputs to it");
}

Result<void> Gpu::copy_out(std::byte* host, const void* device, std::size_t bytes) const {
  if (bytes == 0) return {};
  functions_.set_context(context_);
  return checked(functions_.copy_out(host, reinterpret_cast<Address>(device), bytes), "copying outputs from it");
}

Result<void> Gpu::copy(void* to, const void* from, std::size_t bytes) const {
  if (bytes == 0) return {};
  functions_.set_context(context_);
  // The driver tells by the addresses where they lie. Within the GPU it would not wait without being asked to.
  const Status begun = functions_.copy(reinterpret_cast<Address>(to), reinterpret_cast<Address>(from), bytes, stream_);
  if (auto done = checked(begun, "copying tensors"); !done) return done;
  return checked(functions_.wait_for_stream(stream_), "copying tensors");
}

Result<void> Gpu::mark(int moment) const {
  functions_.set_context(context_);
  return checked(functions_.record(marks_[moment], stream_), "reading its clock");
}

Result<std::int64_t> Gpu::between_marks_ns() const {
  constexpr float ns_per_ms = 1e6F;
  float elapsed_ms = 0.0F;
  functions_.set_context(context_);
  if (auto done = checked(functions_.wait(marks_[1]), "waiting for it"); !done) return tl::unexpected(done.error());
  if (auto done = checked(functions_.elapsed_ms(&elapsed_ms, marks_[0], marks_[1]), "reading its clock"); !done)
    return tl::unexpected(done.error());
  return static_cast<std::int64_t>(elapsed_ms * ns_per_ms);
}

Result<void> Gpu::checked(Status status, const char* doing) const {
  if (status == 0) return {};
  const char* name = nullptr;
  functions_.name_of(status, &name);
  return fail(status == out_of_memory ? ErrorCode::out_of_memory : ErrorCode::failed,
              fmt::format("the GPU cuda:{} failed while {}: {}", index_, doing, name == nullptr ? "no reason given" : name),
              status == out_of_memory ? "use a smaller --batch" : "");
}

}  // namespace podium::onnxruntime::cuda
