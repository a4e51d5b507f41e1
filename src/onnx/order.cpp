#include "onnx/order.h"

#include <cstdint>

namespace podium::onnx {

tl::expected<std::vector<std::size_t>, std::size_t> order_by_needs(const std::vector<std::vector<std::size_t>>& needs) {
  enum class State : std::uint8_t { fresh, open, done };
  struct Step {
    std::size_t at = 0;
    std::size_t next_need = 0;
  };
  std::vector<State> states(needs.size(), State::fresh);
  std::vector<std::size_t> order;
  order.reserve(needs.size());
  std::vector<Step> path;  // depth first with a stack of its own: a graph may be a million nodes deep
  for (std::size_t start = 0; start < needs.size(); ++start) {
    if (states[start] == State::done) continue;
    path.push_back({start, 0});
    states[start] = State::open;
    while (!path.empty()) {
      Step& step = path.back();
      if (step.next_need == needs[step.at].size()) {
        states[step.at] = State::done;
        order.push_back(step.at);
        path.pop_back();
        continue;
      }
      const std::size_t need = needs[step.at][step.next_need++];
      if (states[need] == State::open) return tl::unexpected(need);
      if (states[need] == State::done) continue;
      states[need] = State::open;
      path.push_back({need, 0});
    }
  }
  return order;
}

}  // namespace podium::onnx
