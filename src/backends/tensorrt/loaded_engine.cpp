#include "backends/tensorrt/loaded_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "backends/api/request_check.h"
#include "backends/tensorrt/builder.h"
#include "backends/tensorrt/element_types.h"
#include "backends/tensorrt/engine_cache.h"
#include "backends/tensorrt/options.h"
#include "backends/tensorrt/version.h"
#include "core/device.h"
#include "core/sha256.h"
#include "core/tensor_view.h"
#include "core/text.h"

namespace podium::tensorrt {

std::size_t Port::engine_bytes() const {
  return TensorView{{}, in_engine, shape}.bytes();
}

Result<std::shared_ptr<LoadedEngine>> LoadedEngine::load(const Library& library, const cuda::Driver& driver,
                                                         const backend::LoadRequest& request) {
  if (const auto ranges = shape_ranges(request); !ranges) return tl::unexpected(ranges.error());  // before one is found that takes others
  const auto device = parse_device(request.device);
  if (!device) return tl::unexpected(device.error());
  const auto gpu = driver.facts(device->index);
  if (!gpu) return tl::unexpected(gpu.error());
  const std::shared_ptr<LoadedEngine> loaded(new LoadedEngine(driver, request.inputs));
  const auto context = driver.context(device->index);
  if (!context) return tl::unexpected(context.error());
  loaded->context_ = *context;
  const auto sha256 = sha256_of_path(request.model);
  if (!sha256) return tl::unexpected(sha256.error());
  const EngineCache cache(request, {*gpu, library.version(), *sha256});

  loaded->runtime_ = library.runtime(loaded->log_);
  if (loaded->runtime_ == nullptr) return fail(ErrorCode::failed, fmt::format("TensorRT made no runtime: {}", loaded->take_errors()));
  if (backend::flag(request.options, "version-compatible")) version::allow_code_of_engines(*loaded->runtime_);
  if (const auto known = cache.engine()) loaded->engine_.reset(loaded->runtime_->deserializeCudaEngine(known->data(), known->size()));
  if (loaded->engine_ == nullptr) {
    (void)loaded->take_errors();  // a damaged engine is built anew
    const auto built = build_engine(library, request, cache, loaded->log_);
    if (!built) return tl::unexpected(built.error());
    (void)cache.keep_engine({static_cast<const char*>((*built)->data()), (*built)->size()});  // where it cannot, the next load builds again
    loaded->engine_.reset(loaded->runtime_->deserializeCudaEngine((*built)->data(), (*built)->size()));
  }
  if (loaded->engine_ == nullptr)
    return fail(ErrorCode::failed, fmt::format("TensorRT could not load the engine: {}", loaded->take_errors()));
  auto first = loaded->new_context();
  if (!first) return tl::unexpected(first.error());
  loaded->first_ = std::move(*first);
  if (auto read = loaded->read_ports(); !read) return tl::unexpected(read.error());
  return loaded;
}

Result<Port> LoadedEngine::read_port(const char* name) const {
  const std::optional<DataType> type = to_data_type(engine_->getTensorDataType(name));
  if (!type) return fail(ErrorCode::unsupported, fmt::format("'{}' has elements of a type that Podium cannot hand over", printable(name)));
  Port port{name, *type, *type, to_shape(first_->getTensorShape(name))};
  const bool is_fixed = std::all_of(port.shape.begin(), port.shape.end(), [](std::int64_t size) { return size >= 0; });
  if (!is_fixed || engine_->getTensorLocation(name) != nvinfer1::TensorLocation::kDEVICE) {
    return fail(ErrorCode::unsupported, fmt::format("the shape of '{}' depends on numbers that are known only while the model runs, which "
                                                    "Podium does not hand to TensorRT",
                                                    printable(name)));
  }
  const auto given = std::find_if(given_.begin(), given_.end(), [&](const backend::InputSpec& it) { return it.name == name; });
  if (given != given_.end() && is_narrowed(given->type, *type)) port.type = given->type;
  return port;
}

Result<void> LoadedEngine::read_ports() {
  for (int i = 0; i < engine_->getNbIOTensors(); ++i) {
    const char* name = engine_->getIOTensorName(i);
    auto port = read_port(name);
    if (!port) return tl::unexpected(port.error());
    auto& side = engine_->getTensorIOMode(name) == nvinfer1::TensorIOMode::kINPUT ? inputs_ : outputs_;
    side.push_back(std::move(*port));
  }
  const auto place = [&](const Port& port) {
    const auto found = std::find_if(given_.begin(), given_.end(), [&](const backend::InputSpec& it) { return it.name == port.name; });
    return found - given_.begin();
  };
  std::sort(inputs_.begin(), inputs_.end(), [&](const Port& a, const Port& b) { return place(a) < place(b); });
  if (inputs_.size() == given_.size()) return {};
  return fail(ErrorCode::unsupported,
              fmt::format("TensorRT left {} of the model's {} inputs, since nothing that it computes depends on the others", inputs_.size(),
                          given_.size()));
}

/// An engine for a range of shapes learns here which are meant.
Result<void> LoadedEngine::set_shapes(nvinfer1::IExecutionContext& context) {
  for (const backend::InputSpec& input : given_) {
    const Shape built = to_shape(engine_->getTensorShape(input.name.c_str()));
    const bool ranges = std::any_of(built.begin(), built.end(), [](std::int64_t size) { return size < 0; });
    if (!ranges || context.setInputShape(input.name.c_str(), to_dims(input.shape))) continue;
    return fail(ErrorCode::unsupported,
                fmt::format("TensorRT takes no more requests, or no [{}] of input '{}', with this engine for a range of shapes: {}",
                            to_string(input.shape), printable(input.name), take_errors()),
                "TensorRT before 8.6 runs one request at a time so");
  }
  return {};
}

Result<std::unique_ptr<nvinfer1::IExecutionContext>> LoadedEngine::context() {
  return first_ != nullptr ? Result<std::unique_ptr<nvinfer1::IExecutionContext>>(std::move(first_)) : new_context();
}

Result<std::unique_ptr<nvinfer1::IExecutionContext>> LoadedEngine::new_context() {
  std::unique_ptr<nvinfer1::IExecutionContext> made(engine_->createExecutionContext());
  if (made != nullptr) {
    if (auto set = set_shapes(*made); !set) return tl::unexpected(std::move(set.error()));
    return made;
  }
  const std::string said = take_errors();
  const bool lacks_memory = said.find("emory") != std::string::npos;
  return fail(lacks_memory ? ErrorCode::out_of_memory : ErrorCode::failed, fmt::format("TensorRT made no context: {}", said));
}

Result<std::string> LoadedEngine::inspect() {
  const std::unique_ptr<nvinfer1::IEngineInspector> inspector(engine_->createEngineInspector());
  const char* told = inspector == nullptr ? nullptr : inspector->getEngineInformation(nvinfer1::LayerInformationFormat::kJSON);
  if (told == nullptr) return fail(ErrorCode::failed, fmt::format("TensorRT did not describe its engine: {}", take_errors()));
  return std::string(told);
}

}  // namespace podium::tensorrt
