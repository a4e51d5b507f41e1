#pragma once

#include <string>
#include <vector>

#include "podium/options.h"
#include "podium/results.h"
#include "podium/types.h"

namespace podium {

/// One backend, as found on this machine.
struct BackendReport {
  std::string name;
  std::string engine;  ///< "ONNX Runtime", "PyTorch 2 eager mode", …
  std::string summary;
  bool available = false;
  std::string version;
  std::vector<std::string> devices;
  std::vector<Precision> precisions;
  std::string reason;  ///< why it is not available
  std::string remedy;  ///< the command that mends it
  std::vector<OptionSpec> options;
};

/// What the build knows of each backend, without starting anything.
[[nodiscard]] std::vector<BackendReport> known_backends();

struct Diagnosis {
  Environment environment;
  std::vector<BackendReport> backends;
};

/// Starts one worker for each backend and asks it what is there.
[[nodiscard]] Diagnosis diagnose();

}  // namespace podium
