#pragma once

#include <cstdint>
#include <memory>

#include "backends/api/backend.h"

/// What needs TensorRT's headers. Where Podium was built without them, without_headers.cpp says so in their place.
namespace podium::tensorrt {

/// What differs between the versions that Podium can be built against, as far as a description tells it.
struct BuiltFor {
  std::int64_t newest_opset = 0;  ///< of ONNX, that its parser reads
  bool computes_bf16 = false;     ///< from TensorRT 10 on
  bool chooses_types = true;      ///< narrows float32 models by itself: up to TensorRT 10; later ones compute in the types of the file
};
[[nodiscard]] BuiltFor built_for() noexcept;

[[nodiscard]] backend::Probe probe_engine();
/// The request's device, precision and file have been checked.
[[nodiscard]] Result<std::unique_ptr<backend::Session>> load_engine(const backend::LoadRequest& request);

}  // namespace podium::tensorrt
