#include "core/install_paths.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <optional>

#include "../temporary_folder.h"

namespace {

using podium::find_install_paths;
using podium::InstallPaths;
using podium::test::TemporaryFolder;

/// Sets an environment variable for one test.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const std::string& value) : name_(name) {
    if (const char* before = ::getenv(name); before != nullptr) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  ~ScopedVariable() {
    if (before_) {
      ::setenv(name_, before_->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

TEST(InstallPaths, FollowPodiumHomeInABuildFolder) {
  const TemporaryFolder home;
  const auto worker = home.write("podium-worker", "");
  home.write("backends/fake.json", "{}");
  const ScopedVariable variable("PODIUM_HOME", home.path());
  const InstallPaths paths = find_install_paths();
  EXPECT_EQ(paths.worker, worker);
  EXPECT_EQ(paths.backends, home.path() / "backends");
}

TEST(InstallPaths, FollowPodiumHomeInAnInstalledTree) {
  const TemporaryFolder home;
  const auto guard = home.write("lib/podium/podium-guard", "");
  home.write("share/podium/python/podium_torch/worker.py", "");
  const ScopedVariable variable("PODIUM_HOME", home.path());
  const InstallPaths paths = find_install_paths();
  EXPECT_EQ(paths.guard, guard);
  EXPECT_EQ(paths.python, home.path() / "share/podium/python");
}

TEST(InstallPaths, FallBackToTheBuildFolder) {
  const ScopedVariable variable("PODIUM_HOME", "/nowhere");
  const InstallPaths paths = find_install_paths();
  EXPECT_EQ(paths.worker.filename(), "podium-worker");
  EXPECT_EQ(paths.worker.parent_path(), paths.guard.parent_path());
  EXPECT_EQ(paths.worker.parent_path() / "backends", paths.backends);
  EXPECT_TRUE(std::filesystem::exists(paths.worker.parent_path() / "CMakeCache.txt"));
}

TEST(PythonInterpreter, IsTheOneOfTheEnvironment) {
  const ScopedVariable variable("PODIUM_PYTHON", "/opt/python/bin/python3");
  EXPECT_EQ(podium::python_interpreter(), "/opt/python/bin/python3");
}

}  // namespace
