#include "backends/tensorrt/engine.h"

#include <fmt/format.h>

#include <utility>

#include "backends/tensorrt/driver.h"
#include "backends/tensorrt/library.h"
#include "backends/tensorrt/loaded_engine.h"
#include "backends/tensorrt/session.h"
#include "backends/tensorrt/version.h"

namespace podium::tensorrt {
namespace {

backend::Probe not_here(const Error& why) {
  backend::Probe probe;
  probe.reason = why.message;
  probe.remedy = why.remedy;
  return probe;
}

}  // namespace

BuiltFor built_for() noexcept {
  return {version::newest_opset(), version::has_bf16(), version::chooses_types()};
}

backend::Probe probe_engine() {
  const auto library = Library::open();
  if (!library) return not_here(library.error());
  const auto driver = cuda::Driver::open();
  if (!driver) return not_here(driver.error());
  const auto count = (*driver)->gpu_count();
  if (!count) return not_here(count.error());
  backend::Probe probe;
  probe.version = (*library)->version();
  probe.place = (*library)->place();
  for (int gpu = 0; gpu < *count; ++gpu) probe.devices.push_back(fmt::format("cuda:{}", gpu));
  probe.available = *count > 0;
  if (!probe.available) probe.reason = "there is no GPU";
  return probe;
}

Result<std::unique_ptr<backend::Session>> load_engine(const backend::LoadRequest& request) {
  const auto library = Library::open();
  if (!library) return tl::unexpected(library.error());
  const auto driver = cuda::Driver::open();
  if (!driver) return tl::unexpected(driver.error());
  auto engine = LoadedEngine::load(**library, **driver, request);
  if (!engine) return tl::unexpected(std::move(engine.error()));
  return TensorRtSession::create(std::move(*engine), request);
}

}  // namespace podium::tensorrt
