#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "backends/api/registry.h"
#include "core/install_paths.h"
#include "search/batch_run.h"
#include "search/candidates.h"
#include "temporary_folder.h"

namespace podium::search {

inline constexpr std::int64_t samples = 16;

/// Sixteen inputs of eight numbers, all different.
inline data::InputSet inputs() {
  data::InputSet set;
  for (std::int64_t i = 0; i < samples; ++i) {
    std::vector<float> values(8);
    for (std::size_t k = 0; k < values.size(); ++k) values[k] = static_cast<float>((i * 7 + static_cast<std::int64_t>(k) * 3) % 13) - 6.0F;
    std::vector<std::byte> bytes(values.size() * sizeof(float));
    std::memcpy(bytes.data(), values.data(), bytes.size());
    set.samples.push_back({bytes});
  }
  return set;
}

/// Options of the fake by name, as text.
using FakeOptions = std::map<std::string, std::string>;

/// A cell of the fake that has not begun; none, and a failed test, where there is no fake or it takes no such options.
inline void add_fake_cell(std::vector<LiveCell>& cells, const FakeOptions& options, Precision precision = Precision::fp32,
                          const std::string& device = "cpu") {
  const auto registry = backend::read_registry(find_install_paths().backends);
  ASSERT_TRUE(registry) << registry.error().message;
  std::map<std::string, std::vector<std::string>> values;
  for (const auto& [name, value] : options) values["fake." + name] = {value};
  const auto candidates = make_candidates(*registry, {{"fake"}, {precision}, values});
  ASSERT_TRUE(candidates) << candidates.error().message;
  const auto boundary = device == "cpu" ? TimingBoundary::host : TimingBoundary::device;
  cells.push_back(new_cell(candidates->front(), 2, device, boundary));
}

/// Runs fake candidates, one for each set of options, through run_batch.
class BatchRunTest : public ::testing::Test {
 protected:
  void add(const FakeOptions& options, Precision precision = Precision::fp32, const std::string& device = "cpu") {
    add_fake_cell(cells_, options, precision, device);
  }

  Result<void> run() {
    const ModelInputs model{{{"x", DataType::float32, {1, 8}, true}}, std::nullopt};
    auto batches = make_batches(inputs(), model, 2);
    if (!batches) return tl::unexpected(batches.error());
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      if (cells_[i].cell.precision == Precision::fp32) request_.baseline_order.push_back(i);
    }
    request_.logs = folder_.path();
    return run_batch(cells_, *batches, request_, hooks(), cancel_);
  }

  BatchRunHooks hooks() {
    BatchRunHooks hooks;
    hooks.prepare = [this](const Candidate& candidate, const auto&, std::int64_t build) -> Result<PreparedModel> {
      builds_[cell_id(candidate, 2, "cpu")].push_back(build);
      return PreparedModel{folder_.write("model.onnx", "any content"), "0", 1, std::nullopt, false, is_compiled_, {}};
    };
    hooks.command = [](const Candidate& candidate) {
      return worker::WorkerCommand{{find_install_paths().worker.string(), "--module", candidate.backend.module.string()}, {}};
    };
    hooks.key = [](const LiveCell& live) { return live.cell.id; };
    hooks.evidence_against = [this](const auto&, auto, auto) { return evidence_(subject_); };
    hooks.on_foreign_load = [](const auto&) {};
    hooks.on_stage = [](const auto&, const auto&, auto, auto) {};
    hooks.on_measure = [this](double elapsed, double budget, const std::string& subject) {
      subject_ = subject;
      EXPECT_GE(elapsed, elapsed_s_) << "the time of earlier heats counts";
      elapsed_s_ = elapsed;
      budget_s_ = budget;
      on_measure_();
    };
    hooks.on_message = [this](const std::string& message) { messages_.push_back(message); };
    hooks.on_loaded = [this](const LiveCell&, const PreparedModel&, const auto&, double seconds) { loads_s_.push_back(seconds); };
    hooks.on_cell = [](const Cell&) -> Result<void> { return {}; };
    hooks.on_block = [this](const std::string& id, const Block&) { return on_block_(id); };
    return hooks;
  }

  const Cell& cell(std::size_t index) const { return cells_[index].cell; }

  test::TemporaryFolder folder_;
  std::vector<LiveCell> cells_;
  CancelToken cancel_;
  BatchRunRequest request_ = [] {
    BatchRunRequest request;
    request.budget = std::chrono::duration<double>(0.2);
    request.memory_for_all = std::int64_t{1} << 40;
    request.limits.load_timeout = std::chrono::seconds(5);
    request.limits.run_timeout = std::chrono::seconds(2);
    request.warm_up.shortest = std::chrono::milliseconds(20);
    request.warm_up.longest = std::chrono::milliseconds(200);
    request.launches = 1;
    return request;
  }();
  std::vector<std::string> messages_;
  std::map<std::string, std::vector<std::int64_t>> builds_;  ///< cell → what each of its launches asked for
  std::vector<double> loads_s_;
  bool is_compiled_ = false;
  double elapsed_s_ = 0.0;
  double budget_s_ = 0.0;  ///< as it was told last
  std::string subject_;    ///< the cell whose block is measured
  /// Why its block is set aside. None is, so that no test hangs on what else the machine does.
  std::function<std::optional<std::string>(const std::string& id)> evidence_ = [](const auto&) { return std::nullopt; };
  std::function<void()> on_measure_ = [] {};
  std::function<Result<void>(const std::string&)> on_block_ = [](const std::string&) -> Result<void> { return {}; };
};

[[nodiscard]] inline std::set<std::int64_t> launches_of(const Cell& cell) {
  std::set<std::int64_t> launches;
  for (const Block& block : cell.blocks) launches.insert(block.launch);
  return launches;
}

}  // namespace podium::search
