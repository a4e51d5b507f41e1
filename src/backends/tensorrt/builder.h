#pragma once

#include <NvInfer.h>

#include <memory>

#include "backends/api/backend.h"
#include "backends/tensorrt/engine_cache.h"
#include "backends/tensorrt/library.h"

namespace podium::tensorrt {

/// Reads the request's ONNX file and compiles it for the GPU that this thread uses, for the request's shapes. Takes seconds to minutes;
/// what the builder measured is kept in the cache. The result is the serialized engine.
[[nodiscard]] Result<std::unique_ptr<nvinfer1::IHostMemory>> build_engine(const Library& library, const backend::LoadRequest& request,
                                                                          const EngineCache& cache, Log& log);

}  // namespace podium::tensorrt
