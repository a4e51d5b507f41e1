#include "data/share.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace podium::data {
namespace {

constexpr std::size_t part_kept_back = 4;  ///< one input of so many
constexpr std::size_t most_kept_back = 64;

std::set<std::string> contents_of(const InputSet& set) {
  std::set<std::string> contents;
  for (const Sample& sample : set.samples) contents.insert(content_hash(sample));
  return contents;
}

/// The samples of `all` that are not among `judged`, by content.
InputSet all_but(const InputSet& all, const std::set<std::string>& judged) {
  InputSet rest{all.inputs, {}, {}, all.real};
  for (std::size_t i = 0; i < all.samples.size(); ++i) {
    if (judged.contains(content_hash(all.samples[i]))) continue;
    rest.samples.push_back(all.samples[i]);
    if (i < all.sources.size()) rest.sources.push_back(all.sources[i]);
  }
  return rest;
}

/// The samples of `rest` after those of `kept_back`.
InputSet joined(InputSet kept_back, InputSet rest, const InputSet& all) {
  std::move(rest.samples.begin(), rest.samples.end(), std::back_inserter(kept_back.samples));
  std::move(rest.sources.begin(), rest.sources.end(), std::back_inserter(kept_back.sources));
  kept_back.labels.reset();
  kept_back.available = kept_back.samples.size();
  kept_back.description = fmt::format("{} of {}, for calibration", kept_back.samples.size(), all.description);
  return kept_back;
}

tl::unexpected<Error> too_few(std::size_t different) {
  return fail(ErrorCode::unsupported,
              fmt::format("it takes {} different inputs to find ranges from and {} others to judge answers by, and the data hold {}",
                          fewest_to_calibrate_with, fewest_to_judge_by, different),
              "give inputs to calibrate with by --calibrate, or more of them in --data");
}

}  // namespace

Result<Split> share(InputSet judged, const InputSet& all, std::uint64_t seed) {
  const std::set<std::string> contents = contents_of(judged);
  InputSet rest = all_but(all, contents);
  const std::size_t left = contents_of(rest).size();
  if (left >= fewest_to_calibrate_with) return Split{joined({judged.inputs, {}, {}, judged.real}, std::move(rest), all), std::move(judged)};
  const std::size_t wanting = fewest_to_calibrate_with - left;
  const std::size_t kept_back = std::max(wanting, std::min(judged.samples.size() / part_kept_back, most_kept_back));
  auto parts = split(judged, kept_back, seed);
  const bool is_enough =
      parts && contents_of(parts->calibration).size() >= wanting && contents_of(parts->test).size() >= fewest_to_judge_by;
  if (!is_enough) return too_few(contents.size() + left);
  return Split{joined(std::move(parts->calibration), std::move(rest), all), std::move(parts->test)};
}

}  // namespace podium::data
