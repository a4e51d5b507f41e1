#include "worker/serve/server.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <exception>
#include <new>

#include "backends/api/registry.h"
#include "core/json.h"
#include "core/text.h"
#include "measure/timed_loop.h"
#include "worker/messages.h"

namespace podium::worker {

using nlohmann::json;

namespace {

/// Options of a request, checked against the backend's own list and completed by its defaults.
Result<OptionValues> checked_options(const backend::Descriptor& descriptor, const OptionValues& given) {
  std::map<std::string, std::string> texts;
  for (const auto& [name, value] : given) texts.emplace(name, to_string(value));
  return backend::resolve_options(descriptor, texts);
}

}  // namespace

constexpr Server::NamedOperation Server::operations[] = {
    {"hello", &Server::hello},     {"probe", &Server::probe},           {"load", &Server::load},   {"answers", &Server::answers},
    {"measure", &Server::measure}, {"throughput", &Server::throughput}, {"audit", &Server::audit}, {"quit", &Server::quit},
};

Server::Server(const Result<backend::Module>& module, UniqueFd socket, InputMap inputs, int arena)
    : module_(module), socket_(std::move(socket)), inputs_(std::move(inputs)), arena_(arena) {}

int Server::serve() {
  while (!quitting_) {
    const std::optional<std::string> message = next_message();
    if (!message) return exit_status_;
    const Result<json> request = parse_json(*message, "a request of the supervisor");
    if (!request) {
      fmt::print(stderr, "podium-worker: {}\n", request.error().message);
      return 2;
    }
    if (!send(answer(*request))) return 0;
  }
  return 0;
}

/// Nothing where the socket has closed, or the message is too long.
std::optional<std::string> Server::next_message() {
  std::array<char, 1 << 16> buffer;
  while (true) {
    Result<std::optional<std::string>> message = incoming_.next();
    if (!message) {
      fmt::print(stderr, "podium-worker: {}\n", message.error().message);
      exit_status_ = 2;
      return std::nullopt;
    }
    if (*message) return std::move(*message);
    const ssize_t count = ::read(socket_.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return std::nullopt;
    incoming_.add({buffer.data(), static_cast<std::size_t>(count)});
  }
}

bool Server::send(const json& reply) const {
  const std::string framed = frame(dump_json(reply));
  for (std::size_t sent = 0; sent < framed.size();) {
    const ssize_t count = ::send(socket_.get(), framed.data() + sent, framed.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

/// What a vendor's library throws is an error of this request, not the end of the worker.
json Server::answer(const json& request) {
  try {
    Reply reply = dispatch(request);
    if (!reply) return error_to_json(reply.error());
    (*reply)["ok"] = true;
    return std::move(*reply);
  } catch (const std::bad_alloc&) {
    return error_to_json({ErrorCode::failed, "the engine was refused memory (std::bad_alloc)", "take a smaller --batch"});
  } catch (const std::exception& error) {
    return error_to_json({ErrorCode::failed, fmt::format("the engine threw: {}", printable(error.what())), {}});
  } catch (...) {
    return error_to_json({ErrorCode::failed, "the engine threw something that says nothing", {}});
  }
}

Server::Reply Server::dispatch(const json& request) {
  const std::string name =
      request.is_object() && request.contains("op") && request["op"].is_string() ? request["op"].get<std::string>() : "";
  const auto* operation =
      std::find_if(std::begin(operations), std::end(operations), [&name](const auto& known) { return name == known.name; });
  if (operation == std::end(operations))
    return fail(ErrorCode::wrong_use, fmt::format("the worker knows no operation '{}'", printable(name)));
  return (this->*operation->run)(request);
}

Result<Inference*> Server::loaded() {
  if (inference_) return &*inference_;
  return fail(ErrorCode::wrong_use, "no model is loaded");
}

Server::Reply Server::hello(const json&) {
  return json{{"protocol", protocol_version}, {"pid", ::getpid()}};
}

Server::Reply Server::probe(const json&) {
  if (!module_) return probe_to_json({false, {}, {}, module_.error().message, module_.error().remedy});
  backend::Backend& backend = module_->backend();
  backend::Probe probe = backend.probe();
  if (!probe.available && probe.remedy.empty()) probe.remedy = backend.descriptor().remedy;
  return probe_to_json(probe);
}

Server::Reply Server::load(const json& request) {
  if (!module_) return tl::unexpected(module_.error());
  Result<LoadMessage> message = load_from_json(request);
  if (!message) return tl::unexpected(message.error());
  Result<OptionValues> options = checked_options(module_->backend().descriptor(), message->request.options);
  if (!options) return tl::unexpected(options.error());
  message->request.options = std::move(*options);
  inference_.reset();  // two models at once would take the memory of both
  const std::int64_t start = measure::monotonic_ns();
  Result<Inference> inference = Inference::load(module_->backend(), *message, inputs_);
  if (!inference) return tl::unexpected(inference.error());
  const std::int64_t load_ns = measure::monotonic_ns() - start;
  inference_.emplace(std::move(*inference));
  return json{{"load_ns", load_ns}, {"build_ns", nullptr}};
}

Server::Reply Server::answers(const json& request) {
  const Result<Inference*> inference = loaded();
  if (!inference) return tl::unexpected(inference.error());
  const auto list = request.find("batches");
  const auto is_number = [](const json& batch) { return batch.is_number_integer(); };
  if (list == request.end() || !list->is_array() || !std::all_of(list->begin(), list->end(), is_number)) {
    return fail(ErrorCode::bad_input, "'answers' needs a list of batches");
  }
  Result<AnswersMessage> message = (*inference)->answers(list->get<std::vector<std::int64_t>>(), arena_);
  if (!message) return tl::unexpected(message.error());
  return answers_to_json(*message);
}

Server::Reply Server::measure(const json& request) {
  const Result<Inference*> inference = loaded();
  if (!inference) return tl::unexpected(inference.error());
  const Result<MeasureRequest> measure_request = measure_from_json(request);
  if (!measure_request) return tl::unexpected(measure_request.error());
  const Result<BlockMessage> block = (*inference)->measure(*measure_request, arena_);
  if (!block) return tl::unexpected(block.error());
  return block_to_json(*block);
}

Server::Reply Server::throughput(const json& request) {
  const Result<Inference*> inference = loaded();
  if (!inference) return tl::unexpected(inference.error());
  const Result<ThroughputRequest> throughput_request = throughput_from_json(request);
  if (!throughput_request) return tl::unexpected(throughput_request.error());
  const Result<ThroughputFigures> figures = (*inference)->throughput(*throughput_request);
  if (!figures) return tl::unexpected(figures.error());
  return throughput_figures_to_json(*figures);
}

Server::Reply Server::audit(const json&) {
  const Result<Inference*> inference = loaded();
  if (!inference) return tl::unexpected(inference.error());
  const Result<Audit> audit = (*inference)->audit();
  if (!audit) return tl::unexpected(audit.error());
  return audit_to_json(*audit);
}

Server::Reply Server::quit(const json&) {
  quitting_ = true;
  return json::object();
}

}  // namespace podium::worker
