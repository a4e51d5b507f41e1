#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "../temporary_folder.h"
#include "machine/gpu_watch.h"
#include "machine/nvml.h"

namespace podium::test {

/// The management library of helpers/fake_nvml.cpp with readings that the test gives.
class FakeNvml {
 public:
  explicit FakeNvml(const std::string& readings = "") {
    set(readings);
    ::setenv("PODIUM_TEST_NVML", (folder_.path() / "readings").c_str(), 1);
  }
  FakeNvml(const FakeNvml&) = delete;
  FakeNvml& operator=(const FakeNvml&) = delete;
  ~FakeNvml() { ::unsetenv("PODIUM_TEST_NVML"); }

  void set(const std::string& readings) { folder_.write("readings", readings); }
  [[nodiscard]] static std::filesystem::path library(const std::string& driver = "today") {
    return std::filesystem::path(PODIUM_TEST_MODULES) / ("test_nvml_" + driver + ".so");
  }
  [[nodiscard]] static Result<std::shared_ptr<const machine::Nvml>> open(const std::string& driver = "today") {
    return machine::Nvml::open(library(driver));
  }
  [[nodiscard]] static machine::GpuWatch watch() { return {*open(), 0}; }

 private:
  TemporaryFolder folder_;
};

}  // namespace podium::test
