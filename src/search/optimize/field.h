#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "search/optimize/halving.h"
#include "search/optimize/search.h"

namespace podium::search {

using Places = std::vector<std::size_t>;

/// The cells of one batch size in a search: who waits, who contends, who has left and why.
class Field {
 public:
  Field(std::vector<LiveCell>& cells, const SearchPolicy& policy, std::vector<SearchStep>& log, const BatchSearchRequest& request,
        const SearchHooks& hooks);

  /// Not measured yet.
  [[nodiscard]] Places waiting() const { return in(State::waiting); }
  /// Measured, right, and not beaten.
  [[nodiscard]] Places contenders() const { return in(State::contending); }
  [[nodiscard]] LiveCell& operator[](std::size_t place) { return cells_[place]; }
  [[nodiscard]] const LiveCell& operator[](std::size_t place) const { return cells_[place]; }
  [[nodiscard]] std::size_t size() const noexcept { return cells_.size(); }
  [[nodiscard]] std::optional<std::size_t> baseline() const;
  [[nodiscard]] bool is_python(std::size_t place) const;

  void leave(std::size_t place, const std::string& stage, const std::string& reason);
  /// The same of one that was measured and may be called back.
  void beat(std::size_t place, const std::string& stage, const std::string& reason);
  /// Cells for candidates that are not there yet; those that cannot run leave at once. Returns the places of the others.
  [[nodiscard]] Places add(const std::vector<Candidate>& candidates);
  /// Measures those that have fewer launches than the round asks for, with the baseline and the leader beside them, and sorts out who ended
  /// badly or cannot win. Those of `beside` take part whenever somebody does.
  [[nodiscard]] Result<void> measure(const Places& who, Round round, const Places& beside = {});
  /// Who is beaten after a round leaves.
  void thin_out(const std::string& stage, std::int64_t launches);
  /// Of those that were beaten, the best few contend again; returns whether there were any.
  [[nodiscard]] bool call_back(std::size_t most, const std::string& reason);
  [[nodiscard]] Standings standings_of(const Places& places) const;
  [[nodiscard]] std::optional<std::size_t> leader() const;
  /// Takes the cells that were never opened out of the owner's list; they are in the log.
  void drop_unopened();

 private:
  enum class State { waiting, contending, beaten, left };
  [[nodiscard]] Places in(State state) const;
  [[nodiscard]] bool is_out(std::size_t place) const { return states_[place] == State::beaten || states_[place] == State::left; }
  [[nodiscard]] Places field_of(const Places& who, const Round& round, const Places& beside) const;
  void sort_out(std::size_t place);
  [[nodiscard]] std::optional<std::size_t> next_baseline() const;

  std::vector<LiveCell>& cells_;
  std::vector<State> states_;
  const SearchPolicy& policy_;
  std::vector<SearchStep>& log_;
  const BatchSearchRequest& request_;
  const SearchHooks& hooks_;
};

}  // namespace podium::search
