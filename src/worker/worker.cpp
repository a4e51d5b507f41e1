#include "worker/worker.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <system_error>

#include "core/numbers.h"
#include "core/tensor_view.h"
#include "core/text.h"
#include "worker/arena.h"
#include "worker/failure.h"
#include "worker/link.h"
#include "worker/messages.h"
#include "worker/protocol.h"

namespace podium::worker {

using nlohmann::json;

namespace {

WorkerError own_error(Error error) {
  return {std::move(error), {"error", std::nullopt, {}}};
}

Result<std::pair<UniqueFd, UniqueFd>> make_socket_pair() {
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0) return std::pair{UniqueFd(ends[0]), UniqueFd(ends[1])};
  return fail(ErrorCode::failed, fmt::format("cannot make a socket for a worker: {}", std::generic_category().message(errno)),
              "raise the limit on open files (ulimit -n)");
}

Result<std::vector<OutputTensor>> copy_outputs(const Arena& arena, const std::vector<OutputRange>& ranges) {
  std::vector<OutputTensor> outputs;
  for (const OutputRange& range : ranges) {
    Result<std::vector<std::byte>> bytes = arena.read(range.offset, range.bytes);
    if (!bytes) return tl::unexpected(bytes.error());
    outputs.push_back({range.name, range.type, range.shape, to_floats(bytes->data(), range.type, element_count(range.shape))});
  }
  return outputs;
}

Result<std::vector<LentTensor>> lend_outputs(Arena& arena, const std::vector<OutputRange>& ranges) {
  const Result<std::span<const std::byte>> memory = arena.view();
  if (!memory) return tl::unexpected(memory.error());
  std::vector<LentTensor> outputs;
  for (const OutputRange& range : ranges) {
    const Result<std::span<const std::byte>> bytes = part_of(*memory, range.offset, range.bytes);
    if (!bytes) return tl::unexpected(bytes.error());
    if (range.offset % alignof(std::max_align_t) != 0) {
      return fail(ErrorCode::failed, fmt::format("the worker names an output at {}, which is no place for numbers", range.offset));
    }
    outputs.push_back({range.name, range.type, range.shape, *bytes});
  }
  return outputs;
}

Result<std::vector<std::int64_t>> copy_samples(const Arena& arena, const BlockMessage& block, const MeasureRequest& request) {
  if (block.samples == 0 || block.samples > static_cast<std::uint64_t>(request.maximum_samples)) {
    return fail(ErrorCode::failed,
                fmt::format("the worker says that it took {} samples of at most {}", block.samples, request.maximum_samples));
  }
  const Result<std::vector<std::byte>> bytes = arena.read(block.offset, block.samples * sizeof(std::uint64_t));
  if (!bytes) return tl::unexpected(bytes.error());
  static_assert(std::endian::native == std::endian::little);
  std::vector<std::int64_t> samples(block.samples);
  std::memcpy(samples.data(), bytes->data(), bytes->size());
  return samples;
}

}  // namespace

struct Worker::State {
  State(GuardedProcess process, UniqueFd socket, Arena memory, const WorkerLimits& given, const InputMemory& shared,
        const std::filesystem::path& log, const CancelToken& cancel)
      : link(std::move(process), std::move(socket), given.memory_bytes, log, cancel),
        arena(std::move(memory)),
        limits(given),
        inputs(shared.layout()) {}

  Link link;
  Arena arena;
  WorkerLimits limits;
  std::vector<InputLayout> inputs;
  Seconds first_run_timeout{0};  ///< an engine may compile at its first inference: what loading left of its time is granted to it
  Seconds slowest_call{0};       ///< seen so far; 0 before the first

  [[nodiscard]] Seconds measure_timeout(const MeasureRequest& request) const;
  [[nodiscard]] Seconds throughput_timeout(const ThroughputRequest& request) const;
  [[nodiscard]] Outcome<std::vector<OutputRange>> answer(std::int64_t batch, std::optional<double>& first_inference_ms);
  template <typename T>
  [[nodiscard]] Outcome<T> trusted(Result<T> decoded) {
    if (decoded) return std::move(*decoded);
    return tl::unexpected(link.end_for_nonsense(decoded.error()));
  }
};

/// The block's own duration, room for the samples that it must take at the speed seen so far, and one inference that hangs.
Seconds Worker::State::measure_timeout(const MeasureRequest& request) const {
  const Seconds call = slowest_call.count() > 0 ? 2 * slowest_call : limits.run_timeout;
  const auto calls = static_cast<double>(request.iterations_per_sample) * static_cast<double>(request.minimum_samples + 1);
  return Seconds(request.duration) + call * calls + std::max(limits.run_timeout, first_run_timeout);
}

/// The window, a lead-in as long as it may last, the answers to compare with, and one inference that hangs. Requests that share the
/// processor may each take as many times longer as there are of them.
Seconds Worker::State::throughput_timeout(const ThroughputRequest& request) const {
  constexpr double calls_around_the_window = 8.0;
  const Seconds call = slowest_call.count() > 0 ? 2 * slowest_call : limits.run_timeout;
  const auto batches = static_cast<double>(inputs.empty() ? 0 : inputs.front().offsets.size());
  const double calls = batches + calls_around_the_window * static_cast<double>(request.requests);
  return 2 * Seconds(request.duration) + call * calls + std::max(limits.run_timeout, first_run_timeout);
}

Worker::Worker(std::unique_ptr<State> state) : state_(std::move(state)) {}
Worker::Worker(Worker&&) noexcept = default;
Worker& Worker::operator=(Worker&&) noexcept = default;
Worker::~Worker() = default;

Outcome<Worker> Worker::start(const WorkerCommand& command, const WorkerLimits& limits, const InputMemory& inputs,
                              const std::filesystem::path& log, const CancelToken& cancel) {
  auto sockets = make_socket_pair();
  if (!sockets) return tl::unexpected(own_error(sockets.error()));
  Result<Arena> arena = Arena::create();
  if (!arena) return tl::unexpected(own_error(arena.error()));
  Command process_command{command.arguments, command.environment, {}, log, command.cpus, command.high_priority};
  const std::array<std::string, 6> descriptors{"--socket", "3", "--inputs", "4", "--arena", "5"};
  process_command.arguments.insert(process_command.arguments.end(), descriptors.begin(), descriptors.end());
  process_command.descriptors = {{sockets->second.get(), 3}, {inputs.descriptor(), 4}, {arena->descriptor(), 5}};
  Result<GuardedProcess> process = GuardedProcess::start(process_command);
  if (!process) return tl::unexpected(own_error(process.error()));
  sockets->second.reset();

  Worker worker(std::make_unique<State>(std::move(*process), std::move(sockets->first), std::move(*arena), limits, inputs, log, cancel));
  Link& link = worker.state_->link;
  const Outcome<json> hello = link.call({{"op", "hello"}}, {"starting", limits.load_timeout, Seconds(0), load_remedy()});
  if (!hello) return tl::unexpected(hello.error());
  if (const auto version = hello->find("protocol"); version == hello->end() || *version != protocol_version) {
    return tl::unexpected(link.end_for_nonsense({ErrorCode::failed, "the worker speaks another version of the worker protocol",
                                                 "build or install Podium and its Python package again, from the same sources"}));
  }
  return worker;
}

Outcome<backend::Probe> Worker::probe() {
  const Outcome<json> reply =
      state_->link.call({{"op", "probe"}}, {"looking for its engine", state_->limits.load_timeout, Seconds(0), load_remedy()});
  if (!reply) return tl::unexpected(reply.error());
  return state_->trusted(probe_from_json(*reply));
}

Outcome<LoadFigures> Worker::load(const backend::LoadRequest& request) {
  LoadMessage message{request, {}};
  for (const backend::InputSpec& input : request.inputs) {
    const auto is_named = [&input](const InputLayout& layout) { return layout.name == input.name; };
    const auto layout = std::find_if(state_->inputs.begin(), state_->inputs.end(), is_named);
    if (layout == state_->inputs.end()) {
      return tl::unexpected(own_error({ErrorCode::wrong_use, fmt::format("the shared memory holds no input '{}'", printable(input.name)),
                                       "give data for every input"}));
    }
    message.inputs.push_back({input.name, input.type, input.shape, layout->offsets});
  }
  const Clock::time_point start = Clock::now();
  state_->link.loads_on_device(request.device != "cpu");
  const Outcome<json> reply =
      state_->link.call(load_to_json(message), {"loading the model", state_->limits.load_timeout, Seconds(0), load_remedy()});
  if (!reply) return tl::unexpected(reply.error());
  state_->first_run_timeout = std::max(state_->limits.run_timeout, state_->limits.load_timeout - Seconds(Clock::now() - start));
  return state_->trusted(load_figures_from_json(*reply));
}

/// One request for each batch, so that the time limit is that of one inference and the arena holds one batch's outputs.
Outcome<std::vector<OutputRange>> Worker::State::answer(std::int64_t batch, std::optional<double>& first_inference_ms) {
  const Seconds timeout = std::max(limits.run_timeout, std::exchange(first_run_timeout, Seconds(0)));
  const Clock::time_point start = Clock::now();
  const Outcome<json> reply = link.call({{"op", "answers"}, {"batches", {batch}}}, {"answering", timeout, Seconds(0), run_remedy()});
  if (!reply) return tl::unexpected(reply.error());
  Outcome<AnswersMessage> message = trusted(answers_from_json(*reply));
  if (!message) return tl::unexpected(message.error());
  if (message->batches.size() != 1) {
    return tl::unexpected(
        link.end_for_nonsense({ErrorCode::failed, "the worker answered another number of batches than it was asked for", {}}));
  }
  if (message->first_inference_ns) {
    first_inference_ms = static_cast<double>(*message->first_inference_ns) * 1e-6;
  } else {
    slowest_call = std::max(slowest_call, Seconds(Clock::now() - start));
  }
  return std::move(message->batches.front());
}

Outcome<Answers> Worker::answers(std::int64_t count) {
  Answers answers;
  for (std::int64_t batch = 0; batch < count; ++batch) {
    const Outcome<std::vector<OutputRange>> ranges = state_->answer(batch, answers.first_inference_ms);
    if (!ranges) return tl::unexpected(ranges.error());
    Outcome<std::vector<OutputTensor>> outputs = state_->trusted(copy_outputs(state_->arena, *ranges));
    if (!outputs) return tl::unexpected(outputs.error());
    answers.batches.push_back(std::move(*outputs));
  }
  return answers;
}

Outcome<LentAnswer> Worker::answer(std::int64_t batch) {
  LentAnswer answer;
  const Outcome<std::vector<OutputRange>> ranges = state_->answer(batch, answer.first_inference_ms);
  if (!ranges) return tl::unexpected(ranges.error());
  Outcome<std::vector<LentTensor>> outputs = state_->trusted(lend_outputs(state_->arena, *ranges));
  if (!outputs) return tl::unexpected(outputs.error());
  answer.outputs = std::move(*outputs);
  return answer;
}

Outcome<MeasuredBlock> Worker::measure(const MeasureRequest& request) {
  const Seconds quiet = Seconds(request.duration) + Seconds(1);
  const Outcome<json> reply =
      state_->link.call(measure_to_json(request), {"being measured", state_->measure_timeout(request), quiet, run_remedy()});
  if (!reply) return tl::unexpected(reply.error());
  state_->first_run_timeout = Seconds(0);
  const Outcome<BlockMessage> block = state_->trusted(block_from_json(*reply));
  if (!block) return tl::unexpected(block.error());
  Outcome<std::vector<std::int64_t>> samples = state_->trusted(copy_samples(state_->arena, *block, request));
  if (!samples) return tl::unexpected(samples.error());
  const auto slowest = static_cast<double>(*std::max_element(samples->begin(), samples->end()));
  const Seconds slowest_call(slowest * 1e-9 / static_cast<double>(request.iterations_per_sample));
  state_->slowest_call = std::max(state_->slowest_call, slowest_call);
  return MeasuredBlock{block->start_ns, block->elapsed_ns, block->user_ns, std::move(*samples), block->device_clock};
}

Outcome<ThroughputFigures> Worker::throughput(const ThroughputRequest& request) {
  const CallRules rules{"answering several requests", state_->throughput_timeout(request), Seconds(request.duration), run_remedy()};
  const Outcome<json> reply = state_->link.call(throughput_to_json(request), rules);
  if (!reply) return tl::unexpected(reply.error());
  state_->first_run_timeout = Seconds(0);
  return state_->trusted(throughput_figures_from_json(*reply));
}

Outcome<Audit> Worker::audit() {
  const Outcome<json> reply =
      state_->link.call({{"op", "audit"}}, {"telling what ran", state_->limits.load_timeout, Seconds(0), load_remedy()});
  if (!reply) return tl::unexpected(reply.error());
  return state_->trusted(audit_from_json(*reply));
}

void Worker::pause() {
  state_->link.pause();
}
void Worker::resume() {
  state_->link.resume();
}
std::int64_t Worker::memory_bytes() const {
  return state_->link.memory_bytes();
}
std::int64_t Worker::peak_memory_bytes() const {
  return state_->link.peak_memory_bytes();
}
std::optional<std::int64_t> Worker::private_memory_bytes() {
  return state_->link.private_memory_bytes();
}
std::optional<std::int64_t> Worker::peak_private_memory_bytes() const {
  return state_->link.peak_private_memory_bytes();
}
int Worker::pid() const noexcept {
  return state_->link.pid();
}
bool Worker::is_alive() const noexcept {
  return state_->link.is_alive();
}
void Worker::quit() {
  state_->link.quit();
}

}  // namespace podium::worker
