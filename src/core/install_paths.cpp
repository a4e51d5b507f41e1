#include "core/install_paths.h"

#include <dlfcn.h>

#include <cstdlib>
#include <system_error>

namespace podium {

namespace fs = std::filesystem;

namespace {

/// The shared library that this code was linked into, or the program.
fs::path own_file() {
  Dl_info info{};
  return ::dladdr(reinterpret_cast<const void*>(&own_file), &info) != 0 && info.dli_fname != nullptr ? info.dli_fname : "";
}

/// Folders that may hold podium-worker, podium-guard and backends/, the likeliest first.
std::vector<fs::path> program_folders() {
  std::vector<fs::path> folders;
  const auto add = [&folders](const fs::path& base, const fs::path& prefix) {
    folders.insert(folders.end(), {base, prefix / PODIUM_LIBRARY_FOLDER / "podium", prefix / "lib" / "podium"});
  };
  if (const char* home = std::getenv("PODIUM_HOME"); home != nullptr && *home != '\0') add(home, home);
  std::error_code error;
  // In a program of somebody else's, what lies beside Podium's library comes first.
  if (const fs::path library = fs::canonical(own_file(), error); !error) add(library.parent_path() / "podium", library.parent_path());
  if (const fs::path program = fs::read_symlink("/proc/self/exe", error); !error)
    add(program.parent_path(), program.parent_path().parent_path());
  folders.emplace_back(PODIUM_BUILD_FOLDER);
  return folders;
}

fs::path first_existing(const std::vector<fs::path>& candidates, const fs::path& otherwise) {
  for (const fs::path& candidate : candidates) {
    std::error_code error;
    if (fs::exists(candidate, error)) return candidate;
  }
  return otherwise;
}

fs::path find_program(const std::vector<fs::path>& folders, const char* name) {
  std::vector<fs::path> candidates;
  for (const fs::path& folder : folders) candidates.push_back(folder / name);
  return first_existing(candidates, folders.back() / name);
}

fs::path find_python_folder(const std::vector<fs::path>& folders) {
  std::vector<fs::path> candidates;
  for (const fs::path& folder : folders) {
    for (const char* place : {"python", "../share/podium/python", "../../share/podium/python", "share/podium/python"})
      candidates.push_back(folder / place / "podium_torch");
  }
  const fs::path package = first_existing(candidates, fs::path(PODIUM_SOURCE_FOLDER) / "python" / "podium_torch");
  return package.lexically_normal().parent_path();
}

}  // namespace

InstallPaths find_install_paths() {
  const std::vector<fs::path> folders = program_folders();
  return {find_program(folders, "podium-worker"), find_program(folders, "podium-guard"), find_program(folders, "backends"),
          find_python_folder(folders)};
}

std::string python_interpreter() {
  if (const char* given = std::getenv("PODIUM_PYTHON"); given != nullptr && *given != '\0') return given;
  const std::string configured = PODIUM_CONFIGURED_PYTHON;
  std::error_code error;
  return !configured.empty() && fs::exists(configured, error) ? configured : std::string();
}

std::map<std::string, std::string> python_environment() {
  const std::string own = find_install_paths().python.string();
  const char* users = std::getenv("PYTHONPATH");
  const std::string path = users == nullptr || *users == '\0' ? own : own + ":" + users;
  return {{"PYTHONPATH", path}, {"PYTHONSAFEPATH", "1"}, {"PYTHONDONTWRITEBYTECODE", "1"}};
}

}  // namespace podium
