#include "runtime/remote_session.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "core/install_paths.h"
#include "core/text.h"
#include "runtime/remote_messages.h"

namespace podium::runtime {
namespace {

/// Above those that the host is started with, so that none is overwritten by another.
Result<UniqueFd> out_of_the_way(int fd) {
  UniqueFd high(::fcntl(fd, F_DUPFD_CLOEXEC, 2 * host_outputs));
  if (high.get() < 0) return fail(ErrorCode::failed, fmt::format("no descriptor is left: {}", std::strerror(errno)));
  return high;
}

/// The two ends of a conversation.
Result<std::pair<UniqueFd, UniqueFd>> make_sockets() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return fail(ErrorCode::failed, fmt::format("no socket could be had: {}", std::strerror(errno)));
  return std::pair(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

std::string host_program() {
  return (find_install_paths().backends.parent_path() / "podium-host").string();
}

/// podium-host under way; killed and waited for with this.
class HostProcess {
 public:
  explicit HostProcess(pid_t pid) : pid_(pid), parent_(::getpid()) {}
  HostProcess(HostProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)), parent_(other.parent_) {}
  HostProcess& operator=(HostProcess&&) = delete;
  ~HostProcess() {
    if (pid_ <= 0 || ::getpid() != parent_) return;  // a fork of the program has a copy of this, and the host is not its own
    ::kill(pid_, SIGKILL);                           // it holds nothing that must be put away
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

 private:
  pid_t pid_;
  pid_t parent_;
};

Result<HostProcess> start(const std::vector<std::string>& words, int socket, int inputs, int outputs) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, socket, host_socket);
  ::posix_spawn_file_actions_adddup2(&actions, inputs, host_inputs);
  ::posix_spawn_file_actions_adddup2(&actions, outputs, host_outputs);
  pid_t pid = -1;
  const int refused = ::posix_spawn(&pid, words.front().c_str(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (refused == 0) return HostProcess(pid);
  return fail(ErrorCode::unavailable, fmt::format("'{}' cannot be started: {}", printable(words.front()), std::strerror(refused)),
              "install Podium's runtime whole, or set PODIUM_HOME to the folder that holds podium-host");
}

class RemoteSession final : public backend::Session {
 public:
  RemoteSession(HostProcess process, UniqueFd socket, SharedRegion inputs, SharedRegion outputs)
      : process_(std::move(process)), socket_(std::move(socket)), inputs_(std::move(inputs)), outputs_(std::move(outputs)) {}

  Result<std::span<const TensorView>> run(std::span<const TensorView> inputs) override {
    std::vector<TensorView> theirs(inputs.begin(), inputs.end());
    lay_out(theirs, inputs_.data());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i].bytes() > 0) std::memcpy(theirs[i].data, inputs[i].data, inputs[i].bytes());
    }
    if (auto sent = send_message(socket_.get(), call_message); !sent) return tl::unexpected(sent.error());
    auto answered = answer();
    if (!answered) return tl::unexpected(answered.error());
    views_ = std::move(*answered);
    if (auto mapped = outputs_.map(lay_out(views_, nullptr)); !mapped) return tl::unexpected(mapped.error());
    lay_out(views_, outputs_.data());
    return std::span<const TensorView>(views_);
  }

  /// What the host says next.
  Result<std::vector<TensorView>> answer() {
    const auto text = receive_message(socket_.get());
    if (!text) return tl::unexpected(text.error());
    if (!text->empty()) return outputs_from_text(*text);
    return fail(ErrorCode::failed, "the process that held the engine has ended",
                "load the artefact again; if it stays so, try its model with podium bench");
  }

  Result<Audit> audit() override { return fail(ErrorCode::unsupported, "an engine in another process is not audited"); }

 private:
  HostProcess process_;
  UniqueFd socket_;
  SharedRegion inputs_;
  SharedRegion outputs_;
  std::vector<TensorView> views_;
};

}  // namespace

Result<std::unique_ptr<backend::Session>> load_in_host(const artifact::Opened& artifact, std::size_t variant,
                                                       const std::vector<backend::InputSpec>& inputs, const LoadOptions& options) {
  auto sockets = make_sockets();
  if (!sockets) return tl::unexpected(sockets.error());
  auto& [own, theirs] = *sockets;
  auto in = SharedRegion::create("podium-inputs");
  auto out = SharedRegion::create("podium-outputs");
  if (!in || !out) return tl::unexpected(in ? out.error() : in.error());
  std::vector<TensorView> views;
  for (const backend::InputSpec& input : inputs) views.push_back({input.name, input.type, input.shape, nullptr});
  if (auto grown = in->grow(lay_out(views, nullptr)); !grown) return tl::unexpected(grown.error());
  std::vector<UniqueFd> high;
  for (const int fd : {theirs.get(), in->descriptor(), out->descriptor()}) {
    auto copy = out_of_the_way(fd);
    if (!copy) return tl::unexpected(copy.error());
    high.push_back(std::move(*copy));
  }
  const std::vector<std::string> words{host_program(), artifact.folder.string(), std::to_string(variant), std::to_string(options.threads),
                                       specs_to_text(inputs)};
  auto process = start(words, high[0].get(), high[1].get(), high[2].get());
  if (!process) return tl::unexpected(process.error());
  high.clear();
  theirs.reset();  // else nobody would see that the host is gone
  auto session = std::make_unique<RemoteSession>(std::move(*process), std::move(own), std::move(*in), std::move(*out));
  if (auto loaded = session->answer(); !loaded) return tl::unexpected(loaded.error());
  return session;
}

Result<std::vector<std::string>> ask_host(const artifact::Opened& artifact, std::size_t variant) {
  auto sockets = make_sockets();
  if (!sockets) return tl::unexpected(sockets.error());
  auto& [own, theirs] = *sockets;
  auto high = out_of_the_way(theirs.get());
  if (!high) return tl::unexpected(high.error());
  const auto process = start({host_program(), artifact.folder.string(), std::to_string(variant)}, high->get(), high->get(), high->get());
  if (!process) return tl::unexpected(process.error());
  high->reset();
  theirs.reset();  // else nobody would see that the host is gone
  const auto text = receive_message(own.get());
  if (!text) return tl::unexpected(text.error());
  if (text->empty()) return fail(ErrorCode::failed, "the process that was to look for the engine has ended");
  return notices_from_text(*text);
}

}  // namespace podium::runtime
