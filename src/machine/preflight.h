#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "machine/gpu_watch.h"

namespace podium::machine {

enum class Severity {
  warning,  ///< times may vary more than need be
  bad,      ///< times will be wrong or jump; --strict refuses
};

struct Finding {
  Severity severity = Severity::warning;
  std::string sentence;  ///< what is found, without a full stop
  std::string remedy;    ///< what to do
};

struct PreflightReport {
  std::map<std::string, std::string> facts;  ///< for Environment::preflight; "not readable" where the machine does not tell
  std::vector<Finding> findings;
};

struct PreflightRequest {
  std::int64_t threads = 0;                 ///< of each engine; 0: as many as there are usable CPUs
  std::chrono::duration<double> look{0.5};  ///< how long other programs are watched
  std::optional<GpuWatch> gpu{};            ///< that will be measured on
};

/// Whether this machine is fit to measure on, now. `root` stands before /proc and /sys, so that tests can show another machine.
[[nodiscard]] PreflightReport preflight(const std::filesystem::path& root = "/", const PreflightRequest& request = {});
/// "SENTENCE; REMEDY.", for Environment::warnings.
[[nodiscard]] std::string to_warning(const Finding& finding);

}  // namespace podium::machine
