#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backends/api/backend.h"
#include "core/result.h"
#include "podium/cancel.h"
#include "podium/results.h"
#include "worker/input_memory.h"

namespace podium::worker {

/// An Error and how the worker ended, where it did.
struct WorkerError {
  Error error;
  Failure failure;
};
template <typename T>
using Outcome = tl::expected<T, WorkerError>;

/// How to start the worker of a backend.
struct WorkerCommand {
  std::vector<std::string> arguments;  ///< without the descriptors, which start() appends
  std::map<std::string, std::string> environment;
  std::vector<int> cpus{};     ///< that the worker and all that it starts are pinned to; empty: as this thread
  bool high_priority = false;  ///< before other programs, where the system lets it
};

struct WorkerLimits {
  std::chrono::duration<double> load_timeout{600};
  std::chrono::duration<double> run_timeout{60};  ///< for one inference
  std::int64_t memory_bytes = 0;                  ///< of the whole process group; 0: none
};

struct LoadFigures {
  double load_s = 0.0;
  std::optional<double> build_s;
};

/// One output tensor of one batch, copied out of the worker's memory.
struct OutputTensor {
  std::string name;
  DataType type = DataType::float32;
  Shape shape;
  std::vector<float> values;  ///< as float, whatever the type was
};

struct Answers {
  std::optional<double> first_inference_ms;
  std::vector<std::vector<OutputTensor>> batches;
};

/// One output tensor of one batch, where it lies in the worker's memory: until the next call of the worker, which can still write there.
struct LentTensor {
  std::string name;
  DataType type = DataType::float32;
  Shape shape;
  std::span<const std::byte> bytes;  ///< dense, row-major, aligned for any number
};

struct LentAnswer {
  std::optional<double> first_inference_ms;  ///< where this was the first inference since the model was loaded
  std::vector<LentTensor> outputs;
};

struct MeasureRequest {
  std::chrono::nanoseconds duration{0};
  std::int64_t minimum_samples = 1;
  std::int64_t maximum_samples = 1;
  std::int64_t iterations_per_sample = 1;
};

struct MeasuredBlock {
  std::int64_t start_ns = 0;
  std::int64_t elapsed_ns = 0;
  std::int64_t user_ns = 0;  ///< processor time of the worker process over the block
  std::vector<std::int64_t> samples_ns;
  std::optional<DeviceClock> device_clock{};
};

struct ThroughputRequest {
  std::chrono::nanoseconds duration{0};
  std::int64_t requests = 1;  ///< in flight at once; not more than the model was loaded for
};

struct ThroughputFigures {
  std::int64_t start_ns = 0;
  std::int64_t elapsed_ns = 0;  ///< calls ÷ elapsed is the sum of the requests' own rates
  std::int64_t calls = 0;       ///< completed, by all requests together
  std::int64_t user_ns = 0;     ///< processor time of the worker process over the window
  std::string mismatch;         ///< not empty: an answer differed from the one to the same inputs with one request in flight, in a sentence
};

/// The supervisor's side of one worker process. A call that fails because the worker died, hung or took too much memory ends the worker
/// and says which; later calls repeat that.
class Worker {
 public:
  /// `log` receives what the worker prints.
  [[nodiscard]] static Outcome<Worker> start(const WorkerCommand& command, const WorkerLimits& limits, const InputMemory& inputs,
                                             const std::filesystem::path& log, const CancelToken& cancel);
  Worker(Worker&&) noexcept;
  Worker& operator=(Worker&&) noexcept;
  ~Worker();

  [[nodiscard]] Outcome<backend::Probe> probe();
  [[nodiscard]] Outcome<LoadFigures> load(const backend::LoadRequest& request);
  /// Runs batches 0 … count-1 of the input memory and returns their outputs.
  [[nodiscard]] Outcome<Answers> answers(std::int64_t count);
  /// Runs one batch of the input memory and lends its outputs: memory does not grow with the batches.
  [[nodiscard]] Outcome<LentAnswer> answer(std::int64_t batch);
  [[nodiscard]] Outcome<MeasuredBlock> measure(const MeasureRequest& request);
  /// Keeps several requests in flight for a while. The model was loaded for so many.
  [[nodiscard]] Outcome<ThroughputFigures> throughput(const ThroughputRequest& request);
  [[nodiscard]] Outcome<Audit> audit();

  /// Stops the whole process group, so that a waiting worker burns nothing; any call resumes it.
  void pause();
  void resume();
  [[nodiscard]] std::int64_t memory_bytes() const;       ///< proportional size now: what limits look at
  [[nodiscard]] std::int64_t peak_memory_bytes() const;  ///< the largest seen of it
  /// What no process outside this worker's group holds, now: what figures are made of, since it does not depend on who shares a library.
  /// Costs a walk of the page tables: not for a moment in which something is timed. Nothing where the kernel does not tell.
  [[nodiscard]] std::optional<std::int64_t> private_memory_bytes();
  [[nodiscard]] std::optional<std::int64_t> peak_private_memory_bytes() const;  ///< the largest seen of it, never below what was asked
  [[nodiscard]] int pid() const noexcept;
  [[nodiscard]] bool is_alive() const noexcept;  ///< false once a call has failed because it died, hung or was ended
  /// Asks it to quit; kills what has not gone after a moment.
  void quit();

 private:
  struct State;
  explicit Worker(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace podium::worker
