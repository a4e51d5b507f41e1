#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "podium/options.h"
#include "podium/results.h"
#include "podium/tensor.h"
#include "podium/types.h"

/// What `podium optimize` hands back, and how a program runs it. Nothing here measures, and nothing that measures is loaded by it.
namespace podium {

/// One way of running the model that an artefact holds.
struct ArtifactVariant {
  std::string backend;
  std::string engine;          ///< "OpenVINO"
  std::string engine_version;  ///< it was made and measured with
  Precision precision = Precision::fp32;
  OptionValues options;    ///< every option of the backend
  std::string device = "cpu";
  std::int64_t threads = 0;                    ///< it was measured with
  std::string model;                           ///< path within the artefact
  std::vector<std::map<std::string, Shape>> shapes;  ///< input shapes it is the choice for, by input name; a call of another shape goes to the nearest
  std::optional<double> median_ms;             ///< at the first of those shapes
  std::optional<Interval> median_ci95;
  std::optional<double> speedup;               ///< latency of the baseline ÷ of this variant
  std::optional<Interval> speedup_ci95;
  OutputError output_error;
  std::optional<Accuracy> accuracy;            ///< nothing: "task accuracy: not measured"
  std::string needs;                           ///< a GPU and engine version that compiled code is bound to; empty: any
};

/// Schema podium.artifact/1, the file `podium.json` of an artefact.
struct Manifest {
  std::string podium_version;
  std::string created;  ///< UTC, ISO 8601
  std::string model;    ///< as it was typed
  std::string model_sha256;
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
  std::string preprocess;  ///< JSON; empty where inputs are not pictures
  std::string goal;        ///< "latency", …, with its limits
  std::string bound;       ///< "drop of top-1 at most 1 %", "SQNR at least 20 dB", "none (--speed-only)"
  std::string baseline;    ///< id of the cell
  std::string chosen_because;                ///< one sentence
  std::vector<std::string> install;          ///< commands that bring what the artefact needs
  std::vector<ArtifactVariant> variants;
  Environment environment;                   ///< of the machine that it was measured on
  std::map<std::string, std::string> files;  ///< path within the artefact → SHA-256, of every file but the manifest
};

struct LoadOptions {
  std::int64_t threads = 0;  ///< of the engine, in all; 0: as it was measured, at most the usable CPUs
  std::int64_t sessions = 0;  ///< calls that may run at the same time; 0: grows with the threads that call
  bool check_hashes = true;   ///< every file against the manifest, before anything of it is run
};

/// A loaded artefact. Cheap to copy; copies share the loaded engine. Every call may be made from several threads at once.
class Model {
 public:
  [[nodiscard]] const Manifest& manifest() const noexcept;
  [[nodiscard]] const std::vector<TensorSpec>& inputs() const noexcept;
  [[nodiscard]] const std::vector<TensorSpec>& outputs() const noexcept;

  /// Inputs in the order of inputs(), or by name where every one has a name. Outputs are new tensors on the host, in the order of
  /// outputs(). Throws Exception: wrong_use for names, types and shapes the model does not take (the message lists what it takes).
  [[nodiscard]] std::vector<Tensor> run(std::span<const Tensor> inputs) const;
  [[nodiscard]] std::vector<Tensor> run(std::initializer_list<Tensor> inputs) const { return run(std::span(inputs.begin(), inputs.size())); }
  /// Without copies where the engine allows: `use` sees outputs in the engine's own memory, which is valid until it returns.
  void run(std::span<const Tensor> inputs, const std::function<void(std::span<const Tensor> outputs)>& use) const;
  /// On a thread of the model's own. The tensors' memory must live until the future is ready.
  [[nodiscard]] std::future<std::vector<Tensor>> run_async(std::vector<Tensor> inputs) const;

  /// Implementation; made by load().
  struct State;
  explicit Model(std::shared_ptr<State> state) : state_(std::move(state)) {}

 private:
  std::shared_ptr<State> state_;
};

/// Loads an artefact: a folder, or the one-file archive of it. The engine is a module loaded into this process. Throws Exception:
/// bad_input where a file is changed, missing, truncated or foreign, with its name; unavailable where the engine is not here, with the
/// command that brings it.
[[nodiscard]] Model load(const std::filesystem::path& artifact, const LoadOptions& options = {});

/// The manifest alone, of a folder or an archive.
[[nodiscard]] Manifest read_manifest(const std::filesystem::path& artifact);

/// One check of `podium verify`.
struct VerifyStep {
  std::string name;  ///< "files", "engine", "outputs", "speed"
  bool passed = false;
  std::string finding;  ///< one sentence with figures
  std::string remedy;
};
struct Verification {
  std::vector<VerifyStep> steps;
  [[nodiscard]] bool passed() const noexcept;
};

}  // namespace podium
