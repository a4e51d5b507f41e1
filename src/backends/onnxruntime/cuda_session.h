#pragma once

#include <onnxruntime_cxx_api.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "backends/api/device_session.h"
#include "backends/onnxruntime/cuda_driver.h"
#include "backends/onnxruntime/session.h"
#include "backends/onnxruntime/signature.h"

namespace podium::onnxruntime {

/// How a session computes on a GPU.
struct OnCuda {
  std::shared_ptr<cuda::Gpu> gpu;
  bool has_stream = false;  ///< it computes in the Gpu's stream, so that the Gpu's clock can time it
  bool has_graph = false;   ///< the CUDA provider captures a graph for each batch of inputs and replays it
};

/// A model in ONNX Runtime on a GPU. Inputs and outputs lie in the GPU's memory and are bound once. The provider waits for its stream at
/// the end of each run, so a run that has returned is done.
class CudaSession final : public backend::DeviceSession {
 public:
  CudaSession(std::shared_ptr<Ort::Session> session, std::vector<TensorSpec> outputs, std::vector<backend::InputSpec> inputs, OnCuda on,
              OrtSession::Auditor auditor);

  /// At the timing boundary `host`: copies in, runs, copies out.
  [[nodiscard]] Result<std::span<const TensorView>> run(std::span<const TensorView> inputs) override;
  [[nodiscard]] Result<std::size_t> place(std::span<const TensorView> inputs) override;
  [[nodiscard]] Result<void> run_placed(std::size_t batch) override;
  [[nodiscard]] Result<std::span<const TensorView>> fetch() override;
  /// Inputs are bound where they lie; a captured graph reads its own place, so they are copied there, within the GPU.
  [[nodiscard]] Result<std::span<const TensorView>> run_on_device(std::span<const TensorView> inputs) override;
  [[nodiscard]] Result<void> copy(std::byte* to, const std::byte* from, std::size_t bytes) override {
    return on_.gpu->copy(to, from, bytes);
  }
  [[nodiscard]] Result<std::optional<std::int64_t>> device_ns(std::size_t batch) override;
  [[nodiscard]] Result<Audit> audit() override { return auditor_(); }
  [[nodiscard]] Result<std::unique_ptr<backend::Session>> another() override;

 private:
  /// One batch of inputs at its place. A graph is captured for these addresses. The memory is not the engine's: what a captured run has
  /// freed there, an input of the next batch would be given, and the graph's next replay would write over it.
  struct Slot {
    std::vector<std::shared_ptr<void>> memory;
    std::vector<Ort::Value> inputs;
    Ort::IoBinding binding;
    Ort::RunOptions options;
  };
  enum class From : std::uint8_t { host, device };
  [[nodiscard]] Result<std::size_t> place(std::span<const TensorView> inputs, From from);
  [[nodiscard]] Result<void> make_inputs(Slot& slot);
  [[nodiscard]] Result<void> copy_in(Slot& slot, std::span<const TensorView> inputs, From from);
  [[nodiscard]] Result<void> run_copied(std::span<const TensorView> inputs, From from);
  [[nodiscard]] Result<void> run_lent(std::span<const TensorView> inputs);
  void bind_lent(Slot& slot, std::span<const TensorView> inputs);
  [[nodiscard]] Result<std::span<const TensorView>> outputs_on_device();
  [[nodiscard]] Result<void> bind_outputs(Slot& slot);
  [[nodiscard]] Result<void> run_slot(Slot& slot);

  OrtSession::Auditor auditor_;  ///< first, so that what it holds outlives the session
  OnCuda on_;
  std::shared_ptr<Ort::Session> session_;
  Ort::MemoryInfo memory_;
  std::vector<backend::InputSpec> input_specs_;
  std::vector<TensorSpec> output_specs_;
  std::vector<Ort::Value> outputs_;  ///< of the last run; the same memory in every run where shapes never change
  bool outputs_stay_ = false;
  std::vector<Slot> slots_;
  std::optional<Slot> lent_;  ///< whose inputs are the caller's
  std::vector<std::vector<std::byte>> fetched_;
  std::vector<TensorView> views_;
};

}  // namespace podium::onnxruntime
