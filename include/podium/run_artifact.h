#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "podium/bench.h"
#include "podium/cancel.h"
#include "podium/types.h"

namespace podium {

/// What `podium run` does: an artefact's answers to data. Programs call load() and Model::run() themselves.
struct RunRequest {
  std::filesystem::path artifact;
  std::filesystem::path data;        ///< as in BenchRequest; empty: generated inputs
  std::int64_t samples = 0;          ///< of the data, at most; 0: all, and 16 that are generated
  std::filesystem::path preprocess;  ///< as in BenchRequest; empty: what data or artefact say
  std::int64_t batch = 0;            ///< 0: that of the artefact's first variant
  std::int64_t repeat = 1;           ///< passes over the data
  std::int64_t threads = 0;          ///< as in LoadOptions
  std::uint64_t seed = 0;            ///< of generated inputs
  std::filesystem::path output;      ///< an .npz: an array for each output, samples along axis 0; empty: none
};

struct RunOutput {
  std::string name;
  DataType type = DataType::float32;
  Shape shape;  ///< of all samples
};

struct RunReport {
  std::string engine;  ///< "ONNX Runtime 1.32.0, int8-static"
  std::string data;    ///< where the inputs came from
  std::int64_t samples = 0;
  std::int64_t calls = 0;
  double load_s = 0.0;
  double seconds = 0.0;  ///< of all calls; no measurement: nothing was warmed up or repeated to be sure
  std::vector<RunOutput> outputs;
  std::vector<std::string> notices;
};

/// Throws Exception as load() does, for data that do not fit, and for outputs that an .npz cannot hold.
[[nodiscard]] RunReport run_artifact(const RunRequest& request, BenchObserver& observer, const CancelToken& cancel);

}  // namespace podium
