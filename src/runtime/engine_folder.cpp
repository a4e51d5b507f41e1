#include "runtime/engine_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

namespace podium::runtime {

namespace fs = std::filesystem;

namespace {

/// Whole or not at all: another program may be about to read it.
void copy_whole(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (fs::exists(to, error)) return;
  const fs::path part = to.string() + fmt::format(".{}.part", ::getpid());
  fs::copy_file(from, part, fs::copy_options::overwrite_existing, error);
  if (!error) fs::rename(part, to, error);
  if (error) fs::remove(part, error);  // the engine is compiled anew, then
}

}  // namespace

EngineFolder EngineFolder::open(const artifact::Opened& artifact, const ArtifactVariant& variant) {
  EngineFolder made;
  if (variant.device == "cpu") return made;
  const auto file = artifact.manifest.files.find(variant.model);
  if (file == artifact.manifest.files.end()) return made;
  if (auto cache = cache::Cache::open()) {
    // As a measurement names it: on the machine where the artefact was made, what was measured is there already.
    if (auto entry = cache->working_folder("engine", {file->second.sha256, variant.backend})) made.entry_.emplace(std::move(*entry));
  }
  if (!made.entry_) {
    if (auto folder = TemporaryFolder::create({}, "podium-engine")) made.temporary_.emplace(std::move(*folder));
  }
  if (made.entry_) made.path_ = made.entry_->folder();
  if (made.temporary_) made.path_ = made.temporary_->path();
  if (!made.path_.empty()) made.take_in(artifact);
  return made;
}

void EngineFolder::take_in(const artifact::Opened& artifact) {
  const std::string prefix = std::string(compiled_folder) + "/";
  for (const auto& [path, file] : artifact.manifest.files) {
    if (!path.starts_with(prefix)) continue;
    compiled_.push_back(path.substr(prefix.size()));
    copy_whole(artifact.folder / path, path_ / compiled_.back());
  }
  opened_ = fs::file_time_type::clock::now();
}

bool EngineFolder::was_used() const {
  return std::any_of(compiled_.begin(), compiled_.end(), [&](const std::string& name) {
    std::error_code error;
    const fs::file_time_type time = fs::last_write_time(path_ / name, error);
    return !error && time >= opened_;
  });
}

}  // namespace podium::runtime
