#include "api/inputs_apart.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include "core/sha256.h"

namespace podium::api {
namespace {

constexpr std::size_t part_kept_apart = 4;  ///< one of so many

std::string digest_of(const data::Sample& sample) {
  Sha256 hash;
  for (const std::vector<std::byte>& bytes : sample) {
    hash.update(std::to_string(bytes.size()) + ":").update({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  return hash.hex_digest();
}

std::vector<std::string> digests_of(const data::InputSet& set) {
  std::vector<std::string> digests;
  for (const data::Sample& sample : set.samples) digests.push_back(digest_of(sample));
  return digests;
}

std::set<std::string> known_digests(const data::InputSet& set) {
  const std::vector<std::string> digests = digests_of(set);
  return {digests.begin(), digests.end()};
}

/// Each once, in the order in which they come.
std::vector<std::string> different(const std::vector<std::string>& digests) {
  std::set<std::string> seen;
  std::vector<std::string> once;
  std::copy_if(digests.begin(), digests.end(), std::back_inserter(once), [&](const std::string& digest) { return seen.insert(digest).second; });
  return once;
}

/// The same order on every machine: that of std::shuffle is not.
void shuffle(std::vector<std::string>& items, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[engine() % i]);
}

template <typename Wanted>
data::InputSet part_of(const data::InputSet& all, const Wanted& wanted) {
  data::InputSet part{all.inputs, {}, {}, all.real};
  for (std::size_t i = 0; i < all.samples.size(); ++i) {
    if (wanted(i)) part.samples.push_back(all.samples[i]);
  }
  part.description =
      part.samples.size() == all.samples.size() ? all.description : fmt::format("{} of {}", part.samples.size(), all.description);
  return part;
}

}  // namespace

InputsApart keep_apart(const data::InputSet& all, std::uint64_t seed) {
  const std::vector<std::string> digests = digests_of(all);
  std::vector<std::string> once = different(digests);
  shuffle(once, seed);
  const std::size_t count = once.size() < 2 ? 0 : std::max<std::size_t>(1, once.size() / part_kept_apart);
  const std::set<std::string> apart(once.begin(), once.begin() + static_cast<std::ptrdiff_t>(count));
  return {part_of(all, [&](std::size_t i) { return !apart.contains(digests[i]); }),
          part_of(all, [&](std::size_t i) { return apart.contains(digests[i]); })};
}

data::InputSet all_but(const data::InputSet& all, const data::InputSet& judged) {
  const std::set<std::string> known = known_digests(judged);
  return part_of(all, [&](std::size_t i) { return !known.contains(digest_of(all.samples[i])); });
}

Result<void> check_apart(const data::InputSet& calibration, const data::InputSet& judged, const std::string& remedy) {
  const std::set<std::string> known = known_digests(calibration);
  const std::vector<std::string> digests = digests_of(judged);
  const auto both = std::count_if(digests.begin(), digests.end(), [&](const std::string& digest) { return known.contains(digest); });
  if (both == 0) return {};
  return fail(ErrorCode::bad_input,
              fmt::format("{} of the {} inputs that answers are judged on {} among those of calibration ({} and {})", both, digests.size(),
                          both == 1 ? "is" : "are", judged.description, calibration.description),
              remedy);
}

}  // namespace podium::api
