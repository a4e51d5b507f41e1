#include <algorithm>

#include "artifact/opened.h"
#include "core/tensor_view.h"
#include "podium/artifact.h"
#include "runtime/call_check.h"
#include "runtime/state.h"

namespace podium {
namespace {

std::size_t elements(const ArtifactVariant& variant) {
  std::size_t sum = 0;
  for (const backend::InputSpec& input : runtime::measured_specs(variant)) sum += element_count(input.shape);
  return sum;
}

void check(const LoadOptions& options) {
  if (options.threads >= 0 && options.sessions >= 0) return;
  throw Exception({ErrorCode::wrong_use, "LoadOptions: threads and sessions are not negative", "leave them at 0 for what was measured"});
}

}  // namespace

std::shared_ptr<Model::State> load_state(const std::filesystem::path& path, const LoadOptions& options) {
  check(options);
  artifact::Opened artifact = value_or_throw(artifact::open(path, options.check_hashes));
  runtime::Engine engine = value_or_throw(runtime::Engine::open(artifact.manifest));
  engine.ask_others(artifact);
  auto state = std::make_shared<Model::State>(std::move(artifact), std::move(engine), options);
  const auto& variants = state->artifact().manifest.variants;
  value_or_throw(state->warm(*std::min_element(
      variants.begin(), variants.end(), [](const ArtifactVariant& a, const ArtifactVariant& b) { return elements(a) < elements(b); })));
  return state;
}

Model load(const std::filesystem::path& path, const LoadOptions& options) {
  return Model(load_state(path, options));
}

Manifest read_manifest(const std::filesystem::path& path) {
  return value_or_throw(artifact::read_manifest(path));
}

}  // namespace podium
