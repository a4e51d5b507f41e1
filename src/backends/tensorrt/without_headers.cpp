#include "backends/tensorrt/engine.h"

/// Podium was built where TensorRT's headers were not: what can be said of the backend is said all the same, so that its options are known
/// and models can be converted for it.
namespace podium::tensorrt {
namespace {

constexpr const char* reason = PODIUM_TENSORRT_MISSING;
constexpr const char* remedy =
    "put the headers of NVIDIA's TensorRT and of its ONNX parser (NvInfer.h, NvOnnxParser.h) into FOLDER/include and build Podium again "
    "with "
    "-DTensorRT_ROOT=FOLDER; docs/gpu.md tells where they come from";

}  // namespace

/// What the oldest of them reads, all of them do.
BuiltFor built_for() noexcept {
  return {.newest_opset = 17, .computes_bf16 = true, .chooses_types = true};
}

backend::Probe probe_engine() {
  backend::Probe probe;
  probe.reason = reason;
  probe.remedy = remedy;
  return probe;
}

Result<std::unique_ptr<backend::Session>> load_engine(const backend::LoadRequest& /*request*/) {
  return fail(ErrorCode::unavailable, reason, remedy);
}

}  // namespace podium::tensorrt
