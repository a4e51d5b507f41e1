#include <fcntl.h>
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "backends/api/module.h"
#include "backends/api/registry.h"
#include "core/files.h"
#include "worker/serve/server.h"

namespace {

using namespace podium;

constexpr std::string_view usage =
    "usage: podium-worker --module FILE --socket FD --inputs FD --arena FD\n"
    "       podium-worker --module FILE --describe FILE\n"
    "The first is what podium starts for each cell; the second writes what a backend is, as JSON (- for standard output).\n";

/// "--name value" pairs; nothing where they are not.
std::optional<std::map<std::string, std::string>> parse(int count, char** values) {
  std::map<std::string, std::string> pairs;
  for (int i = 1; i < count; i += 2) {
    const std::string_view name = values[i];
    if (!name.starts_with("--") || i + 1 >= count) return std::nullopt;
    pairs.emplace(name.substr(2), values[i + 1]);
  }
  return pairs;
}

std::optional<int> descriptor_in(const std::map<std::string, std::string>& arguments, const char* name) {
  const auto found = arguments.find(name);
  if (found == arguments.end()) return std::nullopt;
  const std::string& text = found->second;
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || ::fcntl(value, F_GETFD) < 0) return std::nullopt;
  ::fcntl(value, F_SETFD, FD_CLOEXEC);  // what an engine starts must not keep the supervisor's socket open
  return value;
}

int complain(const Error& error) {
  fmt::print(stderr, "podium-worker: {}\n", error.message);
  if (!error.remedy.empty()) fmt::print(stderr, "{}\n", error.remedy);
  return 2;
}

int describe(const Result<backend::Module>& module, const std::string& file) {
  if (!module) return complain(module.error());
  const std::string text = backend::to_json(module->backend().descriptor(), backend::Launch::module);
  if (file == "-") {
    fmt::print("{}", text);
    return 0;
  }
  const Result<void> written = write_file_atomically(file, text);
  return written ? 0 : complain(written.error());
}

}  // namespace

int main(int argc, char** argv) {
  const auto arguments = parse(argc, argv);
  if (!arguments || !arguments->contains("module")) {
    std::fputs(usage.data(), stderr);
    return 2;
  }
  const Result<backend::Module> module = backend::Module::open(arguments->at("module"));
  if (const auto file = arguments->find("describe"); file != arguments->end()) return describe(module, file->second);
  const std::optional<int> socket = descriptor_in(*arguments, "socket");
  const std::optional<int> inputs = descriptor_in(*arguments, "inputs");
  const std::optional<int> arena = descriptor_in(*arguments, "arena");
  if (!socket || !inputs || !arena) {
    std::fputs(usage.data(), stderr);
    return 2;
  }
  Result<worker::InputMap> memory = worker::InputMap::open(*inputs);
  if (!memory) return complain(memory.error());
  return worker::Server(module, UniqueFd(*socket), std::move(*memory), *arena).serve();
}
