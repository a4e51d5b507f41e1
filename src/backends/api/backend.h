#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backends/api/option_trial.h"
#include "core/quantization_profile.h"
#include "core/result.h"
#include "core/tensor_view.h"
#include "podium/options.h"
#include "podium/results.h"
#include "podium/types.h"

/// The contract of a backend: an inference engine behind one interface.
/// A module is a shared library `podium-backend-NAME.so` whose only exported symbol is `podium_backend_module`.
/// It is loaded by podium-worker, one module in a process; the supervisor never loads one.
namespace podium::backend {

/// What a backend is, known without starting its engine; also written as NAME.json beside the module when it is built.
struct Descriptor {
  std::string name;                   ///< "onnxruntime"
  std::string engine;                 ///< "ONNX Runtime"
  std::string summary;                ///< one line
  std::string model_format;           ///< what load() reads: "onnx", "aoti" (AOTInductor package), "torch" (source of a PyTorch model)
  std::vector<Precision> precisions;  ///< that it can be asked for
  std::vector<Precision> narrows_by_itself = {};  ///< those of them that it reaches from the float32 file, which needs no conversion
  std::map<Precision, std::vector<std::string>> only_on = {};  ///< kinds of device that a precision is limited to
  std::map<Precision, std::string> refusals = {};  ///< why it has not the others, or not there: a sentence's end, without its name
  std::vector<std::string> baseline_for;           ///< origins of models ("torch", "onnx") whose baseline this engine's fp32 is
  std::string remedy;                              ///< the command that installs the engine
  std::vector<OptionSpec> options;
  std::vector<OptionTrial> worth_trying = {};       ///< where the fastest way is looked for
  bool builds_slowly = false;                       ///< a model takes a minute or more to compile
  std::vector<QuantizationProfile> quantization;    ///< what it wants of int8 models; the first whose instructions the processor has counts
  bool bundled_in_default_runs = true;              ///< false: runs only where it is named (the fake)
  std::vector<std::string> device_kinds = {"cpu"};  ///< that it can be asked to run on: "cpu", "cuda"
  std::int64_t newest_opset = 0;                    ///< of ONNX, that its reader takes; 0: any
};

/// Whether the engine is here.
struct Probe {
  bool available = false;
  std::string version;
  std::vector<std::string> devices;  ///< "cpu", "cuda:0"
  std::string reason;                ///< where it is not available
  std::string remedy;                ///< the command that mends it; empty: the descriptor's
  std::string place = {};            ///< where the engine is: the file of its library, or the folder of its package; empty: part of Podium
};

struct InputSpec {
  std::string name;
  DataType type = DataType::float32;
  Shape shape;  ///< concrete
};

struct LoadRequest {
  std::filesystem::path model;  ///< in the descriptor's model_format
  Precision precision = Precision::fp32;
  std::string device = "cpu";
  std::int64_t threads = 1;  ///< in all, however many requests share them
  OptionValues options;      ///< every option of the descriptor, defaults filled in
  std::vector<InputSpec> inputs;
  std::filesystem::path cache;  ///< a folder this cell may keep compiled code in; may be empty
  /// That will be in flight at once: the engine configures itself so that they share `threads`, each having at least one.
  std::int64_t requests = 1;
  TimingBoundary boundary = TimingBoundary::host;  ///< device: place(), run_placed() and fetch() will be called, and run() will not
};

/// One request on a loaded model. Used from one thread at a time, not always from the one that loaded it.
class Session {
 public:
  virtual ~Session() = default;
  Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Runs once. `inputs` are in the order of LoadRequest::inputs and lie in the caller's memory. The outputs lie in memory
  /// that the caller can read and are valid until the next run().
  [[nodiscard]] virtual Result<std::span<const TensorView>> run(std::span<const TensorView> inputs) = 0;
  /// Returns when everything that run() started has ended. The timer calls it inside the timed region.
  [[nodiscard]] virtual Result<void> synchronize() { return {}; }
  /// Copies the inputs of one batch to where the engine wants them, once, and returns the number that run_placed() knows them by.
  /// ErrorCode::unsupported where the engine computes in the caller's memory.
  [[nodiscard]] virtual Result<std::size_t> place(std::span<const TensorView> /*inputs*/) {
    return fail(ErrorCode::unsupported, "this backend computes in the caller's memory, so it has no timing boundary 'device'",
                "use --timing-boundary host");
  }
  /// Runs once on placed inputs, as run() does, and leaves the outputs where the engine writes them.
  [[nodiscard]] virtual Result<void> run_placed(std::size_t /*batch*/) { return fail(ErrorCode::wrong_use, "no inputs were placed"); }
  /// The outputs of the last run_placed(), after synchronize(), copied to where the caller can read them; valid until the next call.
  [[nodiscard]] virtual Result<std::span<const TensorView>> fetch() { return fail(ErrorCode::wrong_use, "no inputs were placed"); }
  /// run_placed() and synchronize(), timed by the device's own clock in nanoseconds; nothing where the device has none.
  [[nodiscard]] virtual Result<std::optional<std::int64_t>> device_ns(std::size_t batch) {
    if (auto run = run_placed(batch); !run) return tl::unexpected(run.error());
    if (auto done = synchronize(); !done) return tl::unexpected(done.error());
    return std::optional<std::int64_t>();
  }
  /// What really ran. Called after run(), outside any timed region; may be slow.
  [[nodiscard]] virtual Result<Audit> audit() = 0;
  /// One more request on the same loaded model, that may be used from another thread at the same time as this one, and outlive it.
  /// ErrorCode::unsupported, with the reason, where the engine answers one request at a time.
  [[nodiscard]] virtual Result<std::unique_ptr<Session>> another() {
    return fail(ErrorCode::unsupported, "this backend answers one request at a time");
  }
};

class Backend {
 public:
  virtual ~Backend() = default;
  Backend() = default;
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  [[nodiscard]] virtual Descriptor descriptor() const = 0;
  [[nodiscard]] virtual Probe probe() = 0;
  /// ErrorCode::unsupported where the engine cannot run this model, precision or shape: an expected result, not a fault.
  [[nodiscard]] virtual Result<std::unique_ptr<Session>> load(const LoadRequest& request) = 0;
};

/// Raise whenever a type above changes.
inline constexpr std::uint32_t contract_version = 6;

}  // namespace podium::backend

extern "C" {
/// The one C entry of a module. A worker refuses a module whose version or size differs from its own.
struct podium_backend_module_t {
  std::uint32_t contract_version;
  std::uint32_t struct_size;
  podium::backend::Backend* (*create)();  ///< the caller owns the result
};
[[gnu::visibility("default")]] const podium_backend_module_t* podium_backend_module();
}

/// Defines the C entry of a module for a class derived from Backend.
#define PODIUM_BACKEND_MODULE(Class)                                                                                \
  extern "C" const podium_backend_module_t* podium_backend_module() {                                               \
    static const podium_backend_module_t module{podium::backend::contract_version, sizeof(podium_backend_module_t), \
                                                []() -> podium::backend::Backend* { return new Class; }};           \
    return &module;                                                                                                 \
  }
