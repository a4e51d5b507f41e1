#include "data/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "core/sha256.h"
#include "core/text.h"

namespace podium::data {

namespace {

using Indices = std::vector<std::size_t>;

/// Samples that one label is for: two where they are pairs.
std::size_t samples_a_row(const InputSet& set) {
  return set.labels && set.labels->rows() > 0 && set.labels->rows() * 2 <= set.samples.size() ? 2 : 1;
}

std::string name_of(const InputSet& set, std::size_t sample) {
  return sample < set.sources.size() ? set.sources[sample].name : fmt::format("sample {}", sample + 1);
}

/// What tells a sample's content: its own bytes, and its file's where it has one.
std::vector<std::string> hashes_of(const InputSet& set, std::size_t sample) {
  std::vector<std::string> hashes{content_hash(set.samples[sample])};
  if (sample < set.sources.size() && !set.sources[sample].sha256.empty()) hashes.push_back("file " + set.sources[sample].sha256);
  return hashes;
}

/// Rows (samples, or pairs of them) that share content, each with all that it shares with, in order of the first.
class Groups {
 public:
  explicit Groups(const InputSet& set) : unit_(samples_a_row(set)), parent_(set.samples.size() / unit_) {
    for (std::size_t row = 0; row < parent_.size(); ++row) parent_[row] = row;
    std::map<std::string, std::size_t> first;
    for (std::size_t sample = 0; sample < parent_.size() * unit_; ++sample) {
      for (const std::string& hash : hashes_of(set, sample)) join(first.emplace(hash, sample / unit_).first->second, sample / unit_);
    }
  }

  [[nodiscard]] std::vector<Indices> groups() {
    std::map<std::size_t, Indices> by_root;
    for (std::size_t row = 0; row < parent_.size(); ++row) by_root[root(row)].push_back(row);
    std::vector<Indices> all;
    for (auto& [first, rows] : by_root) all.push_back(std::move(rows));
    return all;
  }
  [[nodiscard]] std::size_t unit() const noexcept { return unit_; }

 private:
  std::size_t root(std::size_t row) {
    while (parent_[row] != row) row = parent_[row] = parent_[parent_[row]];
    return row;
  }
  /// The root is the first row of its group.
  void join(std::size_t a, std::size_t b) {
    const std::size_t first = std::min(root(a), root(b));
    const std::size_t later = std::max(root(a), root(b));
    parent_[later] = first;
  }

  std::size_t unit_;
  Indices parent_;
};

/// The set of these rows, in order.
InputSet part_of(const InputSet& set, Indices rows, std::size_t unit, const std::string& what) {
  std::sort(rows.begin(), rows.end());
  InputSet part{set.inputs, {}, fmt::format("{} of {}, for {}", rows.size() * unit, set.description, what), set.real};
  if (set.labels) part.labels = Labels{{}, set.labels->width, set.labels->are_classes, set.labels->source};
  for (const std::size_t row : rows) {
    for (std::size_t sample = row * unit; sample < (row + 1) * unit; ++sample) {
      part.samples.push_back(set.samples[sample]);
      if (sample < set.sources.size()) part.sources.push_back(set.sources[sample]);
    }
    if (!set.labels) continue;
    const auto begin = set.labels->values.begin() + static_cast<std::ptrdiff_t>(row * set.labels->width);
    part.labels->values.insert(part.labels->values.end(), begin, begin + static_cast<std::ptrdiff_t>(set.labels->width));
  }
  part.available = part.samples.size();
  return part;
}

}  // namespace

std::string content_hash(const Sample& sample) {
  Sha256 hash;
  for (const std::vector<std::byte>& bytes : sample) {
    hash.update(fmt::format("{} ", bytes.size())).update({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  return hash.hex_digest();
}

Result<Split> split(const InputSet& set, std::size_t calibration, std::uint64_t seed) {
  Groups grouped(set);
  std::vector<Indices> groups = grouped.groups();
  std::mt19937_64 engine(seed);
  // Not std::shuffle: its order differs from one standard library to the next.
  for (std::size_t i = groups.size(); i > 1; --i) std::swap(groups[i - 1], groups[engine() % i]);
  Indices first;
  Indices rest;
  for (const Indices& group : groups) {
    Indices& side = first.size() * grouped.unit() < calibration ? first : rest;
    side.insert(side.end(), group.begin(), group.end());
  }
  if (calibration == 0 || rest.empty()) {
    return fail(ErrorCode::wrong_use,
                fmt::format("{} samples ({} of different content) cannot be divided into {} to calibrate with and others to judge by",
                            set.samples.size(), groups.size() * grouped.unit(), calibration),
                "give more samples, fewer to calibrate with, or a set of its own with --calibrate");
  }
  return Split{part_of(set, std::move(first), grouped.unit(), "calibration"), part_of(set, std::move(rest), grouped.unit(), "judging")};
}

Result<void> check_disjoint(const InputSet& calibration, const InputSet& test) {
  std::map<std::string, std::size_t> known;
  for (std::size_t sample = 0; sample < calibration.samples.size(); ++sample) {
    for (std::string& hash : hashes_of(calibration, sample)) known.emplace(std::move(hash), sample);
  }
  constexpr std::size_t most_named = 10;
  std::vector<std::string> named;
  std::size_t shared = 0;
  for (std::size_t sample = 0; sample < test.samples.size(); ++sample) {
    for (const std::string& hash : hashes_of(test, sample)) {
      const auto found = known.find(hash);
      if (found == known.end()) continue;
      const std::string own = printable(name_of(test, sample));
      const std::string other = printable(name_of(calibration, found->second));
      if (++shared <= most_named) named.push_back(own == other ? own : fmt::format("{} (there {})", own, other));
      break;
    }
  }
  if (shared == 0) return {};
  if (shared > most_named) named.push_back(fmt::format("and {} more", shared - most_named));
  return fail(ErrorCode::bad_input, fmt::format("{} of the samples to judge by are also calibrated with: {}", shared, join(named, ", ")),
              "take them out of --calibrate or of --data: a model looks better than it is on what it was calibrated with");
}

}  // namespace podium::data
