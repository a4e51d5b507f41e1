// podium-host: one variant of an artefact in a process of its own, for a program that has another engine loaded. Started by
// libpodium-runtime with three descriptors (remote_messages.h); ends when the program does.
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "artifact/opened.h"
#include "runtime/engine.h"
#include "runtime/remote_messages.h"

namespace {

using namespace podium;
using namespace podium::runtime;

struct Arguments {
  std::string folder;
  std::size_t variant = 0;
  std::int64_t threads = 0;
  std::optional<std::vector<backend::InputSpec>> inputs;  ///< nothing: it is only asked what differs here
};

template <typename Number>
bool read_number(const std::string& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

Result<Arguments> read_arguments(const std::vector<std::string>& words) {
  Arguments arguments;
  const bool is_asked = words.size() == 3;
  const bool is_whole =
      (is_asked || (words.size() == 5 && read_number(words[3], arguments.threads))) && read_number(words[2], arguments.variant);
  if (!is_whole) return fail(ErrorCode::wrong_use, "podium-host is started by programs that link Podium's runtime, not by hand");
  arguments.folder = words[1];
  if (is_asked) return arguments;
  auto inputs = specs_from_text(words[4]);
  if (!inputs) return tl::unexpected(inputs.error());
  arguments.inputs = std::move(*inputs);
  return arguments;
}

/// The engine and its session; the session ends first.
struct Loaded {
  artifact::Opened artifact;
  Engine engine;
  std::unique_ptr<backend::Session> session;
};

/// The artefact as if it had that variant alone.
Result<artifact::Opened> open_variant(const Arguments& arguments) {
  auto opened = artifact::open(arguments.folder, false);  // the program has checked it
  if (!opened) return opened;
  if (arguments.variant >= opened->manifest.variants.size()) return fail(ErrorCode::wrong_use, "the artefact has no such variant");
  const ArtifactVariant variant = opened->manifest.variants[arguments.variant];
  opened->manifest.variants = {variant};
  return opened;
}

Result<Loaded> load(const Arguments& arguments) {
  auto opened = open_variant(arguments);
  if (!opened) return tl::unexpected(opened.error());
  auto engine = Engine::open(opened->manifest);
  if (!engine) return tl::unexpected(engine.error());
  LoadOptions options;
  options.threads = arguments.threads;
  auto session = engine->load(*opened, opened->manifest.variants.front(), *arguments.inputs, options);
  if (!session) return tl::unexpected(session.error());
  return Loaded{std::move(*opened), std::move(*engine), std::move(session->session)};
}

Result<std::string> call(backend::Session& session, std::span<const TensorView> inputs, SharedRegion& memory) {
  const auto outputs = session.run(inputs);
  if (!outputs) return tl::unexpected(outputs.error());
  if (auto done = session.synchronize(); !done) return tl::unexpected(done.error());
  std::vector<TensorView> views(outputs->begin(), outputs->end());
  if (auto grown = memory.grow(lay_out(views, nullptr)); !grown) return tl::unexpected(grown.error());
  lay_out(views, memory.data());
  for (std::size_t i = 0; i < views.size(); ++i) {
    if (views[i].bytes() > 0) std::memcpy(views[i].data, (*outputs)[i].data, views[i].bytes());
  }
  return outputs_to_text(views);
}

/// Says what differs here from where the variant was measured.
Result<void> tell(const Arguments& arguments) {
  const auto opened = open_variant(arguments);
  if (!opened) return tl::unexpected(opened.error());
  const auto engine = Engine::open(opened->manifest);
  if (!engine) return tl::unexpected(engine.error());
  return send_message(host_socket, notices_to_text(engine->notices()));
}

Result<void> serve(const Arguments& arguments) {
  auto loaded = load(arguments);
  if (!loaded) return tl::unexpected(loaded.error());
  SharedRegion in{UniqueFd(host_inputs)};
  SharedRegion out{UniqueFd(host_outputs)};
  std::vector<TensorView> inputs;
  for (const backend::InputSpec& input : *arguments.inputs) inputs.push_back({input.name, input.type, input.shape, nullptr});
  if (auto mapped = in.map(lay_out(inputs, nullptr)); !mapped) return mapped;
  lay_out(inputs, in.data());
  if (auto ready = send_message(host_socket, outputs_to_text({})); !ready) return ready;
  for (;;) {
    const auto message = receive_message(host_socket);
    if (!message || message->empty()) return {};  // the program has ended
    const auto answer = call(*loaded->session, inputs, out);
    if (auto sent = send_message(host_socket, answer ? *answer : error_to_text(answer.error())); !sent) return sent;
  }
}

}  // namespace

int main(int count, char** words) {
  std::signal(SIGINT, SIG_IGN);             // Ctrl-C is for the program to answer, which may want to go on
  ::close_range(host_outputs + 1, ~0U, 0);  // what the program left open for its children is none of ours
  const auto arguments = read_arguments({words, words + count});
  const auto answer = [&]() -> Result<void> {
    if (!arguments) return tl::unexpected(arguments.error());
    return arguments->inputs ? serve(*arguments) : tell(*arguments);
  };
  const Result<void> served = answer();
  if (served) return 0;
  if (!send_message(host_socket, error_to_text(served.error()))) std::fprintf(stderr, "podium-host: %s\n", served.error().message.c_str());
  return 1;
}
