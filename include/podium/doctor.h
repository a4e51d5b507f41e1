#pragma once

#include <string>
#include <vector>

#include "podium/options.h"
#include "podium/results.h"
#include "podium/types.h"

namespace podium {

class BenchObserver;
class CancelToken;

/// Whether an engine runs a tiny model on a device as it must.
struct SelfTest {
  std::string device;
  bool works = false;
  double seconds = 0.0;  ///< with exporting and compiling
  std::string reason;    ///< why it does not
  std::string remedy;    ///< what mends it
};

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
  bool onnx_baseline = false;        ///< its fp32 is what the others are held against where a model came as ONNX
  std::vector<SelfTest> self_tests;  ///< one for each device, where self_test() was called and the engine is here
  std::string place;                 ///< where the engine is: the file of its library, or the folder of its package
};

/// What the build knows of each backend, without starting anything.
[[nodiscard]] std::vector<BackendReport> known_backends();

struct Diagnosis {
  Environment environment;
  std::vector<BackendReport> backends;
};

/// Starts one worker for each backend and asks it what is there.
[[nodiscard]] Diagnosis diagnose();
/// Has every engine that was found load a tiny model in a worker and answer once; the answer is known. Takes as long as the slowest
/// compiler. A request to cancel leaves the rest untested.
void self_test(Diagnosis& diagnosis, BenchObserver& observer, const CancelToken& cancel);

}  // namespace podium
