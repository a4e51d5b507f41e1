#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "measure/location.h"
#include "measure/rounds.h"
#include "measure/statistics.h"

namespace podium::measure {
namespace {

/// A mean at one level of the hierarchy, and how far its members alone make it stray.
struct Member {
  double mean = 0.0;
  double error_variance = 0.0;
};

/// Variance between the members of a group beyond what their own errors explain, and not below zero, by the method of moments: the squares
/// between members are expected to be Σ (1 - 1/k)(component + error) in a group of k. Nothing where no group has two members.
std::optional<double> component(const std::vector<std::vector<Member>>& groups) {
  double squares = 0.0;
  double explained = 0.0;
  double degrees = 0.0;
  for (const std::vector<Member>& group : groups) {
    const auto k = static_cast<double>(group.size());
    double mean = 0.0;
    for (const Member& member : group) mean += member.mean / k;
    for (const Member& member : group) {
      squares += (member.mean - mean) * (member.mean - mean);
      explained += (1.0 - 1.0 / k) * member.error_variance;
    }
    degrees += k - 1.0;
  }
  if (degrees < 1.0) return std::nullopt;
  return std::max(0.0, (squares - explained) / degrees);
}

/// The group as a member of the level above: an unweighted mean.
Member mean_of_group(const std::vector<Member>& group, double between) {
  const auto k = static_cast<double>(group.size());
  Member above;
  for (const Member& member : group) {
    above.mean += member.mean / k;
    above.error_variance += (between + member.error_variance) / (k * k);
  }
  return above;
}

std::optional<double> deviation(std::optional<double> variance) {
  return variance ? std::optional(std::sqrt(*variance)) : std::nullopt;
}

std::vector<double> logarithms_of(const Block& block) {
  std::vector<double> logarithms;
  for (const double value : milliseconds_of(block)) {
    if (value > 0.0) logarithms.push_back(std::log(value));
  }
  return logarithms;
}

/// Groups the values of a map by all of its key but the last part.
template <typename Above, typename Key, typename Parent>
std::map<Above, std::vector<Member>> group_by(const std::map<Key, Member>& members, Parent parent) {
  std::map<Above, std::vector<Member>> groups;
  for (const auto& [key, member] : members) groups[parent(key)].push_back(member);
  return groups;
}

template <typename Key>
std::optional<double> component_of(const std::map<Key, std::vector<Member>>& groups) {
  std::vector<std::vector<Member>> values;
  values.reserve(groups.size());
  for (const auto& [key, group] : groups) values.push_back(group);
  return component(values);
}

template <typename Key>
std::map<Key, Member> means_of(const std::map<Key, std::vector<Member>>& groups, std::optional<double> between) {
  std::map<Key, Member> means;
  for (const auto& [key, group] : groups) means[key] = mean_of_group(group, between.value_or(0.0));
  return means;
}

using Launch = std::pair<std::int64_t, std::int64_t>;  // build, launch
using BlockKey = std::pair<Launch, std::size_t>;

}  // namespace

Spread spread_of(std::span<const Block> blocks) {
  std::map<BlockKey, std::vector<double>> samples;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    std::vector<double> logarithms = logarithms_of(blocks[i]);
    if (!logarithms.empty()) samples[{{blocks[i].build, blocks[i].launch}, i}] = std::move(logarithms);
  }
  double squares = 0.0;
  double degrees = 0.0;
  for (const auto& [key, values] : samples) {
    squares += variance_of(values) * static_cast<double>(values.size() - 1);
    degrees += static_cast<double>(values.size() - 1);
  }
  const std::optional<double> within = degrees > 0.0 ? std::optional(squares / degrees) : std::nullopt;
  std::map<BlockKey, Member> block_means;
  for (const auto& [key, values] : samples) {
    block_means[key] = {mean_of(values), within.value_or(0.0) / static_cast<double>(values.size())};
  }
  const auto by_launch = group_by<Launch>(block_means, [](const BlockKey& key) { return key.first; });
  const std::optional<double> between_blocks = component_of(by_launch);
  const auto by_build = group_by<std::int64_t>(means_of(by_launch, between_blocks), [](const Launch& key) { return key.first; });
  const std::optional<double> between_launches = component_of(by_build);
  const auto all = group_by<int>(means_of(by_build, between_launches), [](std::int64_t) { return 0; });
  return {deviation(within), deviation(between_blocks), deviation(between_launches), deviation(component_of(all))};
}

}  // namespace podium::measure
