#include "backends/tensorrt/driver.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "core/text.h"

namespace podium::tensorrt::cuda {
namespace {

constexpr const char* usual_library = "libcuda.so.1";
constexpr const char* remedy = "install NVIDIA's driver";

/// Fills one function; remembers the name of one that the library lacks.
template <typename Function>
void find(void* library, Function& function, const char* name, std::string& lacking) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  if (function == nullptr) lacking = name;
}

/// The name of a function that is not there; empty where all are.
std::string find_all(void* library, Functions& f) {
  std::string lacking;
  find(library, f.init, "cuInit", lacking);
  find(library, f.version, "cuDriverGetVersion", lacking);
  find(library, f.error_name, "cuGetErrorName", lacking);
  find(library, f.error_text, "cuGetErrorString", lacking);
  find(library, f.device_count, "cuDeviceGetCount", lacking);
  find(library, f.device, "cuDeviceGet", lacking);
  find(library, f.device_name, "cuDeviceGetName", lacking);
  find(library, f.device_attribute, "cuDeviceGetAttribute", lacking);
  find(library, f.retain_context, "cuDevicePrimaryCtxRetain", lacking);
  find(library, f.release_context, "cuDevicePrimaryCtxRelease_v2", lacking);
  find(library, f.set_context, "cuCtxSetCurrent", lacking);
  find(library, f.allocate, "cuMemAlloc_v2", lacking);
  find(library, f.free, "cuMemFree_v2", lacking);
  find(library, f.allocate_host, "cuMemAllocHost_v2", lacking);
  find(library, f.free_host, "cuMemFreeHost", lacking);
  find(library, f.copy_in, "cuMemcpyHtoDAsync_v2", lacking);
  find(library, f.copy_out, "cuMemcpyDtoHAsync_v2", lacking);
  find(library, f.copy, "cuMemcpyAsync", lacking);
  find(library, f.create_stream, "cuStreamCreate", lacking);
  find(library, f.destroy_stream, "cuStreamDestroy_v2", lacking);
  find(library, f.synchronize, "cuStreamSynchronize", lacking);
  find(library, f.begin_capture, "cuStreamBeginCapture_v2", lacking);
  find(library, f.end_capture, "cuStreamEndCapture", lacking);
  find(library, f.instantiate, "cuGraphInstantiateWithFlags", lacking);
  find(library, f.launch, "cuGraphLaunch", lacking);
  find(library, f.destroy_graph, "cuGraphDestroy", lacking);
  find(library, f.destroy_graph_exec, "cuGraphExecDestroy", lacking);
  find(library, f.create_event, "cuEventCreate", lacking);
  find(library, f.destroy_event, "cuEventDestroy_v2", lacking);
  find(library, f.record, "cuEventRecord", lacking);
  find(library, f.elapsed, "cuEventElapsedTime", lacking);
  return lacking;
}

std::string why_not_opened() {
  const char* reason = ::dlerror();
  return printable(reason == nullptr ? "no reason given" : reason);
}

}  // namespace

Result<const Driver*> Driver::open() {
  static const Result<Driver> driver = [] {
    const char* given = std::getenv("PODIUM_CUDA_DRIVER");
    return open(given == nullptr || *given == '\0' ? usual_library : given);
  }();
  if (!driver) return tl::unexpected(driver.error());
  return &*driver;
}

Result<Driver> Driver::open(const char* file) {
  void* library = ::dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return fail(ErrorCode::unavailable, fmt::format("CUDA's driver cannot be opened: {}", why_not_opened()), remedy);
  Driver driver;
  if (const std::string lacking = find_all(library, driver.call_); !lacking.empty())
    return fail(ErrorCode::unavailable, fmt::format("CUDA's driver in '{}' is too old: it has no {}", file, lacking), remedy);
  if (auto started = driver.check(driver.call_.init(0), "starting its driver"); !started) {
    return fail(ErrorCode::unavailable, std::move(started.error().message), "look for a GPU with nvidia-smi");
  }
  return driver;
}

Result<void> Driver::check(Status status, std::string_view doing) const {
  if (status == 0) return {};
  const char* name = nullptr;
  const char* text = nullptr;
  const bool is_known = call_.error_name(status, &name) == 0 && call_.error_text(status, &text) == 0;
  const std::string what = is_known ? fmt::format("{} ({})", text, name) : fmt::format("error {}", status);
  if (status == no_memory_left)
    return fail(ErrorCode::out_of_memory, fmt::format("the GPU had no memory left for {}: {}", doing, what),
                "measure fewer cells at once, or a smaller batch");
  return fail(ErrorCode::failed, fmt::format("CUDA failed while {}: {}", doing, what));
}

Result<int> Driver::gpu_count() const {
  int count = 0;
  if (auto done = check(call_.device_count(&count), "counting GPUs"); !done) return tl::unexpected(done.error());
  return count;
}

Result<GpuFacts> Driver::facts(int gpu) const {
  GpuFacts facts;
  DeviceIndex device = 0;
  std::array<char, 256> name{};
  for (const Status status : {call_.device(&device, gpu), call_.device_name(name.data(), static_cast<int>(name.size() - 1), device),
                              call_.device_attribute(&facts.capability_major, attribute_capability_major, device),
                              call_.device_attribute(&facts.capability_minor, attribute_capability_minor, device)}) {
    if (auto done = check(status, fmt::format("looking at GPU {}", gpu)); !done) return tl::unexpected(done.error());
  }
  facts.name = printable(name.data());
  return facts;
}

Result<Context> Driver::context(int gpu) const {
  DeviceIndex device = 0;
  Context context = nullptr;
  const std::string doing = fmt::format("taking GPU {}", gpu);
  if (auto done = check(call_.device(&device, gpu), doing); !done) return tl::unexpected(done.error());
  if (auto done = check(call_.retain_context(&context, device), doing); !done) return tl::unexpected(done.error());
  if (auto done = use(context); !done) return tl::unexpected(done.error());
  return context;
}

Result<void> Driver::use(Context context) const {
  return check(call_.set_context(context), "changing to its GPU");
}

Result<Owned<Stream>> Driver::stream() const {
  Stream stream = nullptr;
  if (auto done = check(call_.create_stream(&stream, stream_of_its_own), "making a stream"); !done) return tl::unexpected(done.error());
  return Owned<Stream>(stream, call_.destroy_stream);
}

Result<Owned<Event>> Driver::event() const {
  Event event = nullptr;
  if (auto done = check(call_.create_event(&event, 0), "making an event"); !done) return tl::unexpected(done.error());
  return Owned<Event>(event, call_.destroy_event);
}

Result<Owned<Address>> Driver::memory(std::size_t bytes) const {
  Address address = 0;
  if (auto done = check(call_.allocate(&address, std::max<std::size_t>(bytes, 1)), fmt::format("{} bytes", bytes)); !done)
    return tl::unexpected(done.error());
  return Owned<Address>(address, call_.free);
}

Result<Owned<void*>> Driver::host_memory(std::size_t bytes) const {
  void* address = nullptr;
  if (auto done = check(call_.allocate_host(&address, std::max<std::size_t>(bytes, 1)), fmt::format("{} bytes of pinned memory", bytes));
      !done)
    return tl::unexpected(done.error());
  return Owned<void*>(address, call_.free_host);
}

Result<void> Driver::copy_in(Address to, const void* from, std::size_t bytes, Stream stream) const {
  return bytes == 0 ? Result<void>() : check(call_.copy_in(to, from, bytes, stream), "copying an input to the GPU");
}

Result<void> Driver::copy_out(void* to, Address from, std::size_t bytes, Stream stream) const {
  return bytes == 0 ? Result<void>() : check(call_.copy_out(to, from, bytes, stream), "copying an output from the GPU");
}

Result<void> Driver::copy(void* to, const void* from, std::size_t bytes, Stream stream) const {
  const auto address = [](const void* place) { return static_cast<Address>(reinterpret_cast<std::uintptr_t>(place)); };
  return bytes == 0 ? Result<void>() : check(call_.copy(address(to), address(from), bytes, stream), "copying a tensor");
}

Result<void> Driver::synchronize(Stream stream) const {
  return check(call_.synchronize(stream), "waiting for the GPU");
}

Result<void> Driver::record(Event event, Stream stream) const {
  return check(call_.record(event, stream), "recording an event");
}

Result<std::int64_t> Driver::elapsed_ns(Event from, Event to) const {
  float milliseconds = 0.0F;
  if (auto done = check(call_.elapsed(&milliseconds, from, to), "reading the GPU's clock"); !done) return tl::unexpected(done.error());
  return static_cast<std::int64_t>(1e6 * double{milliseconds});
}

Result<void> Driver::begin_capture(Stream stream) const {
  return check(call_.begin_capture(stream, capture_of_this_thread), "beginning to record a graph");
}

Result<Owned<GraphExec>> Driver::end_capture(Stream stream) const {
  Graph graph = nullptr;
  GraphExec made = nullptr;
  if (auto done = check(call_.end_capture(stream, &graph), "recording a graph"); !done) return tl::unexpected(done.error());
  const Owned<Graph> recorded(graph, call_.destroy_graph);
  if (auto done = check(call_.instantiate(&made, graph, 0), "preparing a graph"); !done) return tl::unexpected(done.error());
  return Owned<GraphExec>(made, call_.destroy_graph_exec);
}

Result<void> Driver::launch(GraphExec graph, Stream stream) const {
  return check(call_.launch(graph, stream), "launching a graph");
}

}  // namespace podium::tensorrt::cuda
