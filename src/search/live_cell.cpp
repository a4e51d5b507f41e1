#include "search/live_cell.h"

#include <algorithm>

namespace podium::search {
namespace {

CellStatus status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::unsupported:
    case ErrorCode::unavailable:
      return CellStatus::unsupported;
    case ErrorCode::timeout:
      return CellStatus::timeout;
    case ErrorCode::out_of_memory:
      return CellStatus::out_of_memory;
    case ErrorCode::cancelled:
      return CellStatus::partial;
    default:
      return CellStatus::failed;
  }
}

}  // namespace

void LiveCell::end(const worker::WorkerError& error) {
  if (was_done) {
    cell.status = CellStatus::ok;
    release();
    return;
  }
  cell.status = status_of(error.error.code);
  cell.reason = error.error.message;
  cell.remedy = error.error.remedy;
  if (cell.status == CellStatus::failed || cell.status == CellStatus::timeout || cell.status == CellStatus::out_of_memory) {
    cell.failure = error.failure;
    if (cell.failure->failure_class.empty())
      cell.failure->failure_class = cell.status == CellStatus::failed ? "error" : std::string(to_string(cell.status));
  }
  release();
}

void LiveCell::release() {
  if (!worker) return;
  if (const auto peak = worker->peak_private_memory_bytes()) {
    const std::int64_t over_idle = std::max<std::int64_t>(0, *peak - cell.memory.idle_bytes.value_or(0));
    cell.memory.peak_bytes = std::max(cell.memory.peak_bytes.value_or(0), over_idle);
  }
  worker->quit();
  worker.reset();
}

std::string log_name(std::string id, const char* suffix) {
  std::replace_if(
      id.begin(), id.end(), [](char c) { return c == '/' || c == '='; }, '-');
  return id + suffix;
}

LiveCell new_cell(const Candidate& candidate, std::int64_t batch, const std::string& device, TimingBoundary boundary) {
  LiveCell live;
  live.candidate = candidate;
  live.cell.id = cell_id(candidate, batch, device);
  live.cell.backend = candidate.backend.descriptor.name;
  live.cell.precision = candidate.precision;
  live.cell.batch = batch;
  live.cell.device = device;
  live.cell.options = candidate.options;
  live.cell.timing_boundary = to_string(boundary);
  live.cell.missing["energy_j_per_inference"] = "energy is not measured on this device";
  const bool is_on_cpu = device == "cpu";
  live.cell.missing["memory.device_bytes"] = is_on_cpu ? "the cell runs on the CPU" : "the driver does not tell the memory of this device";
  live.cell.missing["device_clock"] = is_on_cpu ? "the cell runs on the CPU, whose clock times every call"
                                      : boundary == TimingBoundary::device
                                          ? "the engine gives no time by its device's own clock"
                                          : "the device's own clock is read at the timing boundary 'device'";
  return live;
}

backend::LoadRequest load_request(const LiveCell& cell, const std::vector<backend::InputSpec>& inputs, std::int64_t threads) {
  backend::LoadRequest request;
  request.precision = cell.candidate.precision;
  request.device = cell.cell.device;
  request.threads = threads;
  request.options = cell.candidate.options;
  request.inputs = inputs;
  request.boundary = parse_timing_boundary(cell.cell.timing_boundary).value_or(TimingBoundary::host);
  return request;
}

}  // namespace podium::search
