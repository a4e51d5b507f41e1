#include "interrupt.h"

#include <unistd.h>

#include <atomic>
#include <csignal>

#include "errors.h"

namespace cli {
namespace {

constexpr int signals[] = {SIGINT, SIGTERM, SIGHUP};

// A signal handler reaches nothing but globals. CancelToken::requested and request are safe in one.
std::atomic<const podium::CancelToken*> token_of_handler = nullptr;

extern "C" void on_signal(int) {
  const podium::CancelToken* token = token_of_handler.load();
  if (token != nullptr && !token->requested()) return token->request();
  static constexpr char words[] = "\npodium: ended at once\n";
  // Whether the words arrive changes nothing any more.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, words, sizeof words - 1);
  ::_exit(exit_interrupted);
}

}  // namespace

InterruptGuard::InterruptGuard(const podium::CancelToken& token) {
  token_of_handler = &token;
  struct sigaction action {};
  action.sa_handler = on_signal;
  for (const int signal : signals) {
    struct sigaction before {};
    ::sigaction(signal, nullptr, &before);
    // nohup asks that a closing terminal be passed over; so it is.
    if (before.sa_handler != SIG_IGN) ::sigaction(signal, &action, nullptr);
  }
}

InterruptGuard::~InterruptGuard() {
  for (const int signal : signals) {
    struct sigaction now {};
    ::sigaction(signal, nullptr, &now);
    if (now.sa_handler == on_signal) ::signal(signal, SIG_DFL);
  }
  token_of_handler = nullptr;
}

}  // namespace cli
