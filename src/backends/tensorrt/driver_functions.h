#pragma once

#include <cstddef>

// CUDA's own names for what its handles point to; TensorRT's functions take a stream by them.
struct CUctx_st;
struct CUstream_st;
struct CUevent_st;
struct CUgraph_st;
struct CUgraphExec_st;

/// CUDA's driver library as far as Podium calls it, declared here from its documentation: its header comes with CUDA's toolkit, its library
/// with every driver.
namespace podium::tensorrt::cuda {

using Status = int;  ///< 0 is success
using DeviceIndex = int;
using Address = unsigned long long;  ///< in the GPU's memory
using Context = CUctx_st*;
using Stream = CUstream_st*;
using Event = CUevent_st*;
using Graph = CUgraph_st*;
using GraphExec = CUgraphExec_st*;

constexpr Status no_memory_left = 2;
constexpr unsigned int stream_of_its_own = 1;  ///< that does not wait for the one that all share
constexpr int capture_of_this_thread = 1;
constexpr int attribute_capability_major = 75;
constexpr int attribute_capability_minor = 76;

struct Functions {
  Status (*init)(unsigned int) = nullptr;
  Status (*version)(int*) = nullptr;
  Status (*error_name)(Status, const char**) = nullptr;
  Status (*error_text)(Status, const char**) = nullptr;
  Status (*device_count)(int*) = nullptr;
  Status (*device)(DeviceIndex*, int) = nullptr;
  Status (*device_name)(char*, int, DeviceIndex) = nullptr;
  Status (*device_attribute)(int*, int, DeviceIndex) = nullptr;
  Status (*retain_context)(Context*, DeviceIndex) = nullptr;
  Status (*release_context)(DeviceIndex) = nullptr;
  Status (*set_context)(Context) = nullptr;
  Status (*allocate)(Address*, std::size_t) = nullptr;
  Status (*free)(Address) = nullptr;
  Status (*allocate_host)(void**, std::size_t) = nullptr;
  Status (*free_host)(void*) = nullptr;
  Status (*copy_in)(Address, const void*, std::size_t, Stream) = nullptr;
  Status (*copy_out)(void*, Address, std::size_t, Stream) = nullptr;
  Status (*copy)(Address, Address, std::size_t, Stream) = nullptr;
  Status (*create_stream)(Stream*, unsigned int) = nullptr;
  Status (*destroy_stream)(Stream) = nullptr;
  Status (*synchronize)(Stream) = nullptr;
  Status (*begin_capture)(Stream, int) = nullptr;
  Status (*end_capture)(Stream, Graph*) = nullptr;
  Status (*instantiate)(GraphExec*, Graph, unsigned long long) = nullptr;
  Status (*launch)(GraphExec, Stream) = nullptr;
  Status (*destroy_graph)(Graph) = nullptr;
  Status (*destroy_graph_exec)(GraphExec) = nullptr;
  Status (*create_event)(Event*, unsigned int) = nullptr;
  Status (*destroy_event)(Event) = nullptr;
  Status (*record)(Event, Stream) = nullptr;
  Status (*elapsed)(float*, Event, Event) = nullptr;
};

}  // namespace podium::tensorrt::cuda
