// TensorRT's C++ API: an engine that Podium built (a .engine file in its cache), inputs in the GPU's memory, one CUDA graph for each batch
// of them, a launch and a wait for each call. Outputs stay on the GPU.
#include <NvInferRuntime.h>
#include <cuda_runtime_api.h>
#include <dlfcn.h>

#include <iterator>
#include <memory>

#include "handwritten.h"

namespace {

class Log final : public nvinfer1::ILogger {
  void log(Severity severity, char const* message) noexcept override {
    if (severity <= Severity::kERROR) std::cerr << message << '\n';
  }
};

void check(cudaError_t status) {
  if (status != cudaSuccess) throw std::runtime_error(cudaGetErrorString(status));
}

nvinfer1::IRuntime* make_runtime(Log& log) {
  const std::string name = "libnvinfer.so." + std::to_string(NV_TENSORRT_MAJOR);
  void* library = dlopen(name.c_str(), RTLD_LAZY);
  if (library == nullptr) throw std::runtime_error(dlerror());
  const auto create = reinterpret_cast<void* (*)(void*, int)>(dlsym(library, "createInferRuntime_INTERNAL"));
  return static_cast<nvinfer1::IRuntime*>(create(&log, NV_TENSORRT_VERSION));
}

std::string read_file(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void* on_gpu(std::size_t bytes) {
  void* address = nullptr;
  check(cudaMalloc(&address, bytes));
  return address;
}

cudaGraphExec_t record(nvinfer1::IExecutionContext& context, cudaStream_t stream) {
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t made = nullptr;
  if (!context.enqueueV3(stream)) throw std::runtime_error("the engine does not run");
  check(cudaStreamSynchronize(stream));
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  (void)context.enqueueV3(stream);
  check(cudaStreamEndCapture(stream, &graph));
  check(cudaGraphInstantiateWithFlags(&made, graph, 0));
  return made;
}

/// An address for every input and output; returns the name of the input.
std::string bind_outputs(nvinfer1::ICudaEngine& engine, nvinfer1::IExecutionContext& context) {
  std::string input;
  for (int i = 0; i < engine.getNbIOTensors(); ++i) {
    const char* name = engine.getIOTensorName(i);
    if (engine.getTensorIOMode(name) == nvinfer1::TensorIOMode::kINPUT) {
      input = name;
      continue;
    }
    std::size_t values = 1;
    const nvinfer1::Dims dims = engine.getTensorShape(name);
    for (int axis = 0; axis < dims.nbDims; ++axis) values *= static_cast<std::size_t>(dims.d[axis]);
    context.setTensorAddress(name, on_gpu(values * sizeof(float)));
  }
  return input;
}

void measure(handwritten::Arguments& arguments) {
  Log log;
  const std::unique_ptr<nvinfer1::IRuntime> runtime(make_runtime(log));
  const std::string plan = read_file(arguments.model);
  const std::unique_ptr<nvinfer1::ICudaEngine> engine(runtime->deserializeCudaEngine(plan.data(), plan.size()));
  if (engine == nullptr) throw std::runtime_error("the engine cannot be loaded");
  const std::unique_ptr<nvinfer1::IExecutionContext> context(engine->createExecutionContext());
  const std::string input = bind_outputs(*engine, *context);
  cudaStream_t stream = nullptr;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  const std::size_t bytes = arguments.batch_values * sizeof(float);
  std::vector<cudaGraphExec_t> graphs;
  for (std::size_t batch = 0; batch < arguments.batches(); ++batch) {
    void* address = on_gpu(bytes);
    check(cudaMemcpy(address, arguments.values.data() + batch * arguments.batch_values, bytes, cudaMemcpyHostToDevice));
    context->setTensorAddress(input.c_str(), address);
    graphs.push_back(record(*context, stream));
  }
  handwritten::serve(arguments, [&](float* batch) {
    const auto number = static_cast<std::size_t>(batch - arguments.values.data()) / arguments.batch_values;
    check(cudaGraphLaunch(graphs[number], stream));
    check(cudaStreamSynchronize(stream));
  });
}

}  // namespace

int main(int count, char** words) { return handwritten::guarded_main(count, words, measure); }
