#pragma once

#include <memory>
#include <optional>
#include <thread>
#include <unordered_set>
#include <vector>

#include "backends/api/device_session.h"
#include "backends/fake/answer.h"
#include "backends/fake/copies.h"
#include "backends/fake/faults.h"
#include "backends/fake/pace.h"
#include "backends/fake/shared_engine.h"

namespace podium::fake {

class FakeSession final : public backend::DeviceSession {
 public:
  FakeSession(const backend::LoadRequest& request, Faults faults, std::shared_ptr<SharedEngine> engine);

  [[nodiscard]] Result<std::span<const TensorView>> run(std::span<const TensorView> inputs) override;
  [[nodiscard]] Result<void> synchronize() override;
  [[nodiscard]] Result<std::size_t> place(std::span<const TensorView> inputs) override;
  [[nodiscard]] Result<void> run_placed(std::size_t batch) override;
  [[nodiscard]] Result<std::span<const TensorView>> fetch() override;
  [[nodiscard]] Result<std::span<const TensorView>> run_on_device(std::span<const TensorView> inputs) override;
  [[nodiscard]] Result<void> copy(std::byte* to, const std::byte* from, std::size_t bytes) override;
  [[nodiscard]] Result<std::optional<std::int64_t>> device_ns(std::size_t batch) override;
  [[nodiscard]] Result<Audit> audit() override;
  [[nodiscard]] Result<std::unique_ptr<backend::Session>> another() override;

 private:
  [[nodiscard]] Result<void> strike_when_due(const std::byte* input);
  [[nodiscard]] bool is_on_device() const { return request_.device != "cpu"; }

  backend::LoadRequest request_;
  std::vector<backend::InputSpec> inputs_;
  std::shared_ptr<SharedEngine> engine_;
  Faults faults_;
  Pace pace_;
  Answer answer_;
  bool faults_wait_;
  std::int64_t clock_percent_;
  std::vector<Copies> placed_;             ///< inputs of each batch, as if they were on a device
  std::span<const TensorView> unfetched_;  ///< outputs of the last run on placed inputs
  Copies fetched_;
  std::vector<TensorView> device_outputs_;  ///< of the last run_on_device()
  std::int64_t after_calls_;
  std::int64_t calls_answering_ = 0;
  std::int64_t calls_measuring_ = 0;
  std::unordered_set<const std::byte*> seen_;  ///< inputs: one that comes a second time is being measured
  std::vector<std::jthread> spinners_;         // last: they end before what they might look at
};

}  // namespace podium::fake
