#pragma once

#include <memory>

namespace podium {

/// A request to stop that may come from a signal handler or another thread. Copies share one state.
class CancelToken {
 public:
  CancelToken();
  /// Asks for the stop. Safe in a signal handler (one write to an eventfd).
  void request() const noexcept;
  [[nodiscard]] bool requested() const noexcept;
  /// Becomes readable when the stop was asked for; for poll().
  [[nodiscard]] int descriptor() const noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace podium
