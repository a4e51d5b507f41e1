#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace podium {

/// Where Podium's own programs and modules lie: $PODIUM_HOME, else beside the running program or in ../lib/podium, else the build folder.
struct InstallPaths {
  std::filesystem::path worker;    ///< podium-worker
  std::filesystem::path guard;     ///< podium-guard
  std::filesystem::path backends;  ///< folder of podium-backend-*.so and *.json
  std::filesystem::path python;    ///< folder that holds the package podium_torch
};
[[nodiscard]] InstallPaths find_install_paths();

/// The Python interpreter for PyTorch: $PODIUM_PYTHON, else the one Podium was configured with; empty where there is none.
[[nodiscard]] std::string python_interpreter();

/// What Podium's own Python packages are started with: the folder of them before what the user has in PYTHONPATH, which his own functions
/// may need.
[[nodiscard]] std::map<std::string, std::string> python_environment();

}  // namespace podium
