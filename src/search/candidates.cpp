#include "search/candidates.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "core/text.h"

namespace podium::search {
namespace {

using backend::Registered;
using Choices = std::map<std::string, std::string>;  // option → value as typed

std::vector<std::string> names_of(const std::vector<Registered>& registry) {
  std::vector<std::string> names;
  for (const Registered& entry : registry) names.push_back(entry.descriptor.name);
  return names;
}

/// Every backend that runs on such a device and that default runs include.
Result<std::vector<Registered>> default_backends(const std::vector<Registered>& registry, const std::string& device_kind) {
  std::vector<Registered> chosen;
  std::copy_if(registry.begin(), registry.end(), std::back_inserter(chosen), [&](const Registered& entry) {
    const auto& kinds = entry.descriptor.device_kinds;
    return entry.descriptor.bundled_in_default_runs && std::find(kinds.begin(), kinds.end(), device_kind) != kinds.end();
  });
  if (!chosen.empty() || registry.empty()) return chosen;
  return fail(ErrorCode::unavailable, fmt::format("no backend of this build runs on {}", device_kind),
              "'podium doctor' tells what each needs; or use --device cpu");
}

Result<std::vector<Registered>> chosen_backends(const std::vector<Registered>& registry, const std::vector<std::string>& wanted,
                                                const std::string& device_kind) {
  if (wanted.empty()) return default_backends(registry, device_kind);
  std::vector<Registered> chosen;
  for (const std::string& name : wanted) {
    const auto found =
        std::find_if(registry.begin(), registry.end(), [&](const Registered& entry) { return entry.descriptor.name == name; });
    if (found == registry.end()) {
      const std::vector<std::string> known = names_of(registry);
      return fail(ErrorCode::wrong_use, fmt::format("--backends: there is no backend '{}'{}", printable(name), did_you_mean(name, known)),
                  fmt::format("choose from {}; 'podium doctor' tells what each needs", join(known, ", ")));
    }
    const bool listed = std::any_of(chosen.begin(), chosen.end(), [&](const Registered& entry) { return entry.descriptor.name == name; });
    if (!listed) chosen.push_back(*found);
  }
  return chosen;
}

/// What a backend has on other devices only is none of a candidate's business.
Result<std::vector<Registered>> backends_on(const std::vector<Registered>& registry, const CandidateRequest& request) {
  auto chosen = chosen_backends(registry, request.backends, request.device_kind);
  if (!chosen) return chosen;
  for (Registered& entry : *chosen) entry.descriptor = backend::on_device_kind(std::move(entry.descriptor), request.device_kind);
  return chosen;
}

/// Splits "BACKEND.OPTION" and checks that both are known and that the backend takes part.
Result<void> check_option_name(const std::string& key, const std::vector<Registered>& registry, const std::vector<Registered>& chosen) {
  const auto dot = key.find('.');
  const std::string backend_name = key.substr(0, dot);
  const std::string option_name = dot == std::string::npos ? "" : key.substr(dot + 1);
  const auto is_named = [&](const Registered& entry) { return entry.descriptor.name == backend_name; };
  const auto found = std::find_if(registry.begin(), registry.end(), is_named);
  if (dot == std::string::npos || found == registry.end()) {
    return fail(ErrorCode::wrong_use,
                fmt::format("--set {}: there is no backend '{}'{}", printable(key), printable(backend_name),
                            did_you_mean(backend_name, names_of(registry))),
                "write --set BACKEND.OPTION=VALUE; 'podium doctor --options' lists every option");
  }
  if (std::none_of(chosen.begin(), chosen.end(), is_named)) {
    return fail(ErrorCode::wrong_use, fmt::format("--set {}: backend '{}' is not part of this run", key, backend_name),
                fmt::format("add {} to --backends, or leave the option out", backend_name));
  }
  std::vector<std::string> known;
  for (const OptionSpec& option : found->descriptor.options) known.push_back(option.name);
  if (found->launch != backend::Launch::none && std::find(known.begin(), known.end(), option_name) == known.end()) {
    return fail(ErrorCode::wrong_use,
                fmt::format("--set {}: backend '{}' has no option '{}'{}", printable(key), backend_name, printable(option_name),
                            did_you_mean(option_name, known)),
                fmt::format("its options are {}", known.empty() ? "none" : join(known, ", ")));
  }
  return {};
}

/// The cross product of every option's values for one backend.
std::vector<Choices> combinations(const std::string& backend_name, const std::map<std::string, std::vector<std::string>>& option_values) {
  std::vector<Choices> all{Choices{}};
  for (const auto& [key, values] : option_values) {
    const auto dot = key.find('.');
    if (key.substr(0, dot) != backend_name || values.empty()) continue;
    std::vector<Choices> next;
    for (const Choices& so_far : all) {
      for (const std::string& value : values) {
        Choices extended = so_far;
        extended[key.substr(dot + 1)] = value;
        next.push_back(std::move(extended));
      }
    }
    all = std::move(next);
  }
  return all;
}

OptionValues unusual_options(const backend::Descriptor& descriptor, const OptionValues& options) {
  OptionValues unusual;
  for (const OptionSpec& option : descriptor.options) {
    const auto given = options.find(option.name);
    if (given != options.end() && given->second != option.default_value) unusual.insert(*given);
  }
  return unusual;
}

}  // namespace

Result<std::vector<Candidate>> make_candidates(const std::vector<Registered>& registry, const CandidateRequest& request) {
  const auto chosen = backends_on(registry, request);
  if (!chosen) return tl::unexpected(chosen.error());
  for (const auto& [key, values] : request.option_values) {
    if (auto checked = check_option_name(key, registry, *chosen); !checked) return tl::unexpected(checked.error());
  }
  std::vector<Precision> precisions;  // one named twice would make two cells of one id
  for (const Precision precision : request.precisions) {
    if (std::find(precisions.begin(), precisions.end(), precision) == precisions.end()) precisions.push_back(precision);
  }
  std::vector<Candidate> candidates;
  for (const Registered& entry : *chosen) {
    std::vector<OptionValues> seen;  // two spellings of one value make one candidate
    for (const Choices& choices : combinations(entry.descriptor.name, request.option_values)) {
      auto options = backend::resolve_options(entry.descriptor, choices);
      if (!options) return tl::unexpected(options.error());
      if (std::find(seen.begin(), seen.end(), *options) != seen.end()) continue;
      seen.push_back(*options);
      for (const Precision precision : precisions) {
        candidates.push_back({entry, precision, *options, unusual_options(entry.descriptor, *options), 1});
      }
    }
  }
  return candidates;
}

std::string cell_id(const Candidate& candidate, std::int64_t batch, const std::string& device) {
  std::string id = fmt::format("{}/{}/b{}/{}", candidate.backend.descriptor.name, to_string(candidate.precision), batch, device);
  for (const auto& [name, value] : candidate.unusual) id += fmt::format("/{}={}", name, to_string(value));
  if (candidate.copy > 1) id += fmt::format("/copy={}", candidate.copy);
  return id;
}

std::vector<std::size_t> baseline_order(const std::vector<Candidate>& candidates, const std::string& origin) {
  // The engine's own defaults come before a changed option, and the origin's own engine before another.
  const auto preference = [&](std::size_t index) {
    const Candidate& candidate = candidates[index];
    const auto& origins = candidate.backend.descriptor.baseline_for;
    const bool own = std::find(origins.begin(), origins.end(), origin) != origins.end();
    return std::tuple{!own, origins.empty(), candidate.unusual.size(), index};
  };
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].precision == Precision::fp32) order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return preference(a) < preference(b); });
  return order;
}

}  // namespace podium::search
