#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "artifact/opened.h"
#include "cache/cache.h"
#include "core/temporary_folder.h"

namespace podium::runtime {

/// Files of an artefact below this are what an engine compiled while it loaded a variant: good for one kind of GPU and one version of the
/// engine, which the engine itself tells by their names.
inline constexpr const char* compiled_folder = "engine";

/// Where an engine that compiles while it loads finds what was compiled before, and keeps what it has to compile anew: a folder of the
/// user's cache, which is given the artefact's files where it lacks them. The artefact itself is never written to.
class EngineFolder {
 public:
  /// For a variant on the CPU, whose engines load at once, a folder without a path.
  [[nodiscard]] static EngineFolder open(const artifact::Opened& artifact, const ArtifactVariant& variant);

  /// What a LoadRequest calls `cache`; empty where nothing can be kept.
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  /// Something of the artefact's own was loaded since this was opened: engines set the time of what they load.
  [[nodiscard]] bool was_used() const;
  /// The artefact brought something.
  [[nodiscard]] bool has_compiled() const noexcept { return !compiled_.empty(); }

 private:
  void take_in(const artifact::Opened& artifact);

  std::filesystem::path path_;
  std::vector<std::string> compiled_;  ///< the artefact's files, by their names
  std::filesystem::file_time_type opened_ = std::filesystem::file_time_type::clock::now();
  std::optional<cache::Entry> entry_;
  std::optional<TemporaryFolder> temporary_;  ///< where the user has no cache
};

}  // namespace podium::runtime
