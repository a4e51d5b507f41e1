#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "backends/api/backend.h"
#include "cache/cache.h"
#include "core/result.h"
#include "podium/cancel.h"
#include "podium/results.h"

namespace podium::import {

struct ImportRequest {
  std::string model;  ///< as the user typed it
  std::filesystem::path weights;
  std::map<std::string, Shape> shapes;
  std::vector<std::string> python;  ///< the Python interpreter's command; empty where there is none
};

/// A model file in the format that a backend reads.
struct Variant {
  std::filesystem::path path;
  std::string sha256;
  std::int64_t bytes = 0;
  std::optional<double> build_s;  ///< what making it took, when it was made
  bool cached = false;
  cache::Entry hold;  ///< keeps the cache from evicting it
};

/// What a candidate asks for, where its model file depends on it (an AOTInductor package is compiled for a shape, a precision and options).
struct VariantRequest {
  std::string format;  ///< "onnx", "torch", "aoti"
  Precision precision = Precision::fp32;
  std::vector<backend::InputSpec> inputs;  ///< concrete, batch included
  OptionValues options;
  std::int64_t threads = 1;
  std::int64_t build = 0;  ///< from 1 on: compiled again, whatever the cache holds of other builds
  /// For int8_static in "torch" and "aoti": an .npz with an array for each of the model's inputs, samples along axis 0.
  std::filesystem::path calibration{};
};

using OnProgress = std::function<void(const std::string& what)>;

/// A model taken in: its facts, and the way to each format.
class ImportedModel {
 public:
  ImportedModel(ImportedModel&&) noexcept;
  ImportedModel& operator=(ImportedModel&&) noexcept;
  ~ImportedModel();
  [[nodiscard]] const ModelFacts& facts() const noexcept;
  /// What the user should know of this model: that it is compiled code, that its weights are random. A sentence each.
  [[nodiscard]] const std::vector<std::string>& notices() const noexcept;
  /// The file for a candidate, made (and cached) where it is not there yet. ErrorCode::unsupported where the model cannot be had in that
  /// format.
  [[nodiscard]] Result<Variant> variant(const VariantRequest& request, const CancelToken& cancel, const OnProgress& on_progress) const;

 private:
  friend Result<ImportedModel> import_model(const ImportRequest&, cache::Cache&, const CancelToken&, const OnProgress&);
  struct State;
  explicit ImportedModel(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Takes a model in: reads an .onnx or .pt2 file, or has Python build and describe a PyTorch model.
[[nodiscard]] Result<ImportedModel> import_model(const ImportRequest& request, cache::Cache& cache, const CancelToken& cancel,
                                                 const OnProgress& on_progress);

}  // namespace podium::import
