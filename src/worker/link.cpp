#include "worker/link.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "core/json.h"
#include "core/text.h"
#include "worker/failure.h"
#include "worker/messages.h"

namespace podium::worker {

using nlohmann::json;

namespace {
constexpr auto memory_interval = std::chrono::milliseconds(200);
/// How long a failed call may be held up by a process whose memory the kernel is still giving back.
constexpr auto kill_patience = std::chrono::milliseconds(100);
}  // namespace

/// The moments that one call waits for.
struct Link::Waiting {
  Clock::time_point deadline;
  Clock::time_point next_memory;
  std::optional<Clock::time_point> exit_deadline;  ///< once the socket is closed: the process has to end too
};

Link::Link(GuardedProcess process, UniqueFd socket, std::int64_t memory_limit, std::filesystem::path log, CancelToken cancel)
    : process_(std::move(process)), socket_(std::move(socket)), memory_(memory_limit), log_(std::move(log)), cancel_(std::move(cancel)) {}

/// A user who asked to stop is not made to wait until gigabytes are given back.
Link::~Link() {
  if (cancel_.requested()) process_.leave_to_guard();
}

Outcome<json> Link::call(const json& request, const CallRules& rules) {
  if (ended_) return tl::unexpected(*ended_);
  resume();
  outgoing_ = frame(dump_json(request));
  Outcome<json> reply = wait_for_reply(rules);
  if (!reply || ended_) return reply;
  if (memory_.within_limit(process_)) return reply;
  return tl::unexpected(end(failure_of_memory(memory_.limit(), rules.doing, log_tail(log_))));
}

Outcome<json> Link::wait_for_reply(const CallRules& rules) {
  Waiting waiting{deadline_after(rules.timeout), deadline_after(rules.quiet) + memory_interval, std::nullopt};
  while (true) {
    if (cancel_.requested()) return tl::unexpected(end({{ErrorCode::cancelled, "the run was stopped", {}}, {}}));
    // Asked before the socket is read: the last words of a worker that has ended are in the socket by then, and count.
    const std::optional<ExitStatus> exit = process_.poll_exit();
    send_pending();
    receive();
    Result<std::optional<std::string>> message = incoming_.next();
    if (!message) return tl::unexpected(end_for_nonsense(message.error()));
    if (*message) return decode(**message, rules);
    if (exit) return tl::unexpected(end(failure_of_exit(*exit, rules.doing, log_tail(log_))));
    if (auto error = check(waiting, rules)) return tl::unexpected(end(std::move(*error)));
    poll_events(waiting);
  }
}

/// Why the worker has to end, where it has to.
std::optional<WorkerError> Link::check(Waiting& waiting, const CallRules& rules) {
  if (closed_ && !waiting.exit_deadline) waiting.exit_deadline = deadline_after(std::chrono::seconds(10));
  const Clock::time_point now = Clock::now();
  if (waiting.exit_deadline && now >= *waiting.exit_deadline) {
    return WorkerError{{ErrorCode::failed, fmt::format("the worker closed its socket while {}", rules.doing), {}},
                       {"lost", std::nullopt, log_tail(log_)}};
  }
  if (now >= waiting.deadline) {
    return WorkerError{
        {ErrorCode::timeout, fmt::format("the worker did not answer within {:.3g} s while {}", rules.timeout.count(), rules.doing),
         rules.remedy},
        {"timeout", std::nullopt, log_tail(log_)}};
  }
  if (now < waiting.next_memory) return std::nullopt;
  waiting.next_memory = now + memory_interval;
  if (memory_.within_limit(process_)) return std::nullopt;
  return failure_of_memory(memory_.limit(), rules.doing, log_tail(log_));
}

void Link::poll_events(const Waiting& waiting) const {
  const short socket_events = static_cast<short>(outgoing_.empty() ? POLLIN : POLLIN | POLLOUT);
  std::array<pollfd, 3> events{
      {{closed_ ? -1 : socket_.get(), socket_events, 0}, {process_.exit_descriptor(), POLLIN, 0}, {cancel_.descriptor(), POLLIN, 0}}};
  const Clock::time_point moment = std::min({waiting.deadline, waiting.next_memory, waiting.exit_deadline.value_or(waiting.deadline)});
  ::poll(events.data(), events.size(), poll_timeout(moment));
}

void Link::send_pending() {
  while (!outgoing_.empty() && !closed_) {
    const ssize_t count = ::send(socket_.get(), outgoing_.data(), outgoing_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (count < 0) {
      outgoing_.clear();  // nobody reads any more; receive() will see the end
      return;
    }
    outgoing_.erase(0, static_cast<std::size_t>(count));
  }
}

void Link::receive() {
  std::array<char, 1 << 16> buffer;
  for (int i = 0; i < 256 && !closed_; ++i) {  // bounded: a message that is too long is refused before all of it was taken in
    const ssize_t count = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    closed_ = count <= 0;
    if (closed_) return;
    incoming_.add({buffer.data(), static_cast<std::size_t>(count)});
  }
}

Outcome<json> Link::decode(const std::string& message, const CallRules& rules) {
  Result<json> reply = parse_json(message, "the worker's answer");
  if (!reply) return tl::unexpected(end_for_nonsense(reply.error()));
  if (!reply->is_object() || !reply->contains("ok") || !(*reply)["ok"].is_boolean()) {
    return tl::unexpected(
        end_for_nonsense({ErrorCode::failed, fmt::format("the worker's answer while {} says neither yes nor no", rules.doing), {}}));
  }
  if ((*reply)["ok"].get<bool>()) return std::move(*reply);
  return tl::unexpected(failure_of_reply(error_from_json(*reply), log_tail(log_), on_device_));
}

WorkerError Link::end_for_nonsense(const Error& error) {
  return end({{ErrorCode::failed, error.message, error.remedy}, {"error", std::nullopt, log_tail(log_)}});
}

WorkerError Link::end(WorkerError error) {
  ended_ = error;
  process_.begin_kill();
  process_.wait(kill_patience);
  return error;
}

void Link::pause() {
  if (ended_ || paused_) return;
  process_.stop();
  paused_ = true;
}

void Link::resume() {
  if (ended_ || !paused_) return;
  process_.resume();
  paused_ = false;
}

std::int64_t Link::memory_bytes() const {
  return process_.memory_bytes();
}

std::int64_t Link::peak_memory_bytes() const {
  return memory_.peak();
}

std::optional<std::int64_t> Link::private_memory_bytes() {
  return memory_.private_now(process_);
}

std::optional<std::int64_t> Link::peak_private_memory_bytes() const {
  return memory_.private_peak();
}

void Link::quit() {
  if (!ended_) {
    CallRules rules{"quitting", std::chrono::seconds(2), Seconds(1e8), {}};
    if (call({{"op", "quit"}}, rules) && !ended_) process_.wait(std::chrono::seconds(2));
    if (!ended_) ended_ = WorkerError{{ErrorCode::failed, "the worker was told to quit", {}}, {"lost", std::nullopt, {}}};
  }
  if (!cancel_.requested()) process_.kill();
}

}  // namespace podium::worker
