#include "search/optimize/space.h"

#include <algorithm>
#include <array>

namespace podium::search {
namespace {

using backend::OptionTrial;

const OptionSpec* spec_of(const backend::Descriptor& descriptor, const std::string& option) {
  const auto& specs = descriptor.options;
  const auto found = std::find_if(specs.begin(), specs.end(), [&](const OptionSpec& spec) { return spec.name == option; });
  return found == specs.end() ? nullptr : &*found;
}

/// Values were checked when the descriptor was read.
std::optional<OptionValue> value_of(const backend::Descriptor& descriptor, const OptionChange& change) {
  const auto resolved = backend::resolve_options(descriptor, {{change.option, change.value}});
  if (!resolved || spec_of(descriptor, change.option) == nullptr) return std::nullopt;
  return resolved->at(change.option);
}

bool has_already(const Candidate& candidate, const OptionChange& change) {
  const auto value = value_of(candidate.backend.descriptor, change);
  const auto now = candidate.options.find(change.option);
  return !value || now == candidate.options.end() || now->second == *value;
}

bool is_worth_trying(const backend::Descriptor& descriptor, const OptionChange& change) {
  return std::any_of(descriptor.worth_trying.begin(), descriptor.worth_trying.end(), [&](const OptionTrial& trial) {
    return trial.option == change.option && std::find(trial.values.begin(), trial.values.end(), change.value) != trial.values.end();
  });
}

}  // namespace

int turn_of(Precision precision) noexcept {
  constexpr std::array order{Precision::fp32, Precision::int8_static, Precision::fp16,
                             Precision::bf16, Precision::tf32,        Precision::int8_dynamic};
  return static_cast<int>(std::find(order.begin(), order.end(), precision) - order.begin());
}

Candidate with_changes(const Candidate& candidate, const std::vector<OptionChange>& changes) {
  Candidate changed = candidate;
  const backend::Descriptor& descriptor = candidate.backend.descriptor;
  for (const OptionChange& change : changes) {
    const auto value = value_of(descriptor, change);
    if (!value) continue;
    changed.options[change.option] = *value;
    if (*value == spec_of(descriptor, change.option)->default_value)
      changed.unusual.erase(change.option);
    else
      changed.unusual[change.option] = *value;
  }
  return changed;
}

std::vector<Trial> trials_of(const Candidate& candidate, const std::set<std::string>& settled, bool slow_builds) {
  std::vector<Trial> trials;
  for (const OptionTrial& trial : candidate.backend.descriptor.worth_trying) {
    if (trial.builds_slowly != slow_builds || settled.contains(candidate.backend.descriptor.name + "." + trial.option)) continue;
    for (const std::string& value : trial.values) {
      const OptionChange change{trial.option, value};
      if (!has_already(candidate, change)) trials.push_back({with_changes(candidate, {change}), change});
    }
  }
  return trials;
}

std::optional<Candidate> taught(const Candidate& candidate, const std::vector<Lesson>& lessons, const std::set<std::string>& settled) {
  const backend::Descriptor& descriptor = candidate.backend.descriptor;
  std::vector<Lesson> useful;
  std::copy_if(lessons.begin(), lessons.end(), std::back_inserter(useful), [&](const Lesson& lesson) {
    return lesson.ratio <= least_gain && is_worth_trying(descriptor, lesson.change) &&
           !settled.contains(descriptor.name + "." + lesson.change.option);
  });
  // What its own backend taught counts before what others did, and of those the larger gain.
  std::stable_sort(useful.begin(), useful.end(), [&](const Lesson& a, const Lesson& b) {
    const bool a_own = a.backend == descriptor.name;
    const bool b_own = b.backend == descriptor.name;
    return a_own != b_own ? a_own : a.ratio < b.ratio;
  });
  std::vector<OptionChange> changes;
  for (const Lesson& lesson : useful) {
    const bool is_settled =
        std::any_of(changes.begin(), changes.end(), [&](const OptionChange& change) { return change.option == lesson.change.option; });
    const bool was_bad_here = std::any_of(lessons.begin(), lessons.end(), [&](const Lesson& other) {
      return other.backend == descriptor.name && other.change == lesson.change && other.ratio > 1.0;
    });
    if (!is_settled && !was_bad_here) changes.push_back(lesson.change);
  }
  Candidate changed = with_changes(candidate, changes);
  if (changed.options == candidate.options) return std::nullopt;
  return changed;
}

std::optional<double> forecast_ms(const Candidate& candidate, const std::vector<Measured>& measured) {
  const auto latency = [&](const std::string& backend, Precision precision) -> std::optional<double> {
    std::optional<double> best;
    for (const Measured& known : measured) {
      if (known.backend == backend && known.precision == precision) best = std::min(best.value_or(known.latency_ms), known.latency_ms);
    }
    return best;
  };
  const std::string& own = candidate.backend.descriptor.name;
  const auto wide = latency(own, Precision::fp32);
  std::optional<double> gain;
  for (const Measured& other : measured) {
    const auto other_wide = latency(other.backend, Precision::fp32);
    if (other.backend == own || other.precision != candidate.precision || !other_wide) continue;
    gain = std::min(gain.value_or(other.latency_ms / *other_wide), other.latency_ms / *other_wide);
  }
  if (!wide || !gain) return std::nullopt;
  return *wide * *gain;
}

}  // namespace podium::search
