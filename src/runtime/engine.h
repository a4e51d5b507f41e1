#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "artifact/opened.h"
#include "backends/api/module.h"
#include "core/result.h"
#include "podium/artifact.h"

namespace podium::runtime {

/// A variant that is ready to run.
struct LoadedVariant {
  std::unique_ptr<backend::Session> session;
  std::string notice{};  ///< in a sentence, that what the artefact brought could not be used; empty: it was, or it brought nothing
};

/// The engine of an artefact's first variant: its module, loaded into this process. Variants of other engines run in processes of their
/// own.
class Engine {
 public:
  /// unavailable where the module or the engine is not here, with the command that brings it.
  [[nodiscard]] static Result<Engine> open(const Manifest& manifest);

  /// Adds to notices() what differs of the engines that run in processes of their own, each of which is asked for it in one, once; and why
  /// one of them cannot run.
  void ask_others(const artifact::Opened& artifact);

  /// A variant for inputs of these shapes, set up to answer as many requests at once as `options` say.
  [[nodiscard]] Result<LoadedVariant> load(const artifact::Opened& artifact, const ArtifactVariant& variant,
                                           const std::vector<backend::InputSpec>& inputs, const LoadOptions& options) const;
  /// The one that it runs on, by its name here.
  [[nodiscard]] const std::string& device() const noexcept { return device_; }
  /// What differs from where the artefact was measured; a sentence each.
  [[nodiscard]] const std::vector<std::string>& notices() const noexcept { return notices_; }

 private:
  Engine(backend::Module module, std::string device) : module_(std::move(module)), device_(std::move(device)) {}

  backend::Module module_;
  std::string device_;
  std::vector<std::string> notices_;
};

}  // namespace podium::runtime
