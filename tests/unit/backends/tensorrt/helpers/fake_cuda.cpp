/// CUDA's driver as the tests want it: GPUs that do nothing and remember what they were told. PODIUM_TEST_CUDA is "FUNCTION=STATUS": that
/// function fails so. Compiled with OLD_DRIVER it lacks graphs.
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

int alive = 0;  // handles and memory that nobody gave back

int status_of(const char* function) {
  const char* given = std::getenv("PODIUM_TEST_CUDA");
  const std::string text = given == nullptr ? "" : given;
  const auto equals = text.find('=');
  return equals != std::string::npos && text.substr(0, equals) == function ? std::atoi(text.c_str() + equals + 1) : 0;
}

template <typename Handle>
int make(const char* function, Handle* handle) {
  if (const int status = status_of(function); status != 0) return status;
  *handle = reinterpret_cast<Handle>(std::malloc(1));
  ++alive;
  return 0;
}

template <typename Handle>
int drop(Handle handle) {
  std::free(reinterpret_cast<void*>(handle));
  --alive;
  return 0;
}

}  // namespace

extern "C" {
[[gnu::visibility("default")]] int podium_test_alive() {
  return alive;
}

[[gnu::visibility("default")]] int cuInit(unsigned) {
  return status_of("cuInit");
}
[[gnu::visibility("default")]] int cuDriverGetVersion(int* version) {
  return *version = 13000, 0;
}
[[gnu::visibility("default")]] int cuGetErrorName(int status, const char** name) {
  return *name = status == 2 ? "CUDA_ERROR_OUT_OF_MEMORY" : "CUDA_ERROR_ILLEGAL_ADDRESS", 0;
}
[[gnu::visibility("default")]] int cuGetErrorString(int status, const char** text) {
  return *text = status == 2 ? "out of memory" : "an illegal memory access was encountered", 0;
}
[[gnu::visibility("default")]] int cuDeviceGetCount(int* count) {
  return *count = 2, status_of("cuDeviceGetCount");
}
[[gnu::visibility("default")]] int cuDeviceGet(int* device, int index) {
  return *device = index, 0;
}
[[gnu::visibility("default")]] int cuDeviceGetName(char* name, int size, int device) {
  return std::strncpy(name, device == 0 ? "Test GPU 0" : "Test GPU 1", static_cast<std::size_t>(size)), 0;
}
[[gnu::visibility("default")]] int cuDeviceGetAttribute(int* value, int attribute, int) {
  return *value = attribute == 75 ? 9 : 0, 0;
}
[[gnu::visibility("default")]] int cuDevicePrimaryCtxRetain(void** context, int device) {
  return *context = reinterpret_cast<void*>(static_cast<std::size_t>(device) + 1), 0;
}
[[gnu::visibility("default")]] int cuDevicePrimaryCtxRelease_v2(int) {
  return 0;
}
[[gnu::visibility("default")]] int cuCtxSetCurrent(void*) {
  return 0;
}
[[gnu::visibility("default")]] int cuMemAlloc_v2(unsigned long long* address, std::size_t bytes) {
  if (const int status = status_of("cuMemAlloc_v2"); status != 0) return status;
  *address = reinterpret_cast<unsigned long long>(std::malloc(bytes));
  ++alive;
  return 0;
}
[[gnu::visibility("default")]] int cuMemFree_v2(unsigned long long address) {
  return drop(address);
}
[[gnu::visibility("default")]] int cuMemAllocHost_v2(void** address, std::size_t bytes) {
  if (const int status = status_of("cuMemAllocHost_v2"); status != 0) return status;
  *address = std::malloc(bytes);
  ++alive;
  return 0;
}
[[gnu::visibility("default")]] int cuMemFreeHost(void* address) {
  return drop(address);
}
[[gnu::visibility("default")]] int cuMemcpyHtoDAsync_v2(unsigned long long to, const void* from, std::size_t bytes, void*) {
  return std::memcpy(reinterpret_cast<void*>(to), from, bytes), 0;
}
[[gnu::visibility("default")]] int cuMemcpyDtoHAsync_v2(void* to, unsigned long long from, std::size_t bytes, void*) {
  return std::memcpy(to, reinterpret_cast<void*>(from), bytes), 0;
}
[[gnu::visibility("default")]] int cuMemcpyAsync(unsigned long long to, unsigned long long from, std::size_t bytes, void*) {
  if (const int status = status_of("cuMemcpyAsync"); status != 0) return status;
  return std::memcpy(reinterpret_cast<void*>(to), reinterpret_cast<void*>(from), bytes), 0;
}
[[gnu::visibility("default")]] int cuStreamCreate(void** stream, unsigned) {
  return make("cuStreamCreate", stream);
}
[[gnu::visibility("default")]] int cuStreamDestroy_v2(void* stream) {
  return drop(stream);
}
[[gnu::visibility("default")]] int cuStreamSynchronize(void*) {
  return status_of("cuStreamSynchronize");
}
[[gnu::visibility("default")]] int cuEventCreate(void** event, unsigned) {
  return make("cuEventCreate", event);
}
[[gnu::visibility("default")]] int cuEventDestroy_v2(void* event) {
  return drop(event);
}
[[gnu::visibility("default")]] int cuEventRecord(void*, void*) {
  return 0;
}
[[gnu::visibility("default")]] int cuEventElapsedTime(float* milliseconds, void*, void*) {
  return *milliseconds = 0.25F, 0;
}
#ifndef OLD_DRIVER
[[gnu::visibility("default")]] int cuStreamBeginCapture_v2(void*, int) {
  return 0;
}
[[gnu::visibility("default")]] int cuStreamEndCapture(void*, void** graph) {
  return make("cuStreamEndCapture", graph);
}
[[gnu::visibility("default")]] int cuGraphInstantiateWithFlags(void** made, void*, unsigned long long) {
  return make("cuGraphInstantiateWithFlags", made);
}
[[gnu::visibility("default")]] int cuGraphLaunch(void*, void*) {
  return status_of("cuGraphLaunch");
}
[[gnu::visibility("default")]] int cuGraphDestroy(void* graph) {
  return drop(graph);
}
[[gnu::visibility("default")]] int cuGraphExecDestroy(void* graph) {
  return drop(graph);
}
#endif
}
