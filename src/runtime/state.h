#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "artifact/opened.h"
#include "core/result.h"
#include "podium/artifact.h"
#include "runtime/async_queue.h"
#include "runtime/engine.h"
#include "runtime/requests.h"

namespace podium {

/// What copies of a model share: the artefact, its engine, and what is loaded of it.
struct Model::State {
 public:
  State(artifact::Opened artifact, runtime::Engine engine, const LoadOptions& options);

  /// Runs a call and hands its outputs, and the request that they are of, to `use` before that is free for others.
  template <typename Use>
  [[nodiscard]] Result<void> run(std::span<const Tensor> inputs, Use&& use);
  /// Makes a variant ready for the shapes that it was measured at, and notes what of it could not be used here.
  [[nodiscard]] Result<void> warm(const ArtifactVariant& variant);

  [[nodiscard]] const artifact::Opened& artifact() const noexcept { return artifact_; }
  [[nodiscard]] const std::vector<std::string>& notices() const noexcept { return notices_; }
  /// That the engine runs on.
  [[nodiscard]] const std::string& device() const noexcept { return engine_.device(); }
  [[nodiscard]] runtime::AsyncQueue& queue() noexcept { return queue_; }

 private:
  using Loaded = std::shared_ptr<runtime::Requests>;
  struct Call {
    Loaded loaded;
    std::vector<std::size_t> places{};  ///< empty: inputs came in the model's order
  };
  /// Among those loaded; nothing where there is none for these shapes in the model's order.
  [[nodiscard]] Loaded find(std::span<const Tensor> inputs);
  [[nodiscard]] Result<Call> prepare(std::span<const Tensor> inputs);
  /// `notice`: where to tell what of the variant could not be used here; may be null.
  [[nodiscard]] Result<Loaded> load(const ArtifactVariant& variant, const std::vector<backend::InputSpec>& inputs, std::string* notice);
  [[nodiscard]] Loaded find_loaded(std::span<const backend::InputSpec> inputs);
  void keep(const Loaded& loaded);

  artifact::Opened artifact_;
  runtime::Engine engine_;
  LoadOptions options_;
  std::vector<std::string> notices_;  ///< complete before calls come
  std::mutex loading_;                ///< held while the engine loads: one at a time
  std::mutex mutex_;                  ///< over the list
  std::vector<Loaded> loaded_;        ///< the last used first
  runtime::AsyncQueue queue_;         ///< last: it ends before what its tasks use
};

/// What load() makes a model of; throws as it does.
[[nodiscard]] std::shared_ptr<Model::State> load_state(const std::filesystem::path& artifact, const LoadOptions& options);

}  // namespace podium
