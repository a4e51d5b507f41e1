#include "backends/fake/faults.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "backends/api/request_check.h"

namespace podium::fake {

namespace {

constexpr std::array<const char*, 3> moment_names{"load", "answers", "measure"};

constexpr std::pair<const char*, int> signal_numbers[] = {
    {"segv", SIGSEGV}, {"abrt", SIGABRT}, {"bus", SIGBUS}, {"fpe", SIGFPE}, {"ill", SIGILL}, {"kill", SIGKILL}, {"term", SIGTERM},
};

const char* name_of(Moment moment) {
  return moment_names[static_cast<std::size_t>(moment)];
}

[[noreturn]] void crash(const OptionValues& options) {
  const std::string& wanted = backend::text(options, "signal");
  for (const auto& [name, number] : signal_numbers) {
    if (wanted != name) continue;
    std::signal(number, SIG_DFL);  // a sanitizer's handler would turn it into an exit
    ::kill(::getpid(), number);
    std::this_thread::sleep_for(std::chrono::seconds(10));  // delivered by then
  }
  std::_Exit(3);
}

[[noreturn]] void hang() {
  while (true) std::this_thread::sleep_for(std::chrono::hours(1));
}

/// In steps with a pause between them, as an engine that leaks does, so that a watcher has its chance.
void eat_memory(std::int64_t megabytes) {
  constexpr std::size_t step_mb = 16;
  std::vector<std::unique_ptr<char[]>> eaten;
  for (std::int64_t done = 0; done < megabytes; done += static_cast<std::int64_t>(step_mb)) {
    constexpr std::size_t step = step_mb << 20U;
    eaten.push_back(std::make_unique_for_overwrite<char[]>(step));
    std::fill_n(eaten.back().get(), step, '\1');
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace

bool Faults::due(const char* option, Moment moment) const {
  return backend::text(options_, option) == name_of(moment);
}

bool Faults::any_at_run() const {
  for (const char* option : {"crash-at", "hang-at", "eat-memory-at", "refuse-at", "error-at", "throw-at"}) {
    if (due(option, Moment::answers) || due(option, Moment::measure)) return true;
  }
  return false;
}

Result<void> Faults::strike(Moment moment) const {
  const auto announce = [moment](const char* what) { fmt::print(stderr, "fake: {} at {}\n", what, name_of(moment)); };
  if (due("eat-memory-at", moment)) {
    announce("eating memory");
    eat_memory(backend::integer(options_, "eat-memory-mb"));
  }
  if (due("crash-at", moment)) {
    announce("crashing");
    crash(options_);
  }
  if (due("hang-at", moment)) {
    announce("hanging");
    hang();
  }
  if (due("throw-at", moment)) throw std::runtime_error(fmt::format("the fake was told to throw at {}", name_of(moment)));
  if (due("refuse-at", moment)) {
    return fail(ErrorCode::unsupported, fmt::format("the fake was told to refuse at {}", name_of(moment)),
                "leave out --set fake.refuse-at");
  }
  if (due("error-at", moment)) {
    return fail(ErrorCode::failed, fmt::format("the fake was told to fail at {}", name_of(moment)), "leave out --set fake.error-at");
  }
  return {};
}

}  // namespace podium::fake
