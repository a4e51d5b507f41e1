#pragma once

#include <memory>
#include <openvino/runtime/compiled_model.hpp>
#include <openvino/runtime/infer_request.hpp>
#include <span>
#include <string>
#include <vector>

#include "backends/api/backend.h"

namespace podium::openvino {

/// One request on a compiled model. Inputs are read where the caller has them; outputs lie in the request's own memory, on the host.
class OpenVinoSession final : public backend::Session {
 public:
  /// Throws ov::Exception.
  OpenVinoSession(ov::CompiledModel model, const backend::LoadRequest& request, bool quantized_model);

  [[nodiscard]] Result<std::span<const TensorView>> run(std::span<const TensorView> inputs) override;
  [[nodiscard]] Result<Audit> audit() override;
  [[nodiscard]] Result<std::unique_ptr<backend::Session>> another() override;

 private:
  void infer();
  void bind_inputs(std::span<const TensorView> inputs);
  void view_outputs();

  ov::CompiledModel model_;
  ov::InferRequest request_;
  backend::LoadRequest loaded_for_;
  bool quantized_model_;
  std::vector<backend::InputSpec> input_specs_;
  std::vector<ov::Output<const ov::Node>> input_ports_;
  std::vector<const std::byte*> bound_;  ///< where each input was read from last
  std::vector<TensorView> views_;
};

/// Element types of the model's outputs, or why they cannot be handed over.
[[nodiscard]] Result<void> check_outputs(const ov::CompiledModel& model);

}  // namespace podium::openvino
