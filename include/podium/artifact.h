#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "podium/options.h"
#include "podium/results.h"
#include "podium/tensor.h"
#include "podium/types.h"

/// An artefact, and how a program runs it: what libpodium-runtime.so holds. Nothing here measures, and nothing that measures is loaded.
namespace podium {

/// A tensor of a call as it was recorded, and where its bytes lie in the variant's file of recorded calls.
struct RecordedTensor {
  std::string name;
  DataType type = DataType::float32;
  Shape shape;
  std::int64_t offset = 0;
};

/// One call whose answer was kept, so that the answer elsewhere can be held against it.
struct RecordedCall {
  std::vector<RecordedTensor> inputs;
  std::vector<RecordedTensor> outputs;
};

/// One way of running the model that an artefact holds: a cell of a measurement.
struct ArtifactVariant {
  std::string cell;            ///< its id in the evidence
  std::string evidence;        ///< path within the artefact of its measurement, a results file; empty where there is none
  std::string backend;         ///< "openvino"
  std::string engine;          ///< "OpenVINO"
  std::string engine_version;  ///< it was measured with
  Precision precision = Precision::fp32;
  OptionValues options;  ///< every option of the backend
  std::string device = "cpu";
  std::int64_t threads = 1;         ///< it was measured with
  std::string model;                ///< path within the artefact
  bool fixed_shape = false;         ///< it was compiled for the shapes below and takes no others
  std::vector<TensorSpec> inputs;   ///< with the shapes that it was measured at
  std::optional<double> median_ms;  ///< of one call
  std::optional<Interval> median_ci95;
  std::string baseline;                    ///< id of the cell it is compared with
  std::optional<Ratio> ratio_to_baseline;  ///< latency of this variant ÷ of the baseline: under 1 is faster
  OutputError output_error;
  std::optional<Accuracy> accuracy;  ///< nothing: task accuracy was not measured
  std::string recorded;              ///< path within the artefact of recorded calls' bytes
  std::vector<RecordedCall> calls;
};

/// A file of an artefact.
struct ArtifactFile {
  std::string sha256;
  std::int64_t bytes = 0;
};

/// Schema podium.artifact/1, the file `artifact.json` of an artefact.
struct Manifest {
  std::string podium_version;
  std::string created;  ///< UTC, ISO 8601
  std::string model;    ///< as it was typed
  std::string model_sha256;
  bool trained_weights = true;
  std::vector<TensorSpec> inputs;  ///< as the model declares them; axes may be free
  std::vector<TensorSpec> outputs;
  std::string preprocess;                     ///< JSON: how a picture becomes the input; empty where nothing was declared
  std::string chosen_because;                 ///< one sentence
  std::vector<std::string> notes;             ///< what was not shown: "task accuracy: not measured", …
  std::vector<std::string> install;           ///< commands that bring what the artefact needs
  std::string evidence;                       ///< path of the measurement of the first variant; empty where there is none
  std::vector<ArtifactVariant> variants;      ///< of another engine than the first one's: out of process
  Environment environment;                    ///< of the machine that it was measured on
  std::map<std::string, ArtifactFile> files;  ///< every file of the artefact but the manifest, by its path within it
};

struct LoadOptions {
  std::int64_t threads = 0;   ///< of the engine, in all; 0: as it was measured, at most the usable CPUs
  std::int64_t sessions = 0;  ///< calls that the engine is set up to answer at once, for throughput; 0: one, for latency
  bool check_hashes = true;   ///< every file against the manifest, before anything of it is run
};

/// A loaded artefact. Cheap to copy; copies share the loaded engine. Every call may be made from several threads at once: each has a
/// request of the engine to itself, or waits for one where the engine answers one at a time.
class Model {
 public:
  [[nodiscard]] const Manifest& manifest() const noexcept;
  [[nodiscard]] const std::vector<TensorSpec>& inputs() const noexcept;
  [[nodiscard]] const std::vector<TensorSpec>& outputs() const noexcept;
  /// What differs from where it was measured: another version of the engine, another processor. A sentence each.
  [[nodiscard]] const std::vector<std::string>& notices() const noexcept;

  /// Inputs in the order of inputs(), or in any order where every one has its name; they are read where they lie, and only until the call
  /// returns: on the host, or all in the memory of the GPU that the artefact runs on (Tensor::device()), where what writes to them must
  /// have ended. Outputs are new tensors on the host, in the order of outputs(). A call goes to the variant that is the fastest for its
  /// shape; the first of a shape loads it. Throws Exception: wrong_use for names, types and shapes that the model does not take.
  [[nodiscard]] std::vector<Tensor> run(std::span<const Tensor> inputs) const;
  [[nodiscard]] std::vector<Tensor> run(std::initializer_list<Tensor> inputs) const {
    return run(std::span(inputs.begin(), inputs.size()));
  }
  /// Answers into memory of the caller, on the host or that GPU: a tensor for each of outputs(), in that order, of the type and shape of
  /// the answer.
  void run_into(std::span<const Tensor> inputs, std::span<Tensor> outputs) const;
  /// Copies nothing: `use` sees the outputs in the engine's own memory, which another call may write to once it has returned; for inputs in
  /// a GPU's memory they lie there too. It must not call the model itself: where the engine answers one at a time, that would wait for its
  /// own end.
  void run(std::span<const Tensor> inputs, const std::function<void(std::span<const Tensor> outputs)>& use) const;
  /// On a thread of the model's own. Memory that the inputs are views of must live until the future is ready.
  [[nodiscard]] std::future<std::vector<Tensor>> run_async(std::vector<Tensor> inputs) const;

  struct State;  ///< made by load()
  explicit Model(std::shared_ptr<State> state) : state_(std::move(state)) {}

 private:
  std::shared_ptr<State> state_;
};

/// Loads an artefact: a folder, or its one-file archive. The engine is a module that is loaded into this process; the variant for the
/// smallest input is made ready. Throws Exception: bad_input where a file is changed, missing, truncated or foreign, with its name;
/// unavailable where the engine is not here, with the command that brings it.
[[nodiscard]] Model load(const std::filesystem::path& artifact, const LoadOptions& options = {});

/// The manifest alone, of a folder or an archive; no file is held against it.
[[nodiscard]] Manifest read_manifest(const std::filesystem::path& artifact);

}  // namespace podium
