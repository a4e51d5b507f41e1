#pragma once

#include <onnxruntime_cxx_api.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/api/backend.h"
#include "backends/onnxruntime/signature.h"

namespace podium::onnxruntime {

/// A model in ONNX Runtime. Inputs are read where the caller has them; outputs whose shape never changes are written to the same memory in
/// every run.
class OrtSession final : public backend::Session {
 public:
  using Auditor = std::function<Result<Audit>()>;
  OrtSession(Ort::Session session, const Signature& signature, std::vector<backend::InputSpec> inputs, Auditor auditor);
  /// One more request on a session that another has made.
  OrtSession(std::shared_ptr<Ort::Session> session, std::vector<TensorSpec> outputs, std::vector<backend::InputSpec> inputs,
             Auditor auditor);

  [[nodiscard]] Result<std::span<const TensorView>> run(std::span<const TensorView> inputs) override;
  [[nodiscard]] Result<Audit> audit() override { return auditor_(); }
  [[nodiscard]] Result<std::unique_ptr<backend::Session>> another() override;
  /// Ends the profile of a session that was made with profiling on and returns its file. Throws Ort::Exception.
  [[nodiscard]] std::filesystem::path end_profiling();

 private:
  void wrap_inputs(std::span<const TensorView> inputs);
  void release_unkept_outputs();
  void view_outputs();
  void decide_which_outputs_stay(std::span<const TensorView> inputs);

  Auditor auditor_;                        ///< first, so that what it holds outlives the session
  std::shared_ptr<Ort::Session> session_;  ///< its Run may be called from several threads at once
  Ort::MemoryInfo memory_;
  Ort::RunOptions run_options_;
  std::vector<backend::InputSpec> input_specs_;
  std::vector<TensorSpec> output_specs_;
  std::vector<const char*> input_names_;
  std::vector<const char*> output_names_;
  std::vector<Ort::Value> inputs_;
  std::vector<Ort::Value> outputs_;
  std::vector<bool> kept_;  ///< outputs that the next run may write to again
  std::vector<TensorView> views_;
  bool first_run_ = true;
};

/// An Error for what ONNX Runtime threw; `doing` completes "ONNX Runtime failed while …".
[[nodiscard]] Error to_error(const Ort::Exception& exception, const std::string& doing);

}  // namespace podium::onnxruntime
