#pragma once

#include <NvInfer.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backends/api/backend.h"
#include "backends/tensorrt/driver.h"
#include "backends/tensorrt/library.h"

namespace podium::tensorrt {

/// An input or output of an engine.
struct Port {
  std::string name;
  DataType type = DataType::float32;       ///< as the caller has it
  DataType in_engine = DataType::float32;  ///< int32 where the engine lacks int64
  Shape shape;

  [[nodiscard]] std::size_t engine_bytes() const;
};

/// An engine in the GPU's memory, which several requests may run at once, each with a context of its own.
class LoadedEngine {
 public:
  /// Found in the cache or built, on the request's device.
  [[nodiscard]] static Result<std::shared_ptr<LoadedEngine>> load(const Library& library, const cuda::Driver& driver,
                                                                  const backend::LoadRequest& request);

  [[nodiscard]] const cuda::Driver& driver() const noexcept { return driver_; }
  [[nodiscard]] Result<void> use_gpu() const { return driver_.use(context_); }
  [[nodiscard]] const std::vector<Port>& inputs() const noexcept { return inputs_; }  ///< in the request's order
  [[nodiscard]] const std::vector<Port>& outputs() const noexcept { return outputs_; }
  /// With the shapes of the request.
  [[nodiscard]] Result<std::unique_ptr<nvinfer1::IExecutionContext>> context();
  /// What its inspector tells of its layers, in JSON.
  [[nodiscard]] Result<std::string> inspect();
  [[nodiscard]] std::string take_errors() { return log_.take_errors(); }

 private:
  LoadedEngine(const cuda::Driver& driver, std::vector<backend::InputSpec> given) : driver_(driver), given_(std::move(given)) {}
  [[nodiscard]] Result<std::unique_ptr<nvinfer1::IExecutionContext>> new_context();
  [[nodiscard]] Result<void> set_shapes(nvinfer1::IExecutionContext& context);
  [[nodiscard]] Result<void> read_ports();
  [[nodiscard]] Result<Port> read_port(const char* name) const;

  const cuda::Driver& driver_;
  std::vector<backend::InputSpec> given_;  ///< the request's inputs
  cuda::Context context_ = nullptr;
  Log log_;  // outlives what writes to it
  std::unique_ptr<nvinfer1::IRuntime> runtime_;
  std::unique_ptr<nvinfer1::ICudaEngine> engine_;
  std::unique_ptr<nvinfer1::IExecutionContext> first_;  ///< told the shapes; the first request gets it
  std::vector<Port> inputs_;
  std::vector<Port> outputs_;
};

}  // namespace podium::tensorrt
