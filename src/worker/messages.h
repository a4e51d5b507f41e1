#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "backends/api/backend.h"
#include "core/result.h"
#include "podium/results.h"
#include "worker/input_memory.h"
#include "worker/worker.h"

/// The JSON of docs/worker-protocol.md and the types behind it, for both ends. A message that lacks a field, or has one of another
/// type, is ErrorCode::bad_input.
namespace podium::worker {

[[nodiscard]] nlohmann::json error_to_json(const Error& error);
/// From a reply whose "ok" is false.
[[nodiscard]] Error error_from_json(const nlohmann::json& reply);

[[nodiscard]] nlohmann::json probe_to_json(const backend::Probe& probe);
[[nodiscard]] Result<backend::Probe> probe_from_json(const nlohmann::json& reply);

struct LoadMessage {
  backend::LoadRequest request;
  std::vector<InputLayout> inputs;  ///< in the order of request.inputs
};
[[nodiscard]] nlohmann::json load_to_json(const LoadMessage& message);
[[nodiscard]] Result<LoadMessage> load_from_json(const nlohmann::json& request);
[[nodiscard]] Result<LoadFigures> load_figures_from_json(const nlohmann::json& reply);

/// An output tensor in the arena.
struct OutputRange {
  std::string name;
  DataType type = DataType::float32;
  Shape shape;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};
struct AnswersMessage {
  std::optional<std::int64_t> first_inference_ns;
  std::vector<std::vector<OutputRange>> batches;
};
[[nodiscard]] nlohmann::json answers_to_json(const AnswersMessage& message);
/// Shapes and bytes are checked against each other.
[[nodiscard]] Result<AnswersMessage> answers_from_json(const nlohmann::json& reply);

[[nodiscard]] nlohmann::json measure_to_json(const MeasureRequest& request);
[[nodiscard]] Result<MeasureRequest> measure_from_json(const nlohmann::json& request);
struct BlockMessage {
  std::int64_t start_ns = 0;
  std::int64_t elapsed_ns = 0;
  std::int64_t user_ns = 0;
  std::uint64_t samples = 0;
  std::uint64_t offset = 0;
  std::optional<DeviceClock> device_clock{};
};
[[nodiscard]] nlohmann::json block_to_json(const BlockMessage& message);
[[nodiscard]] Result<BlockMessage> block_from_json(const nlohmann::json& reply);

[[nodiscard]] nlohmann::json throughput_to_json(const ThroughputRequest& request);
[[nodiscard]] Result<ThroughputRequest> throughput_from_json(const nlohmann::json& request);
[[nodiscard]] nlohmann::json throughput_figures_to_json(const ThroughputFigures& figures);
[[nodiscard]] Result<ThroughputFigures> throughput_figures_from_json(const nlohmann::json& reply);

[[nodiscard]] nlohmann::json audit_to_json(const Audit& audit);
[[nodiscard]] Result<Audit> audit_from_json(const nlohmann::json& reply);

}  // namespace podium::worker
