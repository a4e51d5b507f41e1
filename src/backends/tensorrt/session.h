#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "backends/api/device_session.h"
#include "backends/tensorrt/loaded_engine.h"

namespace podium::tensorrt {

/// One request on an engine, with a stream, a context and memory of its own. Inputs of a batch lie in the GPU's memory once they are
/// placed; outputs are written where the next inference overwrites them.
class TensorRtSession final : public backend::DeviceSession {
 public:
  [[nodiscard]] static Result<std::unique_ptr<backend::Session>> create(std::shared_ptr<LoadedEngine> engine,
                                                                        const backend::LoadRequest& request);
  ~TensorRtSession() override;

  [[nodiscard]] Result<std::span<const TensorView>> run(std::span<const TensorView> inputs) override;
  [[nodiscard]] Result<void> synchronize() override;
  [[nodiscard]] Result<std::size_t> place(std::span<const TensorView> inputs) override;
  [[nodiscard]] Result<void> run_placed(std::size_t batch) override;
  [[nodiscard]] Result<std::span<const TensorView>> fetch() override;
  /// Inputs are read where they lie; a recorded graph reads its own place, so they are copied there, within the GPU.
  [[nodiscard]] Result<std::span<const TensorView>> run_on_device(std::span<const TensorView> inputs) override;
  [[nodiscard]] Result<void> copy(std::byte* to, const std::byte* from, std::size_t bytes) override;
  [[nodiscard]] Result<std::optional<std::int64_t>> device_ns(std::size_t batch) override;
  [[nodiscard]] Result<Audit> audit() override;
  [[nodiscard]] Result<std::unique_ptr<backend::Session>> another() override;

 private:
  /// Inputs in the GPU's memory, and the inference over them recorded as one graph.
  struct Batch {
    std::vector<cuda::Owned<cuda::Address>> inputs;
    cuda::Owned<cuda::GraphExec> graph;
    bool is_ready = false;
  };

  TensorRtSession(std::shared_ptr<LoadedEngine> engine, const backend::LoadRequest& request);
  [[nodiscard]] Result<void> set_up();
  [[nodiscard]] Result<Batch> new_batch();
  enum class From : std::uint8_t { host, device };
  [[nodiscard]] Result<void> copy_in(const Batch& batch, std::span<const TensorView> inputs, From from);
  [[nodiscard]] Result<void> copy_narrowed(const Batch& batch, std::size_t input, const TensorView& given);
  [[nodiscard]] Result<void> run_copied(std::span<const TensorView> inputs, From from);
  [[nodiscard]] Result<void> run_lent(std::span<const TensorView> inputs);
  [[nodiscard]] bool needs_copies() const;
  [[nodiscard]] Result<void> copy_out();
  [[nodiscard]] Result<void> make_ready(Batch& batch);
  [[nodiscard]] Result<void> record(Batch& batch);
  [[nodiscard]] Result<void> enqueue(const Batch& batch);
  [[nodiscard]] Result<void> enqueue_kernels(const Batch& batch);

  std::shared_ptr<LoadedEngine> engine_;
  const cuda::Driver& driver_;
  backend::LoadRequest request_;
  bool uses_graph_;
  cuda::Owned<cuda::Stream> stream_;
  cuda::Owned<cuda::Event> before_;
  cuda::Owned<cuda::Event> after_;
  std::unique_ptr<nvinfer1::IExecutionContext> context_;
  const Batch* bound_ = nullptr;  ///< whose inputs the context reads
  std::vector<cuda::Owned<cuda::Address>> outputs_;
  std::vector<cuda::Owned<void*>> host_outputs_;
  std::vector<TensorView> views_;                    ///< of host_outputs_
  std::vector<TensorView> device_views_;             ///< of outputs_
  std::vector<std::vector<std::int32_t>> narrowed_;  ///< 64-bit inputs as the engine has them
  std::optional<Batch> unplaced_;                    ///< what run() copies the caller's inputs to
  Batch lent_;                                       ///< whose inputs are the caller's
  std::vector<std::unique_ptr<Batch>> placed_;       ///< by their numbers
};

}  // namespace podium::tensorrt
