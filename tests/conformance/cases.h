#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "backends/api/backend.h"
#include "podium/types.h"

namespace podium::conformance {

struct Tensor {
  std::string name;
  DataType type = DataType::float32;
  Shape shape;
  std::string bytes;
};

struct Batch {
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;  ///< expected
};

/// A model at one batch size, with inputs and the outputs that the ONNX reference evaluator gave for them.
struct Case {
  std::string name;
  std::vector<Batch> batches;
  std::map<std::string, std::filesystem::path> files;  ///< "onnx", "torch", "aoti/bf16" → model file

  /// The model's file for a backend at a precision; empty where it was not made.
  [[nodiscard]] std::filesystem::path file(const backend::Descriptor& descriptor, Precision precision) const;
};

/// What make_models.py wrote.
struct Models {
  std::map<std::string, Case> cases;
  std::vector<Case> topologies;                        ///< that the onnx package ships
  std::map<std::string, std::filesystem::path> liars;  ///< AOTInductor packages whose metadata is wrong
};
/// The folder that make_models.py wrote: $PODIUM_CONFORMANCE_MODELS, else the build's own.
[[nodiscard]] const std::filesystem::path& models_folder();
[[nodiscard]] const Models& models();
[[nodiscard]] const Case& case_named(const std::string& name);

/// Names of the topologies, known without the models having been made: tests are listed before that.
[[nodiscard]] std::vector<std::string> topology_names();

}  // namespace podium::conformance
