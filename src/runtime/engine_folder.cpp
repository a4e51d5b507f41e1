#include "runtime/engine_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

namespace podium::runtime {

namespace fs = std::filesystem;

namespace {

bool is_compiled(const std::string& path) {
  return path.starts_with(std::string(compiled_folder) + "/");
}

/// Of the artefact alone: measurements of the same model must not load what came with it.
std::vector<std::string> owner_of(const Manifest& manifest, const ArtifactVariant& variant) {
  std::vector<std::string> owner{manifest.files.at(variant.model).sha256, variant.backend};
  for (const auto& [path, file] : manifest.files) {
    if (is_compiled(path)) owner.push_back(file.sha256);
  }
  return owner;
}

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
  if (auto cache = cache::Cache::open()) {
    if (auto entry = cache->working_folder("artifact", owner_of(artifact.manifest, variant))) made.entry_.emplace(std::move(*entry));
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
  for (const auto& [path, file] : artifact.manifest.files) {
    if (!is_compiled(path)) continue;
    compiled_.push_back(fs::path(path).filename().string());
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
